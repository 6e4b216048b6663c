"""Runs in this process: what the tools do, without starting a process for each."""

import json
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS

from lfhpe_mmpose.commands import run_command
from lfhpe_mmpose.launch import train_test
from lfhpe_mmpose.launch.train_test import SaveMetricsHook, train
from tests.launch.arguments import arguments


@pytest.fixture
def config(tiny_cfg, tmp_path) -> str:
    """The tiny config as a file, on two batches."""
    tiny_cfg.train_dataloader.dataset.indices = 16
    tiny_cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    path = tmp_path / 'tiny.py'
    tiny_cfg.dump(path)
    return str(path)


def call(tool, config: str, **options) -> None:
    """Call a tool with a command line."""
    words = [config] if tool is train else [config, options.pop('checkpoint')]
    args = arguments(tool.__name__, *words, **{'no_validate': True, **options})
    run_command(tool, args, if_interrupted='Add --resume.')


class TestRuns:
    """Runs one after another in one folder."""

    def test_nothing_is_lost(self, config, tmp_path):
        """A second run keeps the first one's files, and a wrong one touches none."""
        work_dir = tmp_path / 'work_dir'
        call(train, config)
        first = (work_dir / 'epoch_1.pth').read_bytes()

        with pytest.raises(SystemExit) as caught:
            call(train, config, cfg_options={'model.head.out_channels': 17})
        assert caught.value.code == 2
        assert (work_dir / 'epoch_1.pth').read_bytes() == first

        call(train, config, cfg_options={'randomness.seed': 5})
        kept = list(work_dir.glob('earlier_*/epoch_1.pth'))
        assert len(kept) == 1
        assert kept[0].read_bytes() == first
        assert (work_dir / 'epoch_1.pth').read_bytes() != first

    def test_resume_from_the_beginning(self, config, tmp_path):
        """--resume in a new folder trains from the start, as a cluster's script needs it."""
        call(train, config, resume='auto')
        assert (tmp_path / 'work_dir' / 'epoch_1.pth').exists()

    def test_other_model(self, config, tmp_path, capsys):
        """A test with a checkpoint of another model: status 2, nothing written."""
        path = tmp_path / 'other.pth'
        torch.save(dict(state_dict={'head.weight': torch.ones(2)}), path)
        with pytest.raises(SystemExit) as caught:
            call(train_test.test, config, checkpoint=str(path))
        assert caught.value.code == 2
        assert '[other-model]' in capsys.readouterr().err
        assert not (tmp_path / 'work_dir').exists()

    def test_skip_checks(self, config, tmp_path, people):
        """--skip-checks trains with a box that is refused otherwise."""
        data = json.loads((people / 'annotations' / 'person_keypoints_train.json').read_text())
        data['annotations'][0]['bbox'][2] = 0
        path = tmp_path / 'odd.json'
        path.write_text(json.dumps(data))
        options = {'train_dataloader.dataset.ann_file': str(path)}
        with pytest.raises(SystemExit):
            call(train, config, cfg_options=options)
        assert not (tmp_path / 'work_dir').exists()
        call(train, config, cfg_options=options, skip_checks=True)
        assert (tmp_path / 'work_dir' / 'epoch_1.pth').exists()


