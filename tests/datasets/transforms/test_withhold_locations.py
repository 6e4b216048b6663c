"""Tests of the withholding step."""

import numpy as np
import pytest

from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.datasets.transforms.withhold_locations import LOCATION_FREE_KEYS
from tests.refusal import refuses

KEYPOINTS = [[20.0, 30.0], [40.0, 60.0], [0.0, 0.0]]


def person(**changes) -> dict:
    """One person as MMPose's top-down data sets give it."""
    return {
        'img_id': 5,
        'id': 50,
        'img_path': 'people/5.jpg',
        'bbox': np.array([[10.0, 20.0, 110.0, 220.0]], dtype=np.float32),
        'bbox_score': np.ones(1, dtype=np.float32),
        'keypoints': np.array([KEYPOINTS], dtype=np.float32),
        'keypoints_visible': np.array([[1.0, 1.0, 0.0]], dtype=np.float32),
        'num_keypoints': 2,
        'area': np.array(1000.0),
        'segmentation': [[20, 30, 40, 60]],
        'head_size': np.array([12.5]),
        'raw_ann_info': {'keypoints': [20, 30, 2, 40, 60, 1, 0, 0, 0]},
        'dataset': object(),
        'flip_indices': [1, 0, 2],
        **changes,
    }


class TestWithholdLocations:
    """Nothing behind the withholding step can read a withheld coordinate."""

    def test_tagged_person_has_tags_and_no_coordinate(self):
        """Coordinates, visibility and every unknown key are gone, tags are there."""
        out = WithholdLocations(fraction=0.0)(person())
        assert out['located'].tolist() == [False]
        assert out['keypoint_tags'].tolist() == [[[1, 1, 0]]]
        assert not out['keypoints'].any() and not out['keypoints_visible'].any()
        added = {'keypoints', 'keypoints_visible', 'keypoint_tags', 'tag_views', 'located'}
        added.add('answer_error')
        assert set(out) - added <= set(LOCATION_FREE_KEYS)

    def test_original_is_left_alone(self):
        """The data set's own record keeps its coordinates."""
        data = person()
        WithholdLocations(fraction=0.0)(data)
        assert data['keypoints'].tolist() == [KEYPOINTS] and 'raw_ann_info' in data

    def test_located_person_keeps_coordinates(self):
        """A located person has coordinates and tags, but no way to other persons."""
        out = WithholdLocations(fraction=1.0)(person())
        assert out['located'].tolist() == [True]
        assert out['keypoints'].tolist() == [KEYPOINTS]
        assert out['keypoint_tags'].tolist() == [[[1, 1, 0]]]
        assert 'dataset' not in out

    def test_occluded(self):
        """COCO's flag 1 is read from the raw annotation, where MMPose merges it with 2."""
        for choice, tag in (('positive', 1), ('negative', 0), ('unknown', -1)):
            out = WithholdLocations(fraction=0.0, occluded=choice)(person())
            assert out['keypoint_tags'].tolist() == [[[1, tag, 0]]]

    def test_data_sets_without_raw_annotation(self):
        """Without the raw annotation the visibility flags give the tags."""
        data = person()
        del data['raw_ann_info']
        out = WithholdLocations(fraction=0.0, occluded='negative')(data)
        assert out['keypoint_tags'].tolist() == [[[1, 1, 0]]]

    def test_views(self):
        """V views give (1, V, K) tags and (1, V, 4, 2) corners in order round the window."""
        out = WithholdLocations(fraction=0.0, views=4)(person())
        assert out['keypoint_tags'].shape == (1, 4, 3)
        assert out['tag_views'].shape == (1, 4, 4, 2)
        corners = [[5, 10], [115, 10], [115, 230], [5, 230]]
        assert np.allclose(out['tag_views'][0, 0], corners)

    def test_views_stay(self):
        """A person's sub-crops are the same each time, whatever numpy's random state is."""
        door = WithholdLocations(fraction=0.0, views=4)
        first, second = door(person()), door(person())
        assert np.array_equal(first['tag_views'], second['tag_views'])
        np.random.seed(1)
        state = np.random.get_state()[1].copy()
        door(person())
        assert np.array_equal(np.random.get_state()[1], state)

    def test_unlimited_views(self):
        """Unlimited sub-crops are fresh each time, with tags of their own; view 0 stays."""
        door = WithholdLocations(fraction=0.0, views=4, unlimited=True)
        np.random.seed(0)
        loads = [door(person()) for _ in range(20)]
        views = np.stack([out['tag_views'][0] for out in loads])
        assert len(np.unique(views[:, 1:].reshape(20, -1), axis=0)) == 20
        fixed = WithholdLocations(fraction=0.0, views=4)(person())['tag_views'][0]
        assert (views[:, 0] == fixed[0]).all()
        for out in loads:
            for corners, tags in zip(out['tag_views'][0], out['keypoint_tags'][0]):
                (x1, y1), (x2, y2) = corners[0], corners[2]
                inside = [x1 <= x < x2 and y1 <= y < y2 for x, y in KEYPOINTS[:2]]
                assert tags.tolist() == [*inside, 0]

    def test_unlimited_views_are_repeatable(self):
        """They come from numpy's global state, which the runner's seed sets."""
        door = WithholdLocations(fraction=0.0, views=4, unlimited=True)
        drawn = []
        for seed in (5, 5, 6):
            np.random.seed(seed)
            drawn.append(np.stack([door(person())['tag_views'] for _ in range(3)]))
        assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])

    def test_sub_crops_alone(self):
        """Without the whole person, V sub-crops have tags, and the whole is unknown."""
        out = WithholdLocations(fraction=0.0, views=3, whole_person=False)(person())
        usual = WithholdLocations(fraction=0.0, views=4)(person())
        assert np.array_equal(out['tag_views'], usual['tag_views'])
        assert (out['keypoint_tags'][0, 0] == -1).all()
        assert np.array_equal(out['keypoint_tags'][0, 1:], usual['keypoint_tags'][0, 1:])

    def test_sub_crops_alone_of_a_located_person(self):
        """The whole person's tags of a located person follow from its coordinates."""
        out = WithholdLocations(fraction=1.0, whole_person=False)(person())
        usual = WithholdLocations(fraction=1.0, views=2)(person())
        assert np.array_equal(out['keypoint_tags'], usual['keypoint_tags'])

    @pytest.mark.parametrize('given', [[1, 0, -1], None])
    def test_sub_crops_alone_beside_a_file_with_tags(self, given):
        """Tags and views of a file stand: a person with them has been asked about."""
        data = person()
        data['raw_ann_info']['keypoint_tags'] = given
        out = WithholdLocations(fraction=0.0, whole_person=False)(data)
        assert out['keypoint_tags'][0, 0].tolist() == (given or [-1, -1, -1])
        data['raw_ann_info']['tag_views'] = [dict(bbox=[0, 0, 9, 9], keypoint_tags=[0, 0, 1])]
        doors = [WithholdLocations(fraction=0.0, whole_person=w) for w in (True, False)]
        with_views = [door(data)['keypoint_tags'].tolist() for door in doors]
        assert with_views[0] == with_views[1]
        assert len(with_views[0][0]) == 2

    def test_unlimited_sub_crops_alone(self):
        """One fresh sub-crop each time."""
        door = WithholdLocations(fraction=0.0, unlimited=True, whole_person=False)
        drawn = {door(person())['tag_views'][0, 1].tobytes() for _ in range(9)}
        assert len(drawn) == 9

    def test_repr(self):
        """A log tells whether the views were unlimited, and whether the whole was asked."""
        assert 'whole_person=False' in repr(WithholdLocations(fraction=0.0, whole_person=False))
        assert 'views=4' in repr(WithholdLocations(fraction=0.0, views=4))
        assert 'unlimited=False' in repr(WithholdLocations(fraction=0.0))
        assert 'unlimited=True' in repr(WithholdLocations(fraction=0.0, unlimited=True))

    def test_inference_passes(self):
        """Data without annotations pass unchanged."""
        data = dict(img=np.zeros((4, 4, 3)), bbox=np.ones((1, 4)))
        assert WithholdLocations(fraction=0.0)(data) is data

    @pytest.mark.parametrize(
        ('arguments', 'word'),
        [
            (dict(fraction=1.5), 'fraction'),
            (dict(fraction=-0.1), 'fraction'),
            (dict(fraction='25%'), 'fraction'),
            (dict(fraction=float('nan')), 'fraction'),
            (dict(fraction=0.5, occluded='maybe'), 'occluded'),
            (dict(fraction=0.5, views=0), 'views'),
            (dict(fraction=0.5, view_scale=(0.9, 0.4)), 'view_scale'),
        ],
    )
    def test_bad_arguments(self, arguments, word):
        """An argument out of range is refused by name."""
        with refuses('option', f'WithholdLocations.{word}'):
            WithholdLocations(**arguments)

    def test_no_ids(self):
        """Data without ids are refused with the file named."""
        data = person()
        del data['id']
        with refuses('pipeline', '5.jpg'):
            WithholdLocations(fraction=0.0)(data)

    def test_several_persons(self):
        """Bottom-up samples are refused."""
        with refuses('pipeline', '5.jpg'):
            WithholdLocations(fraction=0.0)(person(keypoints=np.zeros((2, 3, 2))))
