"""``lfhpe study``."""

import csv
import json
from pathlib import Path

import pytest

from lfhpe_mmpose.study import command

from .calling import write_tiny_cfg

STUDY = """
base = 'tiny.py'
split = 'synthetic val'
options = {
    'train_dataloader.dataset.indices': 16,
    'val_evaluator': [dict(type='KeypointErrorMetric'), dict(type='KeypointCategoryMetric')],
}
recipes = dict(ours=dict(note='all of it'))
runs = [dict(recipes=['ours'], fractions=[0, 1], views=[2], seeds=[0])]
"""
NAMES = ['ours_loc0_v2_s0', 'ours_loc100_v2_s0']


@pytest.fixture(scope='module')
def folder(tmp_path_factory, people) -> Path:
    """A folder with a study of two short runs."""
    folder = tmp_path_factory.mktemp('study')
    write_tiny_cfg(folder, people)
    (folder / 'mine.py').write_text(STUDY)
    return folder


class TestStudy:
    """A study from the first run to the table."""

    def test_trains_and_continues(self, folder, lfhpe, monkeypatch):
        """--only trains one run; the next call trains the other one and adds its row."""
        monkeypatch.chdir(folder)
        one = lfhpe('study', 'mine.py', '--only', '*_loc100_*', '--device', 'box')
        assert one.status == 0, one.out + one.err[-3000:]
        out = folder / 'work_dirs' / 'mine'
        assert sorted(path.name for path in out.glob('ours*')) == NAMES[1:]
        assert '1 runs, 0 of them done' in one.out and f'{NAMES[1]}: done' in one.out
        assert '1 of 2 runs' in one.out
        result = out / NAMES[1] / 'result.json'
        metrics, written = json.loads(result.read_text())['metrics'], result.stat().st_mtime_ns

        both = lfhpe('study', 'mine.py', '--table', 'tables/all', '--device', 'box')
        assert both.status == 0, both.out + both.err[-3000:]
        assert '2 runs, 1 of them done' in both.out and '2 of 2 runs' in both.out
        assert f'{NAMES[1]}: started' not in both.out
        assert result.stat().st_mtime_ns == written
        with (folder / 'tables' / 'all.csv').open() as file:
            rows = list(csv.DictReader(file))
        assert [row['location_fraction'] for row in rows] == ['0.0', '1.0']
        assert {(row['split'], row['views_per_person'], row['device']) for row in rows} == {
            ('synthetic val', '2', 'box')
        }
        assert float(rows[1]['pck_0.2']) == pytest.approx(metrics['keypoint/PCK@0.2'], abs=1e-4)
        assert all(0 < float(row['tag_map']) <= 1 for row in rows)
        text = (folder / 'tables' / 'all.md').read_text()
        assert '|ours|100%|2|28|1|' in text.replace(' ', '') and '- `ours`: all of it' in text
        for name in ('fractions', 'keypoints'):
            assert f'plot: {Path("tables") / f"all_{name}.svg"}' in both.out
            assert (folder / 'tables' / f'all_{name}.svg').is_file()
        assert not (folder / 'tables' / 'all_questions.svg').exists()


def finish(out: Path, name: str) -> None:
    """Write the result of a run."""
    (out / name).mkdir(parents=True)
    content = dict(metrics={'keypoint/PCK@0.2': 0.5}, minutes=1.0)
    (out / name / 'result.json').write_text(json.dumps(content))


class TestOptions:
    """What trains nothing."""

    def test_list(self, folder, lfhpe, tmp_path):
        """--list names the runs and tells which are done, of those that --only chooses."""
        finish(tmp_path / 'out', NAMES[1])
        arguments = (folder / 'mine.py', '--list', '--out', 'out')
        done = lfhpe('study', *arguments)
        assert done.status == 0 and done.out.splitlines() == [NAMES[0], f'{NAMES[1]} (done)']
        assert lfhpe('study', *arguments, '--only', '*loc0*').out.splitlines() == NAMES[:1]
        (tmp_path / 'mine.csv').write_text(f'run\n{NAMES[0]}\n')
        text = lfhpe('study', *arguments, '--table', 'mine').out
        assert text.splitlines() == [f'{NAMES[0]} (done)', f'{NAMES[1]} (done)']
        (tmp_path / 'mine.csv').unlink()
        assert [path.name for path in tmp_path.rglob('*.*')] == ['result.json']

    def test_no_train(self, folder, lfhpe, tmp_path):
        """--no-train writes the tables of what is done, named after the study if not said."""
        out = tmp_path / 'work_dirs' / 'mine'
        finish(out, NAMES[1])
        done = lfhpe('study', folder / 'mine.py', '--no-train', '--device', 'box')
        assert done.status == 0 and '1 of 2 runs' in done.out
        assert not (out / NAMES[0]).exists()
        assert {path.name for path in out.glob('results*')} == {'results.csv', 'results.md'}


class TestMistakes:
    """Status 2 and a message alone."""

    def test_wrong_study(self, folder, lfhpe, tmp_path):
        """A wrong entry is named with its file, and nothing is written."""
        path = tmp_path / 'wrong.py'
        path.write_text(STUDY.replace('fractions=[0, 1]', 'fractions=[25]'))
        done = lfhpe('study', path)
        assert done.status == 2 and f'{path}: runs[0]' in done.err and 'got 25' in done.err
        assert not (tmp_path / 'work_dirs').exists()

    def test_nothing_chosen(self, folder, lfhpe):
        """A pattern that no run has."""
        done = lfhpe('study', folder / 'mine.py', '--only', 'theirs_*')
        assert done.status == 2 and 'theirs_*' in done.err and '--list' in done.err

    def test_failed_runs(self, folder, lfhpe, tmp_path, monkeypatch):
        """Failed runs are named at the end, after the tables of the others."""

        def train(plan, out, jobs, say, device, recorded):
            assert jobs == 2
            finish(out, NAMES[1])
            return NAMES[:1]

        monkeypatch.setattr(command, 'run_study', train)
        done = lfhpe('study', folder / 'mine.py', '--out', 'out', '--jobs', 2)
        assert done.status == 2 and NAMES[0] in done.err and 'train.log' in done.err
        assert len((tmp_path / 'out' / 'results.csv').read_text().splitlines()) == 2
