"""Tests of training the runs of a study, with a script that only writes what MMEngine would."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.study import execute, run_study
from tests.refusal import refuses

# Does what `experiment_name` of the config says.
SCRIPT = """
import json, os, runpy, sys, time
from pathlib import Path

cfg, folder = runpy.run_path(sys.argv[1]), Path(sys.argv[3])
text = json.dumps(dict(argv=sys.argv[1:], threads=os.environ['OMP_NUM_THREADS'], pid=os.getpid()))
(folder / 'called.tmp').write_text(text)
(folder / 'called.tmp').rename(folder / 'called.json')
print('it', cfg['experiment_name'])
if cfg['experiment_name'] == 'waits':
    time.sleep(120)
if cfg['experiment_name'] == 'meets':
    end = time.monotonic() + 60
    while len(list(folder.parent.glob('*/called.json'))) < 2:
        if time.monotonic() > end:
            sys.exit(4)
        time.sleep(0.05)
if cfg['experiment_name'] != 'nothing':
    log = folder / '20240101_000000' / 'vis_data' / 'scalars.json'
    log.parent.mkdir(parents=True)
    lines = [dict(loss=1.0, time=30.0, step=2), dict(loss=0.5, time=60.0, step=4)]
    lines += [{'keypoint/PCK@0.2': cfg['randomness']['seed'] / 10, 'step': 1}]
    log.write_text('\\n'.join(map(json.dumps, lines)))
if cfg['experiment_name'] == 'fails':
    sys.exit(3)
