"""Tests of the watch, in real trainings of a tiny model."""

import logging
import random
import re

import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.hooks import Hook
from mmengine.model import BaseDataPreprocessor, BaseModel
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.registry import HOOKS
from mmpose.structures import PoseDataSample
from torch import nn
from torch.utils.data import Dataset, Subset

from lfhpe_mmpose.engine.hooks import CollapseWatchHook
from lfhpe_mmpose.engine.hooks.collapse_watch_hook import keypoint_names, undisturbed
from tests.refusal import refuses

NAMES = {0: 'nose', 1: 'left_wrist', 2: 'right_wrist'}


class _Persons(Dataset):
    """Small images with one bright pixel for each of three keypoints, one per channel."""

    metainfo = dict(keypoint_id2name=NAMES)

    def __init__(self, tagged_missing=()):
        self.tagged_missing = list(tagged_missing)

    def __len__(self):
        return 24

    def __getitem__(self, index):
        g = torch.Generator().manual_seed(index)
        image = torch.zeros(3, 16, 12)
        for k in range(3):
            y, x = torch.randint(0, 16, (1,), generator=g), torch.randint(0, 12, (1,), generator=g)
            image[k, y, x] = 8.0
        sample = PoseDataSample()
        tags = torch.ones(1, 2, 3)
        tags[:, 0, self.tagged_missing] = 0
        sample.gt_instance_labels = InstanceData(keypoint_tags=tags)
        return dict(inputs=image, data_samples=sample)


class _Model(BaseModel):
    """Norms, dropout and a frozen part; ``collapse`` edits the maps."""

    def __init__(self, collapse=None):
        super().__init__(data_preprocessor=BaseDataPreprocessor())
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.frozen = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))
        self.drop = nn.Dropout(0.3)
        self.collapse = collapse
        self.seen = []

    def train(self, mode=True):
        super().train(mode)
        self.frozen.eval()
        return self

    def forward(self, inputs, data_samples=None, mode='tensor'):
        inputs = torch.stack(inputs) if isinstance(inputs, list) else inputs
        if mode == 'tensor':
            self.seen.append((self.training, torch.is_grad_enabled(), self.norm.training))
            # a careless model that draws numbers in evaluation too
            torch.rand(1), np.random.rand(), random.random()
            self.norm(self.conv(inputs))
            maps = (inputs - 4).sigmoid()
            return self.collapse(maps) if self.collapse else maps
        out = self.drop(self.frozen(self.norm(self.conv(inputs))))
        noise = torch.rand(1).item() + np.random.rand() + random.random()
        return dict(loss=(out - noise).square().mean())


