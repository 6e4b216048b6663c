"""Tests of the tables of a study."""

import json
import math

import pandas as pd
import pytest

from lfhpe_mmpose.study import COLUMNS, collect_rows, read_rows, write_tables
from lfhpe_mmpose.study.tables import format_markdown

EMPTY = pd.DataFrame(columns=[*COLUMNS])


def finish(out, name, minutes=1.5, pck=0.5, device='', **changes) -> None:
    """Write the result of a run, with metrics as MMEngine writes them."""
    (out / name).mkdir(parents=True)
    metrics = {
        'keypoint/PCK@0.1': pck / 2,
        'keypoint/PCK@0.2': pck,
        'keypoint/swap_rate': 0.25,
        'category/mAP': 2 / 3,
        'keypoint/PCK@0.1_head': 0.125,
        'keypoint/PCK@0.2_head': 0.123456,
        **changes,
    }
    metrics = {key: value for key, value in metrics.items() if value is not None}
    content = dict(metrics=metrics, minutes=minutes, device=device)
    (out / name / 'result.json').write_text(json.dumps(content))


class TestRows:
    """What is known of each run."""

    def test_by_hand(self, plan, tmp_path):
        """Each column of a finished run; unfinished ones have no row."""
        runs = plan(fractions=[0.25], views=[4, 'unlimited', 2])
        finish(tmp_path, 'a_loc25_v4_s0')
        finish(tmp_path, 'a_loc25_vunlimited_s0', device='mine', **{'category/mAP': math.nan})
        rows = collect_rows(runs, tmp_path, 'some box', EMPTY)
        assert list(rows) == [*COLUMNS, 'pck_0.1_head', 'pck_0.2_head']
        first, second = rows.to_dict('records')
        assert first == {
            'run': 'a_loc25_v4_s0',
            'recipe': 'a',
            'backbone': 'StagedResNet-18 stages 1-3',
            'location_fraction': 0.25,
            'views_per_person': '4',
            'tag_questions_per_person': '56',
            'seed': 0,
            'split': 'tiny val',
            'pck_0.1': 0.25,
            'pck_0.2': 0.5,
            'tag_map': 0.66667,
            'swap_rate': 0.25,
            'minutes': 1.5,
            'device': 'some box',
            'pck_0.1_head': 0.125,
            'pck_0.2_head': 0.1235,
        }
        assert second['tag_questions_per_person'] == second['views_per_person'] == 'unlimited'
        # A result that names its machine keeps it, whoever makes the table.
        assert math.isnan(second['tag_map']) and second['device'] == 'mine'

    def test_other_model(self, plan, tmp_path):
        """A backbone without depth, a head without tags."""
        runs = plan(
            'a=dict(options={"model.backbone": dict(_delete_=True, type="HRNet"), '
            '"model.head.out_channels": 17})'
        )
        finish(tmp_path, 'a_loc0_v1_s0', **{'category/mAP': None})
        (row,) = collect_rows(runs, tmp_path, '', EMPTY).to_dict('records')
        assert row['backbone'] == 'HRNet' and math.isnan(row['tag_map'])
        assert row['tag_questions_per_person'] == '17'

    def test_recorded_rows(self, plan, tmp_path):
        """Rows in the plan's order: a result replaces a recorded row, no record is lost."""
        runs = plan(seeds=[0, 1, 2, 3])
        for seed in (0, 2):
            finish(tmp_path / 'old', f'a_loc0_v1_s{seed}')
        recorded = collect_rows(runs, tmp_path / 'old', 'old box', EMPTY)
        finish(tmp_path / 'new', 'a_loc0_v1_s1')
        finish(tmp_path / 'new', 'a_loc0_v1_s2', pck=0.75)
        rows = collect_rows(plan(seeds=[1, 2]), tmp_path / 'new', 'new box', recorded)
        assert list(rows['run'].str[-1]) == ['1', '2', '0']
        assert list(rows['device']) == ['new box', 'new box', 'old box']
        assert list(rows['pck_0.2']) == [0.5, 0.75, 0.5]

    def test_read_again(self, plan, tmp_path):
        """What was written is read again; no file means no rows."""
        finish(tmp_path, 'a_loc0_v1_s0', **{'category/mAP': math.nan})
        rows = collect_rows(plan(), tmp_path, 'box, 2 cores', EMPTY)
        write_tables(rows, tmp_path / 'result_0.5', {})
        pd.testing.assert_frame_equal(read_rows(tmp_path / 'result_0.5'), rows)
        assert list(read_rows(tmp_path / 'other')) == [*COLUMNS]