"""


@pytest.fixture
def script(tmp_path, monkeypatch) -> Path:
    """The script in place of ``lfhpe train``; configs are not checked."""
    monkeypatch.setattr(execute, 'check_before_run', lambda cfg, mode: None)
    path = tmp_path / 'train.py'
    path.write_text(SCRIPT)
    monkeypatch.setattr(execute, 'TRAIN', (sys.executable, str(path)))
    return path


def does(**recipes) -> str:
    """Recipes by what their training does."""
    return ', '.join(f'{k}=dict(options=dict(experiment_name={v!r}))' for k, v in recipes.items())


def result(out, name) -> dict:
    """The result of a run."""
    return json.loads((out / name / 'result.json').read_text())


class TestRunStudy:
    """Runs one after another."""

    def test_runs(self, plan, script, tmp_path, monkeypatch):
        """Each is trained by the script, in a folder of its own, with log and result."""
        monkeypatch.setattr(execute, 'usable_cores', lambda: 8)
        monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
        out, said = tmp_path / 'out', []
        study = plan(does(a='fine'), seeds=[3, 4])
        assert run_study(study, out, say=said.append, device='a clock') == []
        for seed in (3, 4):
            folder = out / f'a_loc0_v1_s{seed}'
            called = json.loads((folder / 'called.json').read_text())
            assert called['argv'] == [
                str(folder / 'config.py'), '--work-dir', str(folder), '--resume'
            ]  # fmt: skip
            assert called['threads'] == '8'
            assert (folder / 'train.log').read_text() == 'it fine\n'
            metrics = {'keypoint/PCK@0.2': seed / 10}
            assert result(out, folder.name) == dict(metrics=metrics, minutes=3.0, device='a clock')
        assert said[0] == f'2 runs, 0 of them done: {out}'
        assert said[1] == 'a: checking config and data'
        assert 'a_loc0_v1_s3: started' in said[2] and 'train.log' in said[2]
        assert 'a_loc0_v1_s3: done in' in said[3] and 'left' in said[3]

    def test_done_runs_are_skipped(self, plan, script, tmp_path):
        """A run with a result or on record is not trained again; one without is."""
        out, said = tmp_path / 'out', []
        (out / 'a_loc0_v1_s0').mkdir(parents=True)
        (out / 'a_loc0_v1_s0' / 'result.json').write_text('{}')
        (out / 'a_loc0_v1_s1').mkdir()
        study = plan(does(a='fine'), seeds=[0, 1, 2])
        assert run_study(study, out, say=said.append, recorded=['a_loc0_v1_s2']) == []
        assert not (out / 'a_loc0_v1_s2').exists()
        assert result(out, 'a_loc0_v1_s0') == {}
        assert not (out / 'a_loc0_v1_s0' / 'called.json').exists()
        assert result(out, 'a_loc0_v1_s1')['minutes'] == 3.0
        assert said[0] == f'3 runs, 2 of them done: {out}'

    def test_failed_runs_are_reported(self, plan, script, tmp_path):
        """A run that fails, metrics or not, or ends without them is named; the others go on."""
        out, said = tmp_path / 'out', []
        recipes = does(a='fails', b='nothing', c='fine')
        assert run_study(plan(recipes), out, say=said.append) == [
            'a_loc0_v1_s0',
            'b_loc0_v1_s0',
        ]
        assert [path.parent.name for path in out.glob('*/result.json')] == ['c_loc0_v1_s0']
        failed = [line for line in said if 'FAILED' in line]
        assert len(failed) == 2
        assert 'a_loc0_v1_s0: FAILED with status 3' in failed[0] and 'train.log' in failed[0]
        assert 'no metrics (delete its folder' in failed[1]

    def test_several_at_a_time(self, plan, script, tmp_path, monkeypatch):
        """Two jobs run side by side, and share the threads."""
        monkeypatch.setattr(execute, 'usable_cores', lambda: 8)
        monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
        out = tmp_path / 'out'
        assert run_study(plan(does(a='meets'), seeds=[0, 1]), out, jobs=2) == []
        called = json.loads((out / 'a_loc0_v1_s1' / 'called.json').read_text())
        assert called['threads'] == '4'

    def test_threads_that_the_user_has_set(self, plan, script, tmp_path, monkeypatch):
        """OMP_NUM_THREADS decides: other studies may be at work on the same cores."""
        monkeypatch.setattr(execute, 'usable_cores', lambda: 8)
        monkeypatch.setenv('OMP_NUM_THREADS', '1')
        out = tmp_path / 'out'
        assert run_study(plan(does(a='fine'), seeds=[0]), out) == []
        called = json.loads((out / 'a_loc0_v1_s0' / 'called.json').read_text())
        assert called['threads'] == '1'

    def test_interrupt(self, plan, script, tmp_path):
        """Ctrl-C ends the training in progress, and no other starts."""
        out, said = tmp_path / 'out', []
        first, second = (out / f'a_loc0_v1_s{i}' / 'called.json' for i in (0, 1))

        def press():
            while not first.exists():
                time.sleep(0.02)
            os.kill(os.getpid(), signal.SIGINT)

        # A test that runs in the background inherits that the signal is ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            threading.Thread(target=press, daemon=True).start()
            start = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                run_study(plan(does(a='waits'), seeds=[0, 1]), out, say=said.append)
        finally:
            signal.signal(signal.SIGINT, before)
        assert time.monotonic() - start < 100
        with pytest.raises(ProcessLookupError):
            os.kill(json.loads(first.read_text())['pid'], 0)
        assert not second.exists() and not list(out.glob('*/result.json'))
        assert len(said) == 3 and 'a_loc0_v1_s0: started' in said[2]

    def test_run_of_another_process(self, plan, script, tmp_path):
        """A run that is being trained already is left alone; it can be taken up afterwards."""
        out, said = tmp_path / 'out', []
        folder = out / 'a_loc0_v1_s0'
        code = 'from lfhpe_mmpose.files.writing import lock_folder; import sys\n'
        code += 'with lock_folder(sys.argv[1]): print(flush=True); sys.stdin.read()'
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with subprocess.Popen([sys.executable, '-c', code, str(folder)], **pipes) as other:
            other.stdout.readline()
            assert run_study(plan(does(a='fine')), out, say=said.append) == [folder.name]
            assert not (folder / 'called.json').exists()
            assert f'busy (process {other.pid} on' in said[-1]
            other.communicate()
        assert run_study(plan(does(a='fine')), out) == []


class TestMistakes:
    """Found before anything is trained or written."""

    def test_check(self, plan, script, tmp_path, monkeypatch):
        """One run of each recipe is checked; a mistake in the last leaves nothing behind."""
        checked = []

        def check(cfg, mode):
            checked.append((cfg.experiment_name, mode))
            if cfg.experiment_name == 'wrong':
                raise UserError('no-data')

        monkeypatch.setattr(execute, 'check_before_run', check)
        with refuses('no-data'):
            run_study(plan(does(a='fine', b='wrong'), seeds=[0, 1]), tmp_path / 'out')
        assert checked == [('fine', 'train'), ('wrong', 'train')]
        assert not (tmp_path / 'out').exists()

    def test_jobs(self, plan, script, tmp_path):
        """No job at all."""
        with refuses('option', '--jobs'):
            run_study(plan(), tmp_path / 'out', jobs=0)


class TestResult:
    """Metrics and minutes from MMEngine's records."""

    def write(self, folder, session, *records):
        """The records of one process."""
        path = folder / session / 'vis_data' / 'scalars.json'
        path.parent.mkdir(parents=True)
        path.write_text(''.join(json.dumps(record) + '\n' for record in records))

    def test_last_validation_counts(self, tmp_path):
        """Metrics are those of the last validation, without times."""
        self.write(
            tmp_path,
            '20240101_000000',
            dict(loss=1.0, time=6.0, data_time=1.0, step=10),
            {'a/b': 0.1, 'time': 0.2, 'data_time': 0.1, 'step': 1},
            dict(loss=1.0, time=12.0, data_time=1.0, step=15),
            {'a/b': 0.3, 'time': 0.2, 'data_time': 0.1, 'step': 2},
        )
        assert execute._write_result(tmp_path, 'x')
        text = (tmp_path / 'result.json').read_text()
        assert json.loads(text) == dict(metrics={'a/b': 0.3}, minutes=2.0, device='x')
        assert [path.name for path in tmp_path.glob('result*')] == ['result.json']

    def test_torn_record(self, tmp_path):
        """What a kill cut off is left out, inside a letter too."""
        lines = [dict(loss=1.0, time=60.0, step=2), {'a/b': 0.5, 'step': 1}]
        self.write(tmp_path, '20240101_000000', *lines)
        path = tmp_path / '20240101_000000' / 'vis_data' / 'scalars.json'
        path.write_bytes(path.read_bytes() + b'{"a/b": 0.9, "n": "\xc3\n1\n{"loss')
        assert execute._write_result(tmp_path, '')
        result = json.loads((tmp_path / 'result.json').read_text())
        assert result['metrics'] == {'a/b': 0.5} and result['minutes'] == 2.0

    def test_resumed(self, tmp_path):
        """A run that went on counts each step once, whatever was trained twice."""
        self.write(
            tmp_path,
            '20240101_000000',
            dict(loss=1.0, time=60.0, step=2),
            {'a/b': 0.9, 'step': 1},
            dict(loss=1.0, time=60.0, step=4),
        )
        self.write(
            tmp_path,
            '20240102_000000',
            dict(loss=1.0, time=30.0, step=4),
            dict(loss=1.0, time=30.0, step=6),
            {'a/b': 0.5, 'step': 2},
        )
        assert execute._write_result(tmp_path, 'x')
        result = json.loads((tmp_path / 'result.json').read_text())
        assert result == dict(metrics={'a/b': 0.5}, minutes=4.0, device='x')

    def test_no_validation(self, tmp_path):
        """Training alone is no result."""
        assert not execute._write_result(tmp_path, 'x')
        self.write(tmp_path, '20240101_000000', dict(loss=1.0, time=60.0, step=2))
        assert not execute._write_result(tmp_path, 'x')
        assert not (tmp_path / 'result.json').exists()
