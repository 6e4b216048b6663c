"""Tests of PCK per keypoint and of the swap rate."""

import math

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import InstanceData
from mmpose.evaluation.metrics import PCKAccuracy
from mmpose.registry import METRICS
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.evaluation import KeypointErrorMetric
from tests.refusal import refuses

NAMES = ('nose', 'left_shoulder', 'right_shoulder', 'right_hip')
FLIP = [0, 2, 1, 3]
# The longer side is 100, left shoulder to right hip 50.
BOX = [10.0, 10.0, 60.0, 110.0]
TRUTH = [[30.0, 20.0], [40.0, 40.0], [20.0, 40.0], [10.0, 80.0]]


def sample(predicted, visible=(1, 1, 1, 1), truth=TRUTH, box=BOX):
    """One person as MMEngine hands it to a metric."""
    return dict(
        gt_instances=dict(
            keypoints=np.array([truth], dtype=np.float32),
            keypoints_visible=np.array([visible], dtype=np.float32),
            bboxes=np.array([box], dtype=np.float32),
        ),
        pred_instances=dict(keypoints=np.array([predicted], dtype=np.float32)),
        flip_indices=FLIP,
    )


def moved(*offsets):
    """Predictions that are off by so many pixels to the right."""
    return [[x + dx, y] for (x, y), dx in zip(TRUTH, offsets)]


def judge(*samples, names=NAMES, **options) -> dict:
    """The metrics of some persons."""
    metric = KeypointErrorMetric(**options)
    metric.dataset_meta = dict(
        keypoint_id2name=dict(enumerate(names)),
        keypoint_name2id={name: i for i, name in enumerate(names)},
    )
    metric.process(None, list(samples[:1]))
    metric.process(None, list(samples[1:]))
    return metric.evaluate(max(1, len(samples)))


class TestPck:
    """The share of keypoints that are found."""

    def test_by_hand(self):
        """Keypoints count one by one; what is not annotated does not count."""
        out = judge(
            sample(moved(5, 15, 0, 99)),
            sample(moved(25, 5, 99, 99), visible=(1, 1, 0, 0)),
        )
        single = dict(nose=(1 / 2, 1 / 2), left_shoulder=(1 / 2, 1), right_shoulder=(1, 1))
        single['right_hip'] = (0, 0)
        for name, (near, far) in single.items():
            assert out[f'keypoint/PCK@0.1_{name}'] == pytest.approx(near)
            assert out[f'keypoint/PCK@0.2_{name}'] == pytest.approx(far)
        assert out['keypoint/PCK@0.1'] == pytest.approx((1 / 2 + 1 / 2 + 1 + 0) / 4)
        assert out['keypoint/PCK@0.2'] == pytest.approx((1 / 2 + 1 + 1 + 0) / 4)
        assert len(out) == 2 + 3 + 1 + 8

    def test_never_annotated(self):
        """A keypoint that nobody has is in no mean and has no value."""
        out = judge(sample(moved(0, 0, 99, 99), visible=(1, 1, 1, 0)), thresholds=(0.05,))
        assert out['keypoint/PCK@0.05'] == pytest.approx(2 / 3)
        assert 'keypoint/PCK@0.05_right_hip' not in out
        assert out['keypoint/PCK@0.05_right_shoulder'] == 0

    @pytest.mark.parametrize('threshold', [0.05, 0.1, 0.2, 0.5])
    def test_as_mmpose(self, threshold):
        """On random persons it is what PCKAccuracy gives, exact hits of the threshold too."""
        rng = np.random.default_rng(1)
        own = KeypointErrorMetric(thresholds=[threshold], per_keypoint=False)
        theirs = PCKAccuracy(thr=threshold, norm_item='bbox')
        # Whole pixels and a side of 32: some errors are exactly 0.5 of it.
        for _ in range(200):
            truth = rng.integers(0, 32, (4, 2))
            offset = rng.integers(-16, 17, (4, 2)) * rng.integers(0, 2, (4, 2))
            visible = rng.integers(0, 2, 4) * (1, 1, 1, 0)
            person = sample(truth + offset, visible, truth, [0, 0, 32, rng.integers(1, 32)])
            own.process(None, [person])
            theirs.process(None, [person])
        value = own.evaluate(200)['keypoint/PCK@' + f'{threshold:g}']
        assert value == pytest.approx(theirs.evaluate(200)['PCK'], abs=1e-9)
        assert 0 < value < 1

    def test_diverged(self):
        """A prediction that is no number is wrong, not left out."""
        out = judge(sample([[math.nan] * 2, *moved(0, 0, 0, 0)[1:]]))
        assert out['keypoint/PCK@0.1_nose'] == 0
        assert out['keypoint/PCK@0.1'] == pytest.approx(3 / 4)

    def test_torso(self):
        """Normalised by the torso; a person without one is left out."""
        persons = [
            sample(moved(0, 0, 0, 6)),
            sample(moved(0, 0, 0, 4)),
            sample(moved(99, 99, 99, 99), visible=(1, 0, 1, 1)),
            sample(moved(99, 99, 99, 99), visible=(1, 1, 1, 0)),
            sample([TRUTH[1]] * 4, truth=[TRUTH[1]] * 4),
        ]
        out = judge(*persons, norm='torso')
        assert out['keypoint/PCK@0.1_right_hip'] == pytest.approx(1 / 2)
        assert out['keypoint/PCK@0.1'] == pytest.approx(7 / 8)
        assert judge(*persons[:2])['keypoint/PCK@0.1'] == 1

    def test_box_without_size(self):
        """A person without a box to measure by is left out."""
        out = judge(sample(moved(0, 0, 0, 0)), sample(moved(9, 9, 9, 9), box=[5, 5, 5, 5]))
        assert out['keypoint/PCK@0.1'] == 1


