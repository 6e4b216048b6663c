"""How the command line completes a config."""

from argparse import Namespace

import pytest
import torch
from mmengine.config import Config

from lfhpe_mmpose.launch import command_line
from lfhpe_mmpose.launch.command_line import (
    is_first_process,
    load_config,
    merge_test_args,
    merge_train_args,
)
from tests.launch.arguments import arguments
from tests.refusal import refuses


def args(**options) -> Namespace:
    """A command line of both commands with its defaults."""
    both = vars(arguments('train', 'recipe.py')) | vars(arguments('test', 'recipe.py', 'a.pth'))
    return Namespace(**{**both, **options})


@pytest.fixture
def cfg() -> Config:
    """A config with what the options touch."""
    return Config(
        dict(
            model=dict(type='M', backbone=dict(init_cfg=dict(checkpoint='x'))),
            optim_wrapper=dict(type='OptimWrapper'),
            auto_scale_lr=dict(base_batch_size=8),
            default_hooks=dict(visualization=dict(type='PoseVisualizationHook')),
            val_cfg=dict(),
            test_evaluator=dict(type='CocoMetric'),
        )
    )


class TestTrainArgs:
    """Options of tools/train.py."""

    def test_work_dir(self, cfg):
        """Command line, then config, then the config's name."""
        merge_train_args(cfg, args())
        assert cfg.work_dir == 'work_dirs/recipe'
        merge_train_args(cfg, args(config='other.py'))
        assert cfg.work_dir == 'work_dirs/recipe'
        merge_train_args(cfg, args(work_dir='here'))
        assert cfg.work_dir == 'here'

    def test_amp(self, cfg):
        """--amp changes the wrapper, and is refused beside another."""
        merge_train_args(cfg, args(amp=True))
        assert cfg.optim_wrapper.type == 'AmpOptimWrapper'
        assert cfg.optim_wrapper.loss_scale == 'dynamic'
        cfg.optim_wrapper.type = 'ApexOptimWrapper'
        with refuses('option', '--amp'):
            merge_train_args(cfg, args(amp=True))

    def test_auto_scale_lr(self, cfg):
        """--auto-scale-lr needs the batch size of the config."""
        merge_train_args(cfg, args(auto_scale_lr=True))
        assert cfg.auto_scale_lr.enable
        cfg.auto_scale_lr = None
        with refuses('option', '--auto-scale-lr'):
            merge_train_args(cfg, args(auto_scale_lr=True))

    def test_no_validate(self, cfg):
        """--no-validate removes all three entries."""
        merge_train_args(cfg, args(no_validate=True))
        assert cfg.val_cfg is cfg.val_dataloader is cfg.val_evaluator is None

    def test_cfg_options(self, cfg):
        """Entries change; an invalid index is reported."""
        merge_train_args(cfg, args(cfg_options={'optim_wrapper.lr': 3, 'work_dir': 'w'}))
        assert cfg.optim_wrapper.lr == 3
        assert cfg.work_dir == 'w'
        cfg.custom_hooks = []
        with refuses('cfg-options', 'custom_hooks.7.type=x'):
            merge_train_args(cfg, args(cfg_options={'custom_hooks.7.type': 'x'}))

    @pytest.mark.parametrize(
        ('key', 'works'),
        [
            ('max_epochs', 'train_cfg.max_epochs'),
            ('data_root', 'train_dataloader.dataset.data_root'),
            ('num_keypoints', ''),
            ('codec.sigma', 'model.head.codec'),
            ('tran_dataloader.batch_size', 'train_dataloader'),
        ],
    )
    def test_without_effect(self, cfg, key, works):
        """A variable that the config has used already is refused, with the entry that works."""
        cfg.merge_from_dict(
            dict(
                max_epochs=3, train_cfg=dict(max_epochs=3), data_root='data/',
                train_dataloader=dict(dataset=dict(data_root='data/')), num_keypoints=14,
                codec=dict(sigma=2), model=dict(head=dict(out_channels=14, codec=dict(sigma=2))),
            )
        )  # fmt: skip
        with refuses('cfg-options', key) as caught:
            merge_train_args(cfg, args(cfg_options={key: 1}))
        assert works in caught.value.remedy
        assert cfg.max_epochs == 3

    def test_repeatable(self, cfg):
        """Hooks, sampler and loop are there once, whatever the config has."""
        cfg.train_dataloader = dict(sampler=dict(type='DefaultSampler', shuffle=True))
        cfg.train_cfg = dict(by_epoch=True, max_epochs=3)
        cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
        for _ in range(2):
            merge_train_args(cfg, args())
            hooks = [h['type'] for h in cfg.custom_hooks]
            assert hooks == ['PlainCheckpointHook', 'RepeatableHook']
            assert cfg.default_hooks.checkpoint.type == 'WholeCheckpointHook'
            inner = dict(type='DefaultSampler', shuffle=True)
            assert cfg.train_dataloader.sampler == dict(type='SeededSampler', sampler=inner)
            assert cfg.train_cfg == dict(type='ResumableEpochTrainLoop', max_epochs=3)

    def test_resume(self, cfg, tmp_path):
        """A path is taken, `auto` looks, and a new run starts from the beginning."""
        merge_train_args(cfg, args(resume='epoch_3.pth'))
        assert (cfg.resume, cfg.load_from) == (True, 'epoch_3.pth')
        merge_train_args(cfg, args(resume='auto', work_dir=str(tmp_path)))
        assert (cfg.resume, cfg.load_from) == (False, None)
        path = tmp_path / 'epoch_4.pth'
        meta = dict(iter=8, seed=77)
        torch.save(dict(state_dict={}, optimizer={}, message_hub={}, meta=meta), path)
        merge_train_args(cfg, args(resume='auto', work_dir=str(tmp_path)))
        assert (cfg.resume, cfg.load_from) == (True, str(path))
        assert cfg.randomness.seed == 77, 'the order of the data depends on the seed'

    def test_pictures(self, cfg):
        """--show-dir turns the hook on; without the hook it is refused."""
        merge_train_args(cfg, args(show_dir='vis'))
        assert cfg.default_hooks.visualization.enable
        assert cfg.default_hooks.visualization.out_dir == 'vis'
        cfg.default_hooks = {}
        with refuses('option', '--show-dir'):
            merge_train_args(cfg, args(show_dir='vis'))

    def test_backend(self, cfg, monkeypatch):
        """Without a GPU gloo is taken, unless another was asked for."""
        monkeypatch.setattr(command_line, 'has_accelerator', lambda: False)
        cfg.env_cfg = dict(dist_cfg=dict(backend='nccl'))
        asked = {'env_cfg.dist_cfg.backend': 'nccl'}
        merge_train_args(cfg, args(launcher='pytorch', cfg_options=asked))
        assert cfg.env_cfg.dist_cfg.backend == 'nccl'
        merge_train_args(cfg, args(launcher='pytorch'))
        assert cfg.env_cfg.dist_cfg.backend == 'gloo'
        cfg.env_cfg.dist_cfg.backend = 'nccl'
        monkeypatch.setattr(command_line, 'has_accelerator', lambda: True)
        merge_train_args(cfg, args(launcher='pytorch'))
        assert cfg.env_cfg.dist_cfg.backend == 'nccl'

    @pytest.mark.parametrize('there', [True, False])
    def test_feeding_an_accelerator(self, cfg, monkeypatch, there):
        """With a GPU, batches are pinned and copied while it computes; a choice stands."""
        monkeypatch.setattr(command_line, 'has_accelerator', lambda: there)
        cfg.merge_from_dict(dict(train_dataloader=dict(batch_size=2)))
        cfg.model.data_preprocessor = dict(type='P')
        merge_train_args(cfg, args())
        assert cfg.train_dataloader.get('pin_memory', False) is there
        assert cfg.model.data_preprocessor.get('non_blocking', False) is there
        cfg.train_dataloader.pin_memory = False
        merge_train_args(cfg, args())
        assert cfg.train_dataloader.pin_memory is False