class TestRunTool:
    """How a tool ends."""

    def test_no_config(self, tmp_path, monkeypatch, capsys):
        """A config that does not exist: status 2, the message alone, nothing written."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as caught:
            call(train, 'lfhpe_res50_coco')
        assert caught.value.code == 2
        assert '[config-missing]' in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_interrupt(self, config, tmp_path, capsys):
        """Ctrl-C: status 130, a word on how to go on, and --resume does."""

        class PressCtrlC(Hook):
            def before_train_epoch(self, runner):
                if runner.epoch == 1:
                    raise KeyboardInterrupt

        HOOKS.register_module(name='PressCtrlC', module=PressCtrlC, force=True)
        options = {'train_cfg.max_epochs': 3}
        hooks = [dict(type='PressCtrlC')]
        with pytest.raises(SystemExit) as caught:
            call(train, config, cfg_options={**options, 'custom_hooks': hooks})
        assert caught.value.code == 130
        assert '--resume' in capsys.readouterr().err
        work_dir = tmp_path / 'work_dir'
        assert not (work_dir / 'epoch_2.pth').exists()
        call(train, config, cfg_options=options, resume='auto')
        last = torch.load(work_dir / 'epoch_3.pth', weights_only=True)
        assert last['meta']['iter'] == 6
        history = last['message_hub']['log_scalars']['train/loss']['history_buffer']
        assert len(history['log']) == 6
        assert not list(work_dir.glob('earlier_*'))

    def test_no_network(self, config, capsys):
        """Weights that cannot be downloaded: status 2, and what to do."""
        init = dict(type='Pretrained', checkpoint='http://127.0.0.1:9/resnet.pth')
        backbone = dict(
            _delete_=True,
            type='ResNet',
            depth=18,
            base_channels=8,
            stem_channels=8,
            num_stages=3,
            strides=(1, 2, 1),
            dilations=(1, 1, 2),
            out_indices=(1, 2),
            init_cfg=init,
        )
        with pytest.raises(SystemExit) as caught:
            call(train, config, cfg_options={'model.backbone': backbone})
        assert caught.value.code == 2
        message = capsys.readouterr().err
        assert config in message
        assert 'model.backbone.init_cfg.checkpoint=PATH' in message

    def test_bug_is_not_hidden(self):
        """An error that is no mistake of the user keeps its stack."""

        def broken(args):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run_command(broken, None)


class TestMetricsFile:
    """`--out` of a test."""

    @pytest.mark.parametrize('ending', ['json', 'yaml', 'pkl'])
    def test_nan(self, tmp_path, ending):
        """A metric without a value is null in JSON, which has no NaN."""
        path = tmp_path / f'metrics.{ending}'
        metrics = dict(pck=0.5, mAP=float('nan'))
        SaveMetricsHook(str(path)).after_test_epoch(SimpleNamespace(rank=0), metrics)
        assert [p.name for p in tmp_path.iterdir()] == [path.name]
        if ending == 'json':
            assert json.loads(path.read_text(), parse_constant=pytest.fail) == dict(
                pck=0.5, mAP=None
            )

    def test_without_labels(self, config, people, tmp_path, capsys):
        """A list without labels is refused, with `lfhpe predict` as the way."""
        data = json.loads((people / 'annotations' / 'person_keypoints_val.json').read_text())
        path = tmp_path / 'unlabelled.json'
        path.write_text(json.dumps({**data, 'annotations': []}))
        options = {'test_dataloader.dataset.ann_file': str(path)}
        with pytest.raises(SystemExit):
            call(train_test.test, config, checkpoint='none.pth', cfg_options=options)
        err = capsys.readouterr().err
        assert '[no-persons]' in err and 'lfhpe predict' in err


class TestFirstProcessReports:
    """Which process of several says what is wrong."""

    @pytest.mark.parametrize('rank, waits', [('0', 0), ('1', 1)])
    def test_others_wait(self, config, tmp_path, monkeypatch, rank, waits):
        """A launcher ends all when one has failed: the others give the first time to speak."""
        waited = []
        monkeypatch.setattr(train_test.time, 'sleep', waited.append)
        monkeypatch.setattr(train_test, '_start_cpu_processes', lambda cfg: 1 / 0)
        monkeypatch.setenv('RANK', rank)
        monkeypatch.setenv('LOCAL_RANK', rank)
        args = arguments('train', str(config), work_dir=str(tmp_path / 'run'), launcher='pytorch')
        with pytest.raises(ZeroDivisionError):
            train(args)
        assert waited.count(train_test._SECONDS_OF_CHECKS) == waits