class _Record(Hook):
    """Keeps the gradients and the modes as the next hook sees them."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.trace = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        model = runner.model
        self.trace.append(
            (
                [p.grad.clone() for p in model.parameters() if p.grad is not None],
                [m.training for m in model.modules()],
                torch.get_rng_state(),
                random.getstate(),
                np.random.get_state()[1].copy(),
            )
        )


def _train(tmp_path, hook=None, collapse=None, iters=9, dataset=None):
    """Train for some iterations; returns runner, record, warnings, scalars."""
    _train.count += 1
    record, logged, scalars = _Record(), [], []
    runner = Runner(
        model=_Model(collapse),
        work_dir=str(tmp_path),
        train_dataloader=dict(
            dataset=dataset or _Persons(),
            sampler=dict(type='InfiniteSampler', shuffle=True),
            collate_fn=dict(type='pseudo_collate'),
            batch_size=8,
            num_workers=0,
        ),
        train_cfg=dict(by_epoch=False, max_iters=iters),
        # Gradients pend over two iterations, so that the watch comes between them.
        optim_wrapper=dict(
            optimizer=dict(type='SGD', lr=0.05, momentum=0.9), accumulative_counts=2
        ),
        default_hooks=dict(checkpoint=None, logger=None),
        custom_hooks=[h for h in (hook, record) if h is not None],
        randomness=dict(seed=5),
        default_scope='mmpose',
        experiment_name=f'watch-{tmp_path.name}-{_train.count}',
        log_level='INFO',
    )
    runner.visualizer.add_scalars = lambda values, step: scalars.append((step, values))
    handler = logging.Handler()
    handler.emit = logged.append
    runner.logger.addHandler(handler)
    runner.train()
    warnings = [r.getMessage() for r in logged if 'CollapseWatchHook' in r.getMessage()]
    return runner, record, warnings, scalars


_train.count = 0


def _hook(**kwargs):
    return CollapseWatchHook(**{'interval': 2, 'begin': 0, 'min_persons': 16, **kwargs})


def _stuck(maps):
    maps = maps.clone()
    maps[:, 1] = 0.1
    maps[:, 1, 5, 5] = 0.9
    return maps


def _flat(maps):
    maps = maps.clone()
    maps[:, 0] = 0.5
    return maps


def _merged(maps):
    return maps[:, [0, 1, 1]]


class TestTrainingIsNotTouched:
    """With and without the watch everything is the same to the bit."""

    def test_bit_identical(self, tmp_path):
        """Weights, statistics, gradients, modes and random states after every iteration."""
        plain, record, _, _ = _train(tmp_path)
        hook = _hook(interval=1)
        watched, record_w, warnings, _ = _train(tmp_path, hook, collapse=_stuck)
        assert len(watched.model.seen) == 9 and warnings
        for (key, a), b in zip(
            plain.model.state_dict().items(), watched.model.state_dict().values(), strict=True
        ):
            assert torch.equal(a, b), key
        assert [len(a[0]) for a in record.trace] == [8, 0] * 4 + [0]
        for a, b in zip(record.trace, record_w.trace, strict=True):
            assert len(a[0]) == len(b[0]) and all(map(torch.equal, a[0], b[0]))
            assert a[1] == b[1] and False in a[1] and True in a[1]
            assert torch.equal(a[2], b[2]) and a[3] == b[3] and (a[4] == b[4]).all()

    def test_mode_of_the_check(self, tmp_path):
        """Checks run in evaluation mode, without gradients, after ``begin``, by ``interval``."""
        runner, _, _, scalars = _train(tmp_path, _hook(begin=3, interval=3, min_persons=2))
        assert runner.model.seen == [(False, False, False)] * 2
        assert [step for step, _ in scalars] == [6, 9]

    def test_restored_after_an_error(self):
        """Modes and random states come back when the forward pass fails."""
        model = _Model().train()
        modes, state = [m.training for m in model.modules()], torch.get_rng_state()
        with pytest.raises(RuntimeError), undisturbed(model):
            assert not model.training and not model.norm.training
            torch.rand(3)
            raise RuntimeError
        assert [m.training for m in model.modules()] == modes
        assert torch.equal(torch.get_rng_state(), state)


class TestWarnings:
    """What is said, and when."""

    def test_healthy(self, tmp_path):
        """Maps that follow the persons give zeros and no warning."""
        _, _, warnings, scalars = _train(tmp_path, _hook())
        assert not warnings
        assert scalars and all(set(values.values()) == {0} for _, values in scalars)

    @pytest.mark.parametrize(
        'collapse, names, absent, count',
        [
            (_flat, r'maps of nose are constant.*balance', 'wrist', 'flat'),
            (_stuck, r'peaks of left_wrist stay in one place.*tagged views', 'right', 'stuck'),
            (_merged, r'peaks of \(left_wrist, right_wrist\) coincide', 'nose', 'merged'),
        ],
    )
    def test_named(self, tmp_path, collapse, names, absent, count):
        """Each sign names its keypoints and remedies, once, and is counted."""
        _, _, warnings, scalars = _train(tmp_path, _hook(), collapse)
        assert len(warnings) == 1 and absent not in warnings[0]
        assert re.search(names, warnings[0])
        assert 'iteration 4, last 16 persons' in warnings[0]
        assert scalars[0][0] == 4
        expected = {f'collapse/{k}_keypoints': 0 for k in ('flat', 'stuck', 'merged')}
        expected[f'collapse/{count}_keypoints'] = 2 if count == 'merged' else 1
        assert scalars[0][1] == expected

    def test_repeated_when_due(self, tmp_path):
        """The same warning comes again after ``repeat`` checks only."""
        hook = _hook(interval=1, min_persons=8, repeat=4)
        _, _, warnings, _ = _train(tmp_path, hook, _flat)
        assert len(warnings) == 3  # iterations 1, 5 and 9

    def test_changes_and_recovery(self, tmp_path):
        """Other keypoints are news at once, and so is the end of it."""
        steps = iter([_flat] * 3 + [_merged] * 3 + [lambda maps: maps] * 3)
        hook = _hook(interval=1, min_persons=8, repeat=100)
        _, _, warnings, _ = _train(tmp_path, hook, lambda maps: next(steps)(maps))
        assert len(warnings) == 3
        assert 'nose' in warnings[0] and 'right_wrist' in warnings[1]
        assert 'no sign of collapse any more' in warnings[2]

    def test_missing_keypoints(self, tmp_path):
        """An empty map of a keypoint tagged as missing (view 0) is no collapse."""
        _, _, warnings, _ = _train(tmp_path, _hook(), _flat, dataset=_Persons(tagged_missing=[0]))
        assert not warnings

    def test_no_maps(self, tmp_path):
        """A model that gives no maps is left alone after one line."""
        runner, _, warnings, _ = _train(tmp_path, _hook(), lambda maps: maps.flatten(2))
        assert len(warnings) == 1 and 'is disabled' in warnings[0]
        assert len(runner.model.seen) == 1


class _Meta(BaseDataset):
    """A data set of MMEngine."""

    METAINFO = dict(keypoint_id2name=NAMES)

    def load_data_list(self):
        return [dict(sample_idx=0)]


class TestKeypointNames:
    """Names through wrappers of data sets."""

    def test_wrappers(self):
        """Wrappers of MMEngine and PyTorch are looked through, and numbers are the last resort."""
        names = list(NAMES.values())
        data = _Persons()
        wrapped = Subset(torch.utils.data.ConcatDataset([data, data]), [0])
        for dataset in (data, wrapped, torch.utils.data.ConcatDataset([wrapped])):
            assert keypoint_names(dataset, 3) == names
        assert keypoint_names(RepeatDataset(_Meta(), 2), 3) == names
        assert keypoint_names(ConcatDataset([_Meta(), _Meta()]), 3) == names
        assert keypoint_names(None, 2) == ['keypoint 0', 'keypoint 1']
        assert keypoint_names(data, 2) == ['keypoint 0', 'keypoint 1']


class TestArguments:
    """Mistakes are named."""

    def test_from_the_registry(self):
        """The hook builds from a config, thresholds by name."""
        hook = HOOKS.build(dict(type='CollapseWatchHook', interval=5, spread=0.1))
        assert hook.history.thresholds.spread == 0.1

    @pytest.mark.parametrize(
        'kwargs, place',
        [
            (dict(interval=0), '.interval'),
            (dict(begin=-1), '.begin'),
            (dict(min_persons=1), '.min_persons'),
            (dict(repeat=0.5), '.repeat'),
            (dict(flatness=0.1), ''),
            (dict(flat=2), '.flat'),
        ],
    )
    def test_refused(self, kwargs, place):
        """Each bad argument is named."""
        with refuses('option', f'CollapseWatchHook{place}'):
            CollapseWatchHook(**kwargs)
