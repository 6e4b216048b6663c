"""Tests of the tables of a study."""

import json
import math

from lfhpe_mmpose.study import COLUMNS, collect_rows, write_tables
from lfhpe_mmpose.study.tables import group_seeds


def metrics(pck=0.5, **changes) -> dict:
    """Metrics of a run as MMEngine writes them."""
    return {
        'keypoint/PCK@0.1': pck / 2,
        'keypoint/PCK@0.2': pck,
        'keypoint/swap_rate': 0.25,
        'category/mAP': 2 / 3,
        'keypoint/PCK@0.1_head': 0.125,
        'keypoint/PCK@0.1_knee': 0.25,
        'keypoint/PCK@0.2_head': 0.5,
        'keypoint/PCK@0.2_knee': 0.123456,
        **changes,
    }


def finish(out, name, minutes=1.5, **changes) -> None:
    """Write the result of a run."""
    (out / name).mkdir(parents=True)
    content = dict(metrics=metrics(**changes), minutes=minutes)
    (out / name / 'result.json').write_text(json.dumps(content))


class TestRows:
    """What is known of each run."""

    def test_by_hand(self, plan, tmp_path):
        """Each column of a finished run; unfinished ones have no row."""
        runs = plan(fractions=[0.25], views=[4, 'unlimited', 2])
        finish(tmp_path, 'a_loc25_v4_s0')
        finish(tmp_path, 'a_loc25_vunlimited_s0', **{'category/mAP': math.nan})
        rows = collect_rows(runs, tmp_path, 'some box')
        assert [row['name'] for row in rows] == ['a_loc25_v4_s0', 'a_loc25_vunlimited_s0']
        first = {column: rows[0][column] for column in COLUMNS}
        command = f'python tools/study.py {runs.path} --only a_loc25_v4_s0'
        assert first == {
            'recipe': 'a',
            'backbone': 'StagedResNet-18 stages 1-3',
            'location_fraction': 0.25,
            'views_per_person': 4,
            'tag_questions_per_person': 56,
            'seed': 0,
            'split': 'tiny val',
            'pck_0.1': 0.25,
            'pck_0.2': 0.5,
            'tag_map': 0.66667,
            'swap_rate': 0.25,
            'minutes': 1.5,
            'device': 'some box',
            'command': command,
        }
        assert rows[1]['tag_questions_per_person'] == rows[1]['views_per_person'] == 'unlimited'
        assert rows[1]['tag_map'] == ''
        assert rows[0]['metrics'] == metrics()

    def test_device_of_the_result(self, plan, tmp_path):
        """A result that names its machine keeps it, whoever makes the table."""
        runs = plan(fractions=[0.25], views=[4, 2])
        finish(tmp_path, 'a_loc25_v4_s0')
        finish(tmp_path, 'a_loc25_v2_s0')
        path = tmp_path / 'a_loc25_v2_s0' / 'result.json'
        path.write_text(json.dumps(dict(json.loads(path.read_text()), device='mine')))
        rows = collect_rows(runs, tmp_path, 'some box')
        assert [row['device'] for row in rows] == ['some box', 'mine']

    def test_other_model(self, plan, tmp_path):
        """A backbone without depth, a head without tags."""
        runs = plan(
            'a=dict(options={"model.backbone": dict(_delete_=True, type="HRNet"), '
            '"model.head.out_channels": 17})'
        )
        finish(tmp_path, 'a_loc0_v1_s0')
        content = json.loads((tmp_path / 'a_loc0_v1_s0' / 'result.json').read_text())
        del content['metrics']['category/mAP']
        (tmp_path / 'a_loc0_v1_s0' / 'result.json').write_text(json.dumps(content))
        (row,) = collect_rows(runs, tmp_path, '')
        assert row['backbone'] == 'HRNet' and row['tag_map'] == ''
        assert row['tag_questions_per_person'] == 17

    def test_groups(self, plan, tmp_path):
        """Runs that differ by the seed alone belong together."""
        runs = plan('a=dict(), b=dict()', seeds=[0, 1], views=[1, 4])
        for run in runs.runs:
            finish(tmp_path, run.name)
        groups = group_seeds(collect_rows(runs, tmp_path, ''))
        assert [[row['name'] for row in group] for group in groups] == [
            [f'{recipe}_loc0_v{views}_s{seed}' for seed in (0, 1)]
            for recipe in 'ab'
            for views in (1, 4)
        ]


