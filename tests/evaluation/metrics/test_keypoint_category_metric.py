"""Tests of the keypoint-category metric."""

import math

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.registry import METRICS
from mmpose.structures import PoseDataSample
from torch.utils.data import Dataset

from lfhpe_mmpose.evaluation import KeypointCategoryMetric
from tests.refusal import refuses

NAMES = {0: 'nose', 1: 'left_wrist', 2: 'right_wrist', 3: 'hip'}
# Four persons, four keypoints. hip is always there; the last nose is unknown.
TAGS = [[1, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 1], [-1, 0, 0, 1]]
PROBS = [[0.9, 0.9, 0.6, 0.2], [0.8, 0.8, 0.7, 0.3], [0.4, 0.8, 0.2, 0.4], [1.0, 0.1, 0.9, 0.5]]
AP = dict(nose=(1 + 2 / 3) / 2, left_wrist=(1 + 2 / 3) / 2, right_wrist=0.5)
F1 = dict(nose=2 * 1 / (2 + 2), left_wrist=2 * 2 / (3 + 2), right_wrist=2 * 1 / (3 + 1))


def _sample(tags, probs, as_tensor=True, views=2):
    kind = torch.tensor if as_tensor else np.array
    tags = np.array(tags, dtype=np.float32)
    # The other views say the opposite: they must not be read.
    tags = np.stack([tags] + [1 - np.abs(tags)] * (views - 1))[None]
    return dict(
        img_path='some.jpg',
        gt_instance_labels=dict(keypoint_tags=kind(tags)),
        pred_instances=dict(keypoint_probs=kind(np.array([probs], dtype=np.float32))),
    )


def _metric(**kwargs):
    metric = KeypointCategoryMetric(**kwargs)
    metric.dataset_meta = dict(keypoint_id2name=NAMES)
    return metric


class TestValues:
    """Averages computed by hand."""

    @pytest.mark.parametrize('as_tensor', [True, False])
    def test_by_hand(self, as_tensor):
        """View 0 counts, unknown tags and constant keypoints are left out."""
        metric = _metric(per_keypoint=True)
        samples = [_sample(t, p, as_tensor) for t, p in zip(TAGS, PROBS, strict=True)]
        metric.process(None, samples[:3])
        metric.process(None, samples[3:])
        out = metric.evaluate(4)
        assert out['category/mAP'] == pytest.approx(np.mean(list(AP.values())))
        assert out['category/mAP_chance'] == pytest.approx((2 / 3 + 2 / 4 + 1 / 4) / 3)
        assert out['category/F1'] == pytest.approx(np.mean(list(F1.values())))
        assert out['category/F1_chance'] == pytest.approx((4 / 5 + 4 / 6 + 2 / 5) / 3)
        assert out['category/num_keypoints'] == 3
        for name in AP:
            assert out[f'category/AP_{name}'] == pytest.approx(AP[name])
            assert out[f'category/F1_{name}'] == pytest.approx(F1[name])
        assert 'category/AP_hip' not in out
        assert next(iter(out)) == 'category/mAP'

    def test_threshold_and_brief_report(self):
        """The threshold moves F1, and keypoints are named on request only."""
        metric = _metric(threshold=0.85)
        metric.process(None, [_sample(t, p) for t, p in zip(TAGS, PROBS, strict=True)])
        out = metric.evaluate(4)
        assert out['category/F1'] == pytest.approx((2 * 1 / (1 + 2) + 2 * 1 / (1 + 2) + 0) / 3)
        assert not any('nose' in key for key in out)

    def test_uninformed_scores_reach_chance(self):
        """Equal scores give an AP of exactly mAP_chance."""
        metric = _metric()
        metric.process(None, [_sample(t, [0.7] * 4) for t in TAGS])
        out = metric.evaluate(4)
        assert out['category/mAP'] == pytest.approx(out['category/mAP_chance'])
        assert out['category/F1'] == pytest.approx(out['category/F1_chance'])

    def test_padded_duplicates_are_dropped(self):
        """Samples that a distributed sampler repeats at the end do not count twice."""
        metric = _metric()
        samples = [_sample(t, p) for t, p in zip(TAGS, PROBS, strict=True)]
        metric.process(None, samples + samples[:2])
        assert metric.evaluate(4)['category/mAP'] == pytest.approx(np.mean(list(AP.values())))

    def test_through_an_evaluator(self):
        """Built from the registry, fed with data samples; unnamed keypoints are numbered."""
        samples = []
        for tags, probs in zip(TAGS, PROBS, strict=True):
            sample = PoseDataSample(metainfo=dict(img_path='some.jpg'))
            sample.gt_instance_labels = InstanceData(keypoint_tags=torch.tensor([[tags]]).float())
            sample.pred_instances = InstanceData(keypoint_probs=np.array([probs]))
            samples.append(sample)
        evaluator = Evaluator(
            METRICS.build(dict(type='KeypointCategoryMetric', per_keypoint=True))
        )
        evaluator.process(samples)
        out = evaluator.evaluate(4)
        assert out['category/AP_1'] == pytest.approx(AP['left_wrist'])

    def test_entries_are_small(self):
        """What is gathered from all ranks is a few bytes a keypoint."""
        metric = _metric()
        metric.process(None, [_sample(TAGS[0], PROBS[0])])
        assert sum(a.nbytes for a in metric.results[0]) == 4 * (1 + 4)


