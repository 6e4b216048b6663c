"""The invariant: nothing behind the withholding step can read a withheld coordinate.

Training runs several times on the same pictures. Each time every withheld coordinate in
the annotation file is something else: the truth, NaN, noise. Losses and weights must be
the same to the last bit.
"""

import copy
import json
import logging

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.tags import tagging
from lfhpe_mmpose.tags.located import is_located


def rewrite(source, target, fraction, change):
    """Copy an annotation file, with the coordinates of tagged persons changed.

    The flags, and all that a person who only tags would have, stay.
    """
    data = json.loads(source.read_text())
    rng = np.random.default_rng(9)
    tagged = 0
    for ann in data['annotations']:
        if is_located(ann['image_id'], ann['id'], fraction):
            continue
        tagged += 1
        keypoints = np.array(ann['keypoints'], dtype=float).reshape(-1, 3)
        keypoints[:, :2] = change(keypoints[:, :2], rng)
        ann['keypoints'] = keypoints.flatten().tolist()
    target.write_text(json.dumps(data))
    return tagged


CHANGES = {
    'truth': lambda xy, rng: xy,
    'nan': lambda xy, rng: np.full_like(xy, np.nan),
    'noise': lambda xy, rng: rng.uniform(1, 500, xy.shape),
}


@pytest.fixture
def train(tiny_cfg, people, tmp_path, monkeypatch):
    """Train six iterations; give the losses of each and the final weights."""

    def run(change: str, fraction: float, views: int = 1, sampler=None, **door):
        ann_file = tmp_path / f'{change}.json'
        source = people / 'annotations' / 'person_keypoints_train.json'
        tagged = rewrite(source, ann_file, fraction, CHANGES[change])
        assert tagged == 48 if fraction == 0 else 0 < tagged < 48

        cfg = copy.deepcopy(tiny_cfg)
        cfg.work_dir = str(tmp_path / change)
        cfg.train_dataloader.dataset.ann_file = str(ann_file)
        cfg.train_dataloader.dataset.pipeline[0].update(fraction=fraction, views=views, **door)
        cfg.train_dataloader.sampler = sampler or cfg.train_dataloader.sampler
        # Half-body crops look at keypoints; here they would show a leak.
        cfg.train_dataloader.dataset.pipeline.insert(
            4, dict(type='RandomHalfBody', prob=1.0, min_total_keypoints=4)
        )
        for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
            cfg[key] = None
        for key in ('test_cfg', 'test_dataloader', 'test_evaluator'):
            cfg[key] = None
        cfg.default_hooks.checkpoint = None
        cfg.randomness = dict(seed=11, deterministic=False)
        cfg.custom_hooks = []
        cfg.experiment_name = f'{tmp_path.name}-{change}-{fraction}-{views}'
        torch.set_num_threads(1)
        runner = Runner.from_cfg(cfg)
        losses = []
        step = runner.model.parse_losses

        def record(values):
            losses.append({k: v.item() for k, v in values.items()})
            return step(values)

        monkeypatch.setattr(runner.model, 'parse_losses', record)
        runner.train()
        logging.getLogger('mmengine').handlers.clear()
        weights = {k: v.clone() for k, v in runner.model.state_dict().items()}
        return losses, weights

    return run


def assert_same(a, b):
    """Losses and weights are the same to the last bit."""
    assert a[0] == b[0] and len(a[0]) == 6
    assert all(torch.equal(a[1][k], b[1][k]) for k in a[1])


class TestLocationBlindness:
    """Withheld coordinates have no effect whatever."""

    @pytest.mark.parametrize('fraction', [0.0, 0.4])
    def test_nan_and_noise(self, train, fraction):
        """NaN or noise for every withheld coordinate changes no bit."""
        truth = train('truth', fraction)
        assert all(np.isfinite(v) for loss in truth[0] for v in loss.values())
        located = [loss['loc_loss_heatmap'] for loss in truth[0]]
        assert any(located) == (fraction > 0)
        for change in ('nan', 'noise'):
            assert_same(truth, train(change, fraction))

    def test_located_share(self, train):
        """With located persons repeated: which persons come when depends on ids alone."""
        sampler = dict(type='LocatedShareSampler', share=0.25)
        truth = train('truth', 0.1, sampler=sampler)
        assert all(loss['loc_loss_heatmap'] > 0 for loss in truth[0])
        for change in ('nan', 'noise'):
            assert_same(truth, train(change, 0.1, sampler=sampler))

    @pytest.mark.parametrize(
        'door', [dict(), dict(unlimited=True), dict(whole_person=False)], ids=lambda d: str([*d])
    )
    def test_views(self, train, monkeypatch, door):
        """With tagged views too: once the views have tags, the coordinates do nothing."""
        tags_of = {}
        honest = tagging.view_tags

        def remember(windows, keypoints, tags):
            return tags_of.setdefault(windows.tobytes(), honest(windows, keypoints, tags))

        # The tags that the annotator gave are kept; only the first run sees the truth.
        monkeypatch.setattr(tagging, 'view_tags', remember)
        truth = train('truth', 0.0, 4, **door)
        for change in ('nan', 'noise'):
            assert_same(truth, train(change, 0.0, 4, **door))
        assert len(tags_of) == 48

    def test_a_broken_door_is_seen(self, train, monkeypatch):
        """A door that leaves the coordinates in changes the training: this test can fail."""
        honest = WithholdLocations.transform

        def leaky(self, results):
            out = honest(self, results)
            out.update(
                keypoints=results['keypoints'], keypoints_visible=results['keypoints_visible']
            )
            return out

        monkeypatch.setattr(WithholdLocations, 'transform', leaky)
        assert train('truth', 0.0)[0] != train('noise', 0.0)[0]

    def test_nothing_in_the_packed_sample(self, tiny_cfg, people, tmp_path):
        """No number of the packed sample of a tagged person changes with its coordinates."""
        init_default_scope('mmpose')

        def samples(change):
            ann_file = tmp_path / f'{change}.json'
            source = people / 'annotations' / 'person_keypoints_train.json'
            rewrite(source, ann_file, 0.0, CHANGES[change])
            cfg = copy.deepcopy(tiny_cfg.train_dataloader.dataset)
            cfg.ann_file = str(ann_file)
            cfg.pipeline[0].views = 1
            dataset = DATASETS.build(cfg)
            for i in range(8):
                np.random.seed(i)
                yield dataset[i]

        for a, b in zip(samples('truth'), samples('noise')):
            assert torch.equal(a['inputs'], b['inputs'])
            assert flatten(a['data_samples'].to_dict()) == flatten(b['data_samples'].to_dict())


def flatten(value) -> str:
    """All numbers of a nested sample as text."""
    if isinstance(value, dict):
        return '{' + ','.join(f'{k}:{flatten(v)}' for k, v in sorted(value.items())) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ','.join(flatten(v) for v in value) + ']'
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return flatten(value.tolist())
    return repr(value)
