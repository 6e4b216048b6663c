"""Tests of the packing of tags."""

import numpy as np
import pytest
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.datasets.transforms import PackTaggedInputs, WithholdLocations
from tests.refusal import refuses

from .test_withhold_locations import person


def pipeline(*middle, views=3, occluded='positive', fraction=1.0):
    """Withholding, the steps in the middle, and packing."""
    steps = [WithholdLocations(fraction=fraction, views=views, occluded=occluded)]
    steps += [TRANSFORMS.build(dict(cfg)) for cfg in middle]
    steps.append(PackTaggedInputs(pack_transformed=True))

    def run(data):
        for step in steps:
            data = step(data)
        return data['data_samples']

    return run


def picture(**changes):
    """A person in a picture of 200 x 300 pixels."""
    img = np.zeros((300, 200, 3), dtype=np.uint8)
    return person(img=img, img_shape=(300, 200), ori_shape=(300, 200), **changes)


CROP = (
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(96, 128)),
)
FLIP = dict(type='RandomFlip', prob=1.0)


class TestPackTaggedInputs:
    """Tags and windows follow what the pipeline did to the picture."""

    def test_fields(self):
        """Tags, windows and located are tensors of the promised shapes."""
        labels = pipeline(*CROP)(picture()).gt_instance_labels
        assert labels.keypoint_tags.shape == (1, 3, 3)
        assert labels.tag_views.shape == (1, 3, 4, 2)
        assert labels.located.tolist() == [True]

    @pytest.mark.parametrize('use_udp', [False, True])
    def test_windows_move_with_the_keypoints(self, use_udp):
        """A keypoint keeps its place in each window through flip, rotation and either crop."""
        run = pipeline(
            FLIP,
            CROP[0],
            dict(type='RandomBBoxTransform', rotate_prob=1.0, scale_prob=1.0, shift_prob=1.0),
            dict(CROP[1], use_udp=use_udp),
        )
        before = WithholdLocations(fraction=1.0, views=3)(picture())
        for _ in range(20):
            sample = run(picture())
            after = sample.gt_instance_labels.tag_views[0].numpy()
            keypoints = sample.gt_instances.transformed_keypoints[0]
            for v in range(3):
                old = place(before['keypoints'][0], before['tag_views'][0, v])
                new = place(keypoints, after[v])
                # The mirror image: keypoints 0 and 1 are a pair, x runs the other way.
                assert np.allclose(new[[1, 0]], [1, 0] + [-1, 1] * old[[0, 1]], atol=1e-3)

    @pytest.mark.parametrize('use_udp', [False, True])
    def test_warp_of_a_tagged_person(self, use_udp):
        """The warp that was applied is found from withheld keypoints as well."""
        crop = dict(CROP[1], use_udp=use_udp)
        both = [pipeline(CROP[0], crop, fraction=f)(picture()) for f in (0.0, 1.0)]
        tagged, located = (s.gt_instance_labels.tag_views.numpy() for s in both)
        assert np.array_equal(tagged, located)
        # The whole person's window reaches 1.1 / 1.25 of the long side, of 127 steps or of 128.
        height = located[0, 0, 2, 1] - located[0, 0, 0, 1]
        assert height == pytest.approx((127 if use_udp else 128) * 1.1 / 1.25, abs=1e-3)

    def test_flip_swaps_tags(self):
        """A horizontal flip swaps left and right tags, in every view."""
        run, run_flipped = (pipeline(*s, occluded='negative') for s in (CROP, (FLIP, *CROP)))
        straight = run(picture()).gt_instance_labels.keypoint_tags
        flipped = run_flipped(picture()).gt_instance_labels.keypoint_tags
        assert straight[0, 0].tolist() == [1, 0, 0]
        assert flipped.tolist() == straight[..., [1, 0, 2]].tolist()
        assert flipped.tolist() != straight.tolist()

    def test_half_turn_keeps_sides(self):
        """A diagonal flip is a half turn: left stays left."""
        turn = dict(type='RandomFlip', prob=1.0, direction='diagonal')
        run, run_turned = (pipeline(*s, occluded='negative') for s in (CROP, (turn, *CROP)))
        straight = run(picture()).gt_instance_labels.keypoint_tags
        turned = run_turned(picture()).gt_instance_labels.keypoint_tags
        assert straight[0, 0].tolist() == [1, 0, 0]
        assert turned.tolist() == straight.tolist()

    def test_cut_view_is_unknown(self):
        """In a window that the crop cuts, seen becomes unknown and absent stays absent."""
        data = picture()
        steps = pipeline(CROP[0], CROP[1], views=1)
        assert steps(dict(data)).gt_instance_labels.keypoint_tags.tolist() == [[[1, 1, 0]]]
        data['bbox_scale'] = np.array([[40.0, 60.0]], dtype=np.float32)
        data['bbox_center'] = np.array([[60.0, 120.0]], dtype=np.float32)
        assert steps(data).gt_instance_labels.keypoint_tags.tolist() == [[[-1, -1, 0]]]

    def test_flip_after_crop_is_refused(self):
        """A flip after the crop gets an error that names the remedy."""
        with refuses('pipeline', '5.jpg'):
            pipeline(*CROP, FLIP)(picture())

    def test_without_tags(self):
        """Data without tags are packed as MMPose packs them."""
        data = dict(img=np.zeros((8, 8, 3), dtype=np.uint8), img_shape=(8, 8))
        assert 'keypoint_tags' not in PackTaggedInputs()(data)['data_samples'].gt_instance_labels


def place(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Coordinates of points (N, 2) along the sides of a window, 0 to 1 inside."""
    sides = np.stack([corners[1] - corners[0], corners[3] - corners[0]], axis=1)
    return np.linalg.solve(sides, (points - corners[0]).T).T  # UDP shears a rotated window