class TestSwapRate:
    """Left taken for right."""

    def test_by_hand(self):
        """A swap is near the partner and not near itself; nose and hip have no partner."""
        swapped = [TRUTH[0], TRUTH[2], TRUTH[1], TRUTH[3]]
        assert judge(sample(swapped))['keypoint/swap_rate'] == 1
        half = [TRUTH[0], TRUTH[2], TRUTH[2], TRUTH[3]]
        assert judge(sample(half))['keypoint/swap_rate'] == 1 / 2
        assert judge(sample(moved(0, 0, 0, 0)))['keypoint/swap_rate'] == 0
        # Wrong, and near nobody.
        assert judge(sample(moved(99, 99, 99, 99)))['keypoint/swap_rate'] == 0
        many = judge(sample(swapped), sample(half), sample(moved(0, 0, 0, 0)))
        assert many['keypoint/swap_rate'] == pytest.approx(3 / 6)

    def test_partner_must_be_annotated(self):
        """Without the partner's place there is nothing to compare with."""
        swapped = [TRUTH[0], TRUTH[2], TRUTH[1], TRUTH[3]]
        alone = sample(swapped, visible=(1, 1, 0, 1))
        assert math.isnan(judge(alone)['keypoint/swap_rate'])
        assert judge(alone, sample(moved(0, 0, 0, 0)))['keypoint/swap_rate'] == 0

    def test_threshold(self):
        """The threshold says what near is: the shoulders lie 0.2 apart."""
        near_both = sample(moved(0, -10, 10, 0))
        assert judge(near_both, swap_threshold=0.15)['keypoint/swap_rate'] == 0
        nearer_to_other = sample(moved(0, -14, 14, 0))
        assert judge(nearer_to_other, swap_threshold=0.1)['keypoint/swap_rate'] == 1
        assert judge(nearer_to_other, swap_threshold=0.05)['keypoint/swap_rate'] == 0


