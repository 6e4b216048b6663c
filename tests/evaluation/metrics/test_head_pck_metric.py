"""PCKh from head boxes."""

import numpy as np
import pytest

from lfhpe_mmpose.evaluation.metrics import HeadPCKMetric
from tests.refusal import refuses

META = dict(keypoint_id2name={0: 'pelvis', 1: 'left_knee', 2: 'right_knee'})


def sample(errors, visible=(1, 1, 1), box=(5, 5, 6, 8)) -> dict:
    """A person whose predictions are off to the right by some pixels; head size 6."""
    truth = np.full((1, 3, 2), 50.0)
    found = truth.copy()
    found[0, :, 0] += errors
    raw = {} if box is None else dict(head_box=list(box))
    return dict(
        id=7,
        raw_ann_info=raw,
        gt_instances=dict(keypoints=truth, keypoints_visible=np.array([visible])),
        pred_instances=dict(keypoints=found),
    )


def evaluate(*samples, **options) -> dict:
    """The metric's numbers."""
    metric = HeadPCKMetric(**options)
    metric.dataset_meta = META
    metric.process(None, list(samples))
    return metric.evaluate(len(samples))


class TestHeadPCKMetric:
    """`HeadPCKMetric`."""

    def test_head_size(self):
        """0.6 of the diagonal of 10 pixels; right is what is nearer than half of that."""
        found = evaluate(sample([0, 2.99, 3.01]))
        assert found['pckh/PCKh@0.5'] == 50
        assert found['pckh/PCKh@0.5_left_knee'] == 100
        assert found['pckh/PCKh@0.5_right_knee'] == 0
        assert found['pckh/PCKh@0.1'] == 0

    def test_left_out_and_unseen(self):
        """The pelvis and what is not annotated do not count; keypoints weigh by number."""
        people = [
            sample([90, 0, 90], (1, 1, 0)),
            sample([90, 0, 0]),
            sample([90, 90, 0], (1, 1, 0)),
        ]
        assert evaluate(*people)['pckh/PCKh@0.5'] == pytest.approx(75)
        assert evaluate(*people, leave_out=())['pckh/PCKh@0.5'] == pytest.approx(100 * 3 / 7)

    def test_nan_is_wrong(self):
        """A prediction that is no number."""
        assert evaluate(sample([0, np.nan, 0]))['pckh/PCKh@0.5'] == 50

    def test_nothing_annotated(self):
        """NaN, without a warning of NumPy."""
        assert np.isnan(evaluate(sample([0, 0, 0], (0, 0, 0)))['pckh/PCKh@0.5'])

    def test_per_keypoint(self):
        """The single numbers can be left out."""
        assert set(evaluate(sample([0, 0, 0]), per_keypoint=False, thresholds=(0.3,))) == {
            'pckh/PCKh@0.3'
        }

    @pytest.mark.parametrize('box', [None, (1, 1, 0, 0)])
    def test_no_head_box(self, box):
        """Without it the metric means nothing."""
        with refuses('head-box', 'annotation 7'):
            evaluate(sample([0, 0, 0], box=box))