class TestFiles:
    """What is written."""

    def write(self, plan, tmp_path, notes=None, **axes):
        """Finish all runs of a plan, with rising PCK, and write the tables."""
        runs = plan(**axes)
        for i, run in enumerate(runs.runs):
            finish(tmp_path / 'out', run.name, minutes=1 + i, pck=0.5 + i / 10)
        path = tmp_path / 'tables' / 'result_0.5'
        write_tables(collect_rows(runs, tmp_path / 'out', 'box, 2 cores'), path, notes or {})
        return path, runs

    def test_csv(self, plan, tmp_path):
        """A line a run, with the columns in their order; commas are quoted."""
        path, runs = self.write(plan, tmp_path, fractions=[0, 0.25])
        lines = path.with_name('result_0.5.csv').read_bytes().decode().split('\n')
        assert lines[0] == (
            'recipe,backbone,location_fraction,views_per_person,tag_questions_per_person,seed,'
            'split,pck_0.1,pck_0.2,tag_map,swap_rate,minutes,device,command'
        )
        assert lines[0].split(',') == list(COLUMNS)
        assert lines[2] == (
            'a,StagedResNet-18 stages 1-3,0.25,1,14,0,tiny val,0.3,0.6,0.66667,0.25,2,'
            f'"box, 2 cores",python tools/study.py {runs.path} --only a_loc25_v1_s0'
        )
        assert lines[3:] == ['']

    def test_keypoints(self, plan, tmp_path):
        """Two lines a run: PCK of each keypoint at both thresholds."""
        path, _ = self.write(plan, tmp_path, fractions=[0, 0.25])
        assert path.with_name('result_0.5_keypoints.csv').read_text().splitlines() == [
            'run,threshold,head,knee',
            'a_loc0_v1_s0,0.1,0.125,0.25',
            'a_loc0_v1_s0,0.2,0.5,0.1235',
            'a_loc25_v1_s0,0.1,0.125,0.25',
            'a_loc25_v1_s0,0.2,0.5,0.1235',
        ]

    def test_markdown(self, plan, tmp_path):
        """Seeds share a line, with mean and deviation; recipes in use are explained."""
        notes = dict(a='the first', b='the second', c='not here')
        path, _ = self.write(
            plan, tmp_path, notes, recipes='a=dict(), b=dict()', seeds=[0, 1], fractions=[0.05]
        )
        lines = path.with_name('result_0.5.md').read_text().split('\n')
        assert lines[0].startswith('| recipe | located | views | questions a person | seeds |')
        assert {line.count('|') for line in lines[:4]} == {11}
        # 0.5 and 0.6: their deviation is 0.1 / sqrt(2).
        assert lines[2] == (
            '| a | 5% | 1 | 14 | 2 | 0.275 ± 0.035 | 0.550 ± 0.071 '
            '| 0.667 ± 0.000 | 0.250 ± 0.000 | 1.5 |'
        )
        assert lines[3].startswith('| b | 5% |')
        assert lines[4:] == ['', '- `a`: the first', '- `b`: the second', '']

    def test_one_seed(self, plan, tmp_path):
        """One seed has no deviation, and nothing to explain no list."""
        path, _ = self.write(plan, tmp_path)
        lines = path.with_name('result_0.5.md').read_text().split('\n')
        assert lines[2] == '| a | 0% | 1 | 14 | 1 | 0.250 | 0.500 | 0.667 | 0.250 | 1.0 |'
        assert lines[3:] == ['']

    def test_names(self, plan, tmp_path):
        """Three files, whose names start with the whole name that was given."""
        path, _ = self.write(plan, tmp_path)
        assert sorted(p.name for p in path.parent.iterdir()) == [
            'result_0.5.csv',
            'result_0.5.md',
            'result_0.5_keypoints.csv',
        ]