class TestReport:
    """What is reported."""

    def test_brief(self):
        """Keypoints are named on request only."""
        out = judge(sample(TRUTH), per_keypoint=False, quantiles=())
        assert list(out) == ['keypoint/PCK@0.1', 'keypoint/PCK@0.2', 'keypoint/swap_rate']

    def test_nothing_to_judge(self):
        """Without a person that can be judged every value is NaN."""
        for person in (sample(TRUTH, visible=(0, 0, 0, 0)), sample(TRUTH, box=[5, 5, 5, 5])):
            out = judge(person)
            assert list(out) == ['keypoint/PCK@0.1', 'keypoint/PCK@0.2', 'keypoint/swap_rate']
            assert all(math.isnan(value) for value in out.values())

    def test_through_an_evaluator(self):
        """Built from the registry, fed with data samples; unnamed keypoints are numbered."""
        data = sample(moved(0, 0, 0, 99))
        person = PoseDataSample(metainfo=dict(flip_indices=FLIP))
        person.gt_instances = InstanceData(**data['gt_instances'])
        person.pred_instances = InstanceData(
            keypoints=torch.from_numpy(data['pred_instances']['keypoints'])
        )
        evaluator = Evaluator(METRICS.build(dict(type='KeypointErrorMetric', prefix='val')))
        evaluator.process([person])
        out = evaluator.evaluate(1)
        assert out['val/PCK@0.2'] == pytest.approx(3 / 4) and out['val/PCK@0.2_3'] == 0

    def test_visibility_of_mmpose(self):
        """Visibility with a weight beside it, (1, K, 2), is read as well."""
        person = sample(moved(0, 99, 0, 0))
        flags = np.stack([[1, 0, 1, 1], [1, 1, 1, 1]], -1)[None]
        person['gt_instances']['keypoints_visible'] = flags
        assert judge(person)['keypoint/PCK@0.2'] == 1


class TestMistakes:
    """Each is named with its remedy."""

    def test_norm(self):
        """An unknown normaliser."""
        with refuses('config-value', 'KeypointErrorMetric.norm'):
            KeypointErrorMetric(norm='head')

    def test_no_torso(self):
        """A keypoint set without a torso."""
        names = ('nose', 'left_shoulder', 'right_shoulder', 'tail')
        with refuses('config-value', 'KeypointErrorMetric.norm'):
            judge(sample(TRUTH), names=names, norm='torso')


class TestGroupsAndQuantiles:
    """PCK of parts of the persons, and the distribution of errors."""

    def test_group(self):
        """Each value of an entry of the annotation, without persons that do not have it."""
        persons = [sample(moved(*[d] * 4)) for d in (0, 30, 0, 0)]
        for person, species in zip(persons, ['dog', 'dog', 'cat', None]):
            person['raw_ann_info'] = {} if species is None else dict(species=species)
        found = judge(*persons, group='species')
        found = {k.removeprefix('keypoint/'): v for k, v in found.items()}
        assert found['PCK@0.2_species=dog'] == 0.5 and found['PCK@0.2_species=cat'] == 1
        assert found['PCK@0.2'] == 0.75
        assert not any('=' in name for name in judge(*persons))

    def test_quantiles(self):
        """Of annotated keypoints alone; a NaN prediction is infinitely far."""
        person = sample(moved(1, 2, 3, 99), visible=(1, 1, 1, 0))
        found = judge(person, quantiles=(0.5, 0.9))
        assert found['keypoint/error_q50'] == pytest.approx(0.02)
        assert found['keypoint/error_q90'] == pytest.approx(0.03)
        nowhere = judge(sample(moved(np.nan, 2, 3, 4)), quantiles=(1,))
        assert nowhere['keypoint/error_q100'] == np.inf


class TestScores:
    """Whether scores are probabilities."""

    def test_by_hand(self):
        """Annotated keypoints alone: bins of 0.9, 0.9 and 0.2; the other is not annotated."""
        one = sample(moved(5, 15, 5, 99), visible=(1, 1, 1, 0))
        one['pred_instances']['keypoint_scores'] = np.array([[0.9, 0.95, 0.2, 0.9]])
        out = judge(one)
        assert out['keypoint/ECE'] == pytest.approx((0.85 + 0.8) / 3)
        assert out['keypoint/above'] == pytest.approx(2 / 3)
        assert out['keypoint/PCK@0.1_above'] == 0.5

    def test_left_out(self):
        """Without scores, and for another normaliser than the box."""
        assert 'keypoint/ECE' not in judge(sample(moved(5, 15, 0, 99)))
        one = sample(moved(5, 15, 5, 99))
        one['pred_instances']['keypoint_scores'] = np.full((1, 4), 0.9)
        assert 'keypoint/ECE' not in judge(one, norm='torso')