class _Persons(Dataset):
    """Four persons without an image."""

    metainfo = dict(keypoint_id2name=NAMES)

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return dict(inputs=torch.zeros(1), index=index)


class _TagsKnownNow(BaseModel):
    """A model whose tags are unknown at every other validation, starting with the first."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.steps = 0

    def forward(self, inputs, index, mode='tensor'):
        if mode == 'loss':
            self.steps += 1
            return dict(loss=self.weight.sum())
        even = self.steps % 2 == 0
        tags = TAGS if even else [[-1] * 4] * 4
        return [_sample(tags[i], PROBS[i]) for i in index]


class TestNothingToEvaluate:
    """No data, unknown tags, a diverged model."""

    @pytest.mark.parametrize('samples', [[], [_sample([-1] * 4, PROBS[0])] * 2])
    def test_nan(self, samples):
        """The averages are NaN and the count is zero."""
        metric = _metric(per_keypoint=True)
        metric.process(None, samples)
        out = metric.evaluate(len(samples))
        assert all(math.isnan(out[f'category/{k}']) for k in ('mAP', 'mAP_chance', 'F1'))
        assert out['category/num_keypoints'] == 0 and len(out) == 5

    def test_diverged(self):
        """A NaN probability is not hidden by the other keypoints."""
        metric = _metric()
        metric.process(
            None, [_sample(t, [np.nan, *p[1:]]) for t, p in zip(TAGS, PROBS, strict=True)]
        )
        assert math.isnan(metric.evaluate(4)['category/mAP'])

    def test_best_checkpoint(self, tmp_path):
        """NaN saves no best checkpoint; a value does, and a later NaN does not replace it."""
        loader = dict(
            dataset=_Persons(),
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='default_collate'),
            batch_size=4,
            num_workers=0,
        )
        runner = Runner(
            model=_TagsKnownNow(),
            work_dir=str(tmp_path),
            train_dataloader=loader,
            val_dataloader=loader,
            val_evaluator=Evaluator(_metric()),
            train_cfg=dict(by_epoch=True, max_epochs=3),
            val_cfg=dict(),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
            default_hooks=dict(
                checkpoint=dict(type='CheckpointHook', save_best='auto', interval=5)
            ),
            experiment_name=f'category-{tmp_path.name}',
            default_scope='mmpose',
            log_level='ERROR',
        )
        runner.train()
        best = [path.name for path in tmp_path.glob('best*')]
        assert best == ['best_category_mAP_epoch_2.pth']


class TestMistakes:
    """Each is named with its remedy."""

    def test_no_tags(self):
        """For a pipeline without the withholding step the message names what to add."""
        sample = _sample(TAGS[0], PROBS[0])
        del sample['gt_instance_labels']['keypoint_tags']
        with refuses('pipeline-tags', 'some.jpg'):
            _metric().process(None, [sample])
        del sample['gt_instance_labels']
        with refuses('pipeline-tags'):
            _metric().process(None, [sample])

    def test_no_probabilities(self):
        """A head without categories is named."""
        sample = _sample(TAGS[0], PROBS[0])
        del sample['pred_instances']['keypoint_probs']
        with refuses('no-probabilities'):
            _metric().process(None, [sample])

    def test_other_number_of_keypoints(self):
        """Head and data that differ are named with both shapes."""
        with refuses('keypoint-count'):
            _metric().process(None, [_sample(TAGS[0], PROBS[0][:3])])

    def test_threshold(self):
        """A threshold that is no probability is refused."""
        with refuses('config-value', 'KeypointCategoryMetric.threshold'):
            KeypointCategoryMetric(threshold=50)
