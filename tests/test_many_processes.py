"""Trainings in several processes beside trainings in one, through `tools/train.py`."""

import os
import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from lfhpe_mmpose.cli import main
from tests.conftest import ROOT, shrink
from tests.processes import in_processes, on_cpu

pytestmark = on_cpu
BATCH_8, BATCH_16 = (f'train_dataloader.batch_size={n}' for n in (8, 16))


def write_config(people: Path, folder: Path, fraction=0.25, views=1, validated=False, **changes):
    """The demo's config, made tiny, without what differs between processes by chance.

    The random augmentations are left out: processes draw other ones. Batch norm's
    statistics are a batch's own: the backbone keeps them, the neck normalises by groups.
    Plain gradient descent: an adaptive step makes much of the rounding of tiny gradients.
    """
    cfg = Config.fromfile(ROOT / 'configs' / 'synthetic' / 'lfhpe_synthetic-96x96_loc0.py')
    shrink(cfg, people, folder)
    pipeline = cfg.train_dataloader.dataset.pipeline
    pipeline[0].update(fraction=fraction, views=views)
    pipeline[:] = [step for step in pipeline if not step.type.startswith('Random')]
    cfg.model.backbone.norm_eval = True
    cfg.model.neck.norm_cfg = dict(type='GN', num_groups=4)
    cfg.optim_wrapper.optimizer = dict(type='SGD', lr=0.05, momentum=0.9)
    cfg.param_scheduler = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=2, val_interval=2)
    cfg.auto_scale_lr = dict(base_batch_size=32)
    if not validated:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.env_cfg.dist_cfg.timeout = 60
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1)
    cfg.log_level = 'INFO'
    cfg.merge_from_dict(changes)
    path = folder / 'config.py'
    folder.mkdir(parents=True, exist_ok=True)
    cfg.dump(path)
    return path


def run_train(argv: list[str]) -> None:
    """Call `lfhpe train` as this process of several, or alone."""
    several = int(os.environ['WORLD_SIZE']) > 1
    with pytest.MonkeyPatch.context() as patch:
        # Half of a tiny run is MMEngine making its config look good.
        patch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, True))
        launcher = ['--launcher', 'pytorch' if several else 'none']
        main(['train', *argv, *launcher, '--skip-checks'])


def trained(config: Path, name: str, processes: int, *options: str) -> list[dict]:
    """Train, and read the weights after each epoch."""
    folder = config.parent / name
    flags = [option for option in options if option.startswith('--')]
    changes = [option for option in options if not option.startswith('--')]
    argv = [str(config), '--work-dir', str(folder), *flags, '--cfg-options', *changes]
    in_processes(run_train, processes, argv)
    paths = sorted(folder.glob('epoch_*.pth'))
    return [torch.load(path, weights_only=True)['state_dict'] for path in paths]


def difference(one: list[dict], other: list[dict]) -> float:
    """How far the last weights lie apart, relative to how far the last epoch moved them."""
    before, last, others = one[-2], one[-1], other[-1]
    assert last.keys() == others.keys()
    apart = sum((last[k] - others[k]).double().square().sum() for k in last)
    moved = sum((last[k] - before[k]).double().square().sum() for k in last)
    return float((apart / moved).sqrt())


def log_of(config: Path, name: str) -> str:
    """What the last run wrote into a folder."""
    return max((config.parent / name).glob('*/*.log')).read_text()


class TestSameResult:
    """Two processes with batches of 8 and one with batches of 16 make the same steps."""

    def test_tags_alone(self, people, tmp_path):
        """Four views a person and all losses, the learning rate scaled by the command line."""
        config = write_config(people, tmp_path, 0.0, 4)
        one = trained(config, 'one', 1, '--auto-scale-lr', BATCH_16)
        two = trained(config, 'two', 2, '--auto-scale-lr', BATCH_8)
        assert difference(one, two) < 1e-5
        for name in ('one', 'two'):
            text = log_of(config, name)
            assert 'Scaling the original LR by 0.5.' in text
            assert re.findall(r'  lr: (\S+)', text) == ['2.500000e-02'] * 6

    def test_located_by_chance(self, people, tmp_path):
        """One view a person, and as many located persons in a process as chance gives it."""
        hooks = [dict(type='ChannelsLastHook')]
        config = write_config(people, tmp_path, 0.25, 1, custom_hooks=hooks)
        one = trained(config, 'one', 1, BATCH_16)
        two = trained(config, 'two', 2, BATCH_8)
        # One process rounds in another layout.
        assert difference(one, two) < 1e-3


class TestSharded:
    """FSDP: each process holds a part of the weights."""

    def test_weights_and_resuming(self, people, tmp_path):
        """It makes one process's steps, also after a stop, and writes its checkpoints."""
        sampler = dict(type='LocatedShareSampler', share=0.2)
        config = write_config(
            people, tmp_path, 0.1, 4, validated=True,
            **{'train_dataloader.sampler': sampler,
               'custom_hooks': [dict(type='CollapseWatchHook', begin=0, interval=1)]},
        )  # fmt: skip
        one = trained(config, 'one', 1, BATCH_16)
        options = (BATCH_8, 'strategy.type=ShardedStrategy')
        first = trained(config, 'parts', 2, *options, 'train_cfg.max_epochs=1')
        assert all(first[0][k].shape == one[0][k].shape for k in one[0])
        parts = trained(config, 'parts', 2, '--resume', *options)
        assert difference(one, parts) < 1e-5
        text = log_of(config, 'parts')
        assert text.count('CollapseWatchHook is disabled') == 1
        scores = [re.findall(r'pck@0.2/PCK: (\S+)', t) for t in (text, log_of(config, 'one'))]
        assert scores[0] == scores[1] != []