class TestTestArgs:
    """Options of tools/test.py."""

    def test_checkpoint(self, cfg):
        """The checkpoint is loaded, not resumed, and alone."""
        merge_test_args(cfg, args())
        assert (cfg.load_from, cfg.resume) == ('a.pth', False)
        assert cfg.model.backbone.init_cfg is None

    def test_out(self, cfg):
        """--out is refused before the test if its format is unknown."""
        with refuses('option', '--out metrics.txt'):
            merge_test_args(cfg, args(out='metrics.txt'))

    def test_dump(self, cfg):
        """--dump adds a metric, and wants a pickle's name."""
        merge_test_args(cfg, args(dump='a.pkl'))
        assert [m['type'] for m in cfg.test_evaluator] == ['CocoMetric', 'DumpResults']
        with refuses('option', '--dump a.json'):
            merge_test_args(cfg, args(dump='a.json'))


class TestLoadConfig:
    """Reading a config."""

    def test_unknown(self):
        """An unknown name is reported with similar ones."""
        with refuses('config-missing', 'lfhpe_syntetic-96x96_loc0'):
            load_config('lfhpe_syntetic-96x96_loc0')

    def test_short_name(self):
        """A packaged config is found by its name."""
        assert load_config('lfhpe_synthetic-96x96_loc0').model.head.type == 'LocationFreeHead'

    @pytest.mark.parametrize('content', ['model = dict(', "_base_ = 'none.py'", 'a = b'])
    def test_broken(self, tmp_path, content):
        """An unreadable config is reported by its name."""
        path = tmp_path / 'broken.py'
        path.write_text(content)
        with refuses('config', 'broken.py'):
            load_config(str(path))


def test_first_process(monkeypatch):
    """Each launcher's own variables count."""
    for name in ('RANK', 'SLURM_PROCID', 'SLURM_LOCALID'):
        monkeypatch.setenv(name, '1')
    monkeypatch.setenv('LOCAL_RANK', '0')
    assert is_first_process('none')
    assert not is_first_process('pytorch')
    assert is_first_process('pytorch', on_machine=True)
    assert not is_first_process('slurm', on_machine=True)


class TestTensorboard:
    """`--tensorboard`."""

    def test_is_added(self, tiny_cfg, monkeypatch):
        """Beside the backends of the config, and once."""
        monkeypatch.setattr(command_line, 'find_spec', lambda name: name)
        for _ in range(2):
            args = arguments('train', 'tiny.py', tensorboard=True)
            merge_train_args(tiny_cfg, args)
        kinds = [backend.type for backend in tiny_cfg.visualizer.vis_backends]
        assert kinds == ['LocalVisBackend', 'TensorboardVisBackend']

    def test_package_is_missing(self, tiny_cfg, monkeypatch):
        """The message has the command that installs it."""
        monkeypatch.setattr(command_line, 'find_spec', lambda name: None)
        with refuses('package', '--tensorboard'):
            merge_train_args(tiny_cfg, arguments('train', 'tiny.py', tensorboard=True))
