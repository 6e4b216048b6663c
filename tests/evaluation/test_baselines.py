"""Mean pose and crop centre."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmpose.evaluation.metrics import PCKAccuracy

import lfhpe_mmpose  # noqa: F401  registers the data sets
from lfhpe_mmpose.datasets.synthetic import generate_people
from lfhpe_mmpose.evaluation.baselines import (
    People,
    blind_baselines,
    load_people,
    mean_pose,
    pck,
    predict_crop_centre,
    predict_mean_pose,
)
from tests.refusal import refuses


@pytest.fixture
def two():
    """Two persons with two keypoints in boxes of 100 x 50 and 20 x 40 pixels."""
    return People(
        keypoints=np.array([[[50, 25], [75, 25]], [[10, 20], [15, 30]]], float),
        visibility=np.array([[2, 2], [1, 0]]),
        boxes=np.array([[0, 0, 100, 50], [0, 0, 20, 40]], float),
        names=('a', 'b'),
    )


class TestByHand:
    """Values worked out by hand."""

    def test_mean_pose(self, two):
        """Unlabelled keypoints do not count."""
        np.testing.assert_allclose(mean_pose(two), [[0, 0], [0.25, 0]])

    def test_mean_pose_is_laid_into_the_box(self, two):
        """Offsets scale with the box's width and height, around its centre."""
        np.testing.assert_allclose(
            predict_mean_pose(np.array([[0, 0], [0.25, -0.5]]), two),
            [[[50, 25], [75, 0]], [[10, 20], [15, 0]]],
        )

    def test_crop_centre(self, two):
        """Each keypoint is put at the centre."""
        np.testing.assert_allclose(predict_crop_centre(two), [[[50, 25]] * 2, [[10, 20]] * 2])

    def test_pck(self, two):
        """The centre is right for a twice, and 25 of 100 pixels off for b's only person."""
        result = pck(predict_crop_centre(two), two, 0.2)
        assert result.per_keypoint == {'a': 1.0, 'b': 0.0}
        assert result.counts == {'a': 2, 'b': 1}
        assert result.mean == 0.5
        assert pck(predict_crop_centre(two), two, 0.26).mean == 1.0

    def test_mean_is_over_keypoints(self, two):
        """Each keypoint counts alike, however many persons show it."""
        predictions = two.keypoints.copy()
        predictions[1, 0] += 1000
        result = pck(predictions, two)
        assert result.per_keypoint == {'a': 0.5, 'b': 1.0}
        assert result.mean == 0.75

    def test_seen_only(self, two):
        """Covered keypoints are left out on request; keypoints of nobody become NaN."""
        assert pck(two.keypoints, two, seen_only=True).counts == {'a': 1, 'b': 1}
        nobody = People(two.keypoints, two.visibility * [1, 0], two.boxes, two.names)
        result = pck(two.keypoints, nobody)
        assert np.isnan(result.per_keypoint['b']) and result.mean == 1.0

    @pytest.mark.parametrize('shape, threshold', [((2, 3, 2), 0.2), ((2, 2, 2), 0.0)])
    def test_bad_arguments(self, two, shape, threshold):
        """Wrong shapes and thresholds are refused."""
        with pytest.raises(ValueError, match=r'shape|threshold'):
            pck(np.zeros(shape), two, threshold)


class TestSynthetic:
    """On synthetic people."""

    @pytest.fixture(scope='class')
    def sets(self, tmp_path_factory):
        """600 and 200 persons of either keypoint set."""
        found = {}
        for keypoints, kind in (('lsp', 'LspExtendedDataset'), ('coco', 'CocoDataset')):
            folder = tmp_path_factory.mktemp(keypoints)
            paths = generate_people(folder, 600, 200, keypoints=keypoints, progress=False)
            found[keypoints] = [
                load_people(dict(type=kind, ann_file=paths[f'{split}_ann']))
                for split in ('train', 'val')
            ]
        return found

    @pytest.mark.parametrize('keypoints', ['lsp', 'coco'])
    def test_mean_pose_stays_low(self, sets, keypoints):
        """Pose and place vary so much that the mean pose stays below 0.40 at 0.2 of the box."""
        train, val = sets[keypoints]
        results = blind_baselines(train, val)
        assert 0.2 < results['mean_pose'][0.2].mean < 0.40
        assert results['crop_centre'][0.2].mean < results['mean_pose'][0.2].mean
        assert results['mean_pose'][0.1].mean < results['mean_pose'][0.2].mean

    def test_agrees_with_mmpose_pck_accuracy(self, sets):
        """MMPose's metric gives the same number from the same predictions."""
        train, val = sets['lsp']
        predictions = predict_mean_pose(mean_pose(train), val)
        metric = PCKAccuracy(thr=0.2, norm_item='bbox')
        metric.process(
            [{}] * len(val.boxes),
            [
                dict(
                    pred_instances=dict(keypoints=predictions[i : i + 1]),
                    gt_instances=dict(
                        keypoints=val.keypoints[i : i + 1],
                        keypoints_visible=val.visibility[i : i + 1] > 0,
                        bboxes=val.boxes[i : i + 1],
                    ),
                )
                for i in range(len(val.boxes))
            ],
        )
        theirs = metric.evaluate(len(val.boxes))['PCK']
        assert pck(predictions, val, 0.2).mean == pytest.approx(theirs)

    def test_truth_is_perfect(self, sets):
        """The truth itself scores 1."""
        assert pck(sets['lsp'][1].keypoints, sets['lsp'][1], 0.01).mean == 1.0

    def test_crowd_and_unlabelled_persons_are_left_out(self, tmp_path):
        """A set of which no person has keypoints is refused by name."""
        paths = generate_people(tmp_path, 2, 1, image_size=64, progress=False)
        content = json.loads(Path(paths['val_ann']).read_text())
        for annotation in content['annotations']:
            annotation.update(num_keypoints=0, keypoints=[0] * 42)
        Path(paths['val_ann']).write_text(json.dumps(content))
        with refuses('no-persons'):
            load_people(dict(type='LspExtendedDataset', ann_file=paths['val_ann']))