class TestFiles:
    """What is written."""

    @pytest.fixture
    def write(self, plan, tmp_path):
        """Finish all runs of a plan, with rising PCK, and write the tables."""

        def make(notes=(), **axes):
            runs = plan(**axes)
            for i, run in enumerate(runs.runs):
                finish(tmp_path / 'out', run.name, minutes=1 + i, pck=0.5 + i / 10)
            path = tmp_path / 'tables' / 'result_0.5'
            rows = collect_rows(runs, tmp_path / 'out', 'box, 2 cores', EMPTY)
            write_tables(rows, path, dict(notes))
            # The names start with the whole name that was given.
            assert {p.name for p in path.parent.iterdir()} == {
                'result_0.5.csv',
                'result_0.5.md',
            }
            return [
                (path.parent / f'result_0.5{s}').read_bytes().decode() for s in ('.csv', '.md')
            ]

        return make

    def test_csv(self, write):
        """A line per run; commas are quoted."""
        text, _ = write(fractions=[0, 0.25])
        head, _, last, end = text.split('\n')
        assert head == ','.join([*COLUMNS, 'pck_0.1_head', 'pck_0.2_head'])
        assert last == (
            'a_loc25_v1_s0,a,StagedResNet-18 stages 1-3,0.25,1,14,0,tiny val,0.3,0.6,0.66667,0.25,'
            '2,"box, 2 cores",0.125,0.1235'
        )
        assert end == ''

    def test_markdown(self, write):
        """Seeds share a line, with mean and deviation; recipes in use are explained."""
        notes = dict(a='the first', b='the second', c='not here')
        _, text = write(notes, recipes='a=dict(), b=dict()', seeds=[0, 1], fractions=[0.05])
        lines = text.split('\n')
        cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines[:4]]
        assert cells[0][:5] == ['recipe', 'located', 'views', 'questions a person', 'seeds']
        # 0.5 and 0.6: their deviation is 0.1 / sqrt(2).
        assert cells[2] == [
            *('a', '5%', '1', '14', '2', '0.275 ± 0.035', '0.550 ± 0.071'),
            *('0.667 ± 0.000', '0.250 ± 0.000', '1.5'),
        ]
        assert cells[3][:2] == ['b', '5%']
        assert lines[4:] == ['', '- `a`: the first', '- `b`: the second', '']

    def test_several_machines(self, plan, tmp_path):
        """Minutes of one machine are not averaged with those of another; the table names both."""
        runs = plan('a=dict(), b=dict()', seeds=[0, 1])
        for i, (run, device) in enumerate(zip(runs.runs, ('cpu', 'gpu', 'gpu', 'gpu'))):
            finish(tmp_path, run.name, minutes=1 + i, device=device)
        text = format_markdown(collect_rows(runs, tmp_path, '', EMPTY), {})
        ends = [[cell.strip() for cell in line.split('|')[-3:-1]] for line in text.split('\n')[:4]]
        assert ends[0] == ['minutes', 'machine']
        assert ends[2:] == [['', 'cpu and gpu'], ['3.5', 'gpu']]

    def test_one_seed(self, write):
        """One seed has no deviation, and nothing to explain no list."""
        lines = write()[1].split('\n')
        cells = lines[2].replace(' ', '')
        assert cells == '|a|0%|1|14|1|0.250|0.500|0.667|0.250|1.0|'
        assert lines[3:] == ['']
