"""Tests of the tags-only file: the withholding step's numbers, and no coordinate."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.withhold import exact_box, withhold
from lfhpe_mmpose.datasets import TaggedCocoDataset
from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.tags import TagFile, load_tag_file
from lfhpe_mmpose.tags.views import draw_views
from tests.refusal import refuses

NAMES = ['nose', 'left_wrist', 'right_wrist', 'hat']
METAINFO = dict(
    dataset_name='four',
    paper_info={},
    keypoint_info={
        i: dict(name=name, id=i, color=[0, 0, 0], type='', swap='') for i, name in enumerate(NAMES)
    },
    skeleton_info={},
    joint_weights=[1.0] * 4,
    sigmas=[0.1] * 4,
)
# As annotation files have them: whole, in hundredths, and of any other length.
COORDINATES = st.integers(-20, 700) | st.floats(-20, 700).map(lambda v: round(v, 2))
COORDINATES |= st.floats(-20, 700)
SIDES = st.integers(1, 640) | st.floats(0.5, 640).map(lambda v: round(v, 2)) | st.floats(0.5, 640)


@st.composite
def persons(draw, number):
    """A person in an image of 640 x 480: located, tagged, with views, or several."""
    out = dict(id=number, image_id=draw(st.sampled_from([7, 'b'])), category_id=1)
    if draw(st.integers(0, 9)):
        out['bbox'] = [draw(COORDINATES), draw(COORDINATES), draw(SIDES), draw(SIDES)]
    tags = st.lists(st.sampled_from([1, 0, -1]), min_size=4, max_size=4)
    kind = draw(st.integers(0, 7))
    if kind < 6:
        flags = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4))
        rows = [[draw(COORDINATES), draw(COORDINATES), f] if f else [0, 0, 0] for f in flags]
        out['keypoints'] = [v for row in rows for v in row]
        out['num_keypoints'] = sum(f > 0 for f in flags)
        out['area'] = 5.5
        out['segmentation'] = [[1, 2, 3, 4, 5, 6]]
        out['head_box'] = [1, 2, 3, 4]
    if kind in (4, 6):
        out['keypoint_tags'] = draw(tags | st.just({'hat': 1}))
    if kind in (5, 7):
        view = dict(bbox=[1.5, 2, 30, 40.25], keypoint_tags=draw(tags))
        out['tag_views'] = [view] * draw(st.integers(1, 3))
    if draw(st.integers(0, 9)) == 0:
        out['iscrowd'] = 1
    return out


@st.composite
def files(draw):
    """A file of mixed persons."""
    tags = TagFile.new(NAMES)
    tags.images = [
        dict(id=7, file_name='7.jpg', width=640, height=480, poses=[[1, 2]]),
        dict(id='b', file_name='b.jpg', width=640, height=480),
    ]
    tags.annotations = [draw(persons(i)) for i in range(1, draw(st.integers(1, 6)) + 1)]
    tags.rest['poses'] = [[1, 2]]
    return tags


def through_the_door(path, **door):
    """What a training sees of each person."""
    dataset = TaggedCocoDataset(
        ann_file=str(path),
        metainfo=METAINFO,
        data_mode='topdown',
        pipeline=[],
        serialize_data=False,
    )
    step = WithholdLocations(fraction=0.0, **door)
    return [step.transform(dataset.get_data_info(i)) for i in range(len(dataset))]


def assert_same(one, other):
    """Every key of every person is the same, bit for bit."""
    assert len(one) == len(other)
    for a, b in zip(one, other):
        assert a.keys() == b.keys()
        for key in a:
            left, right = np.asarray(a[key]), np.asarray(b[key])
            assert left.dtype == right.dtype, key
            assert left.tobytes() == right.tobytes() if left.dtype != object else a[key] == b[key]


class TestWithhold:
    """A file without coordinates that teaches the same."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        tags=files(),
        views=st.integers(1, 6),
        seed=st.integers(0, 5),
        occluded=st.sampled_from(['positive', 'negative', 'unknown']),
        scale=st.sampled_from([(0.4, 1.0), (0.1, 0.3)]),
        whole=st.booleans(),
    )
    def test_same_as_the_door(self, tmp_path, tags, views, seed, occluded, scale, whole):
        """Tags and windows are bit-identical to those behind the withholding step."""
        door = dict(views=views, view_seed=seed, occluded=occluded, view_scale=scale)
        door['whole_person'] = whole
        before, after = tmp_path / 'before.json', tmp_path / 'after.json'
        tags.save(before)
        out = withhold(tags, **door)
        out.save(after)
        assert_same(through_the_door(before, **door), through_the_door(after))
        # Views of the file stand, whatever the config asks for.
        assert_same(through_the_door(after), through_the_door(after, **door))

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tags=files(), views=st.integers(1, 3))
    def test_nothing_leaks(self, tags, views):
        """No key is left that can hold a coordinate, and the input is as it was."""
        before = json.dumps(tags.to_dict())
        out = withhold(tags, views=views)
        assert json.dumps(tags.to_dict()) == before
        allowed = {
            'id',
            'image_id',
            'category_id',
            'bbox',
            'iscrowd',
            'keypoint_tags',
            'tag_views',
        }
        for person in out.annotations:
            assert set(person) <= allowed
            assert all(set(v) == {'bbox', 'keypoint_tags'} for v in person.get('tag_views', []))
        assert 'poses' not in json.dumps(out.to_dict())
        text = json.dumps(dict(out.to_dict(), categories=[]))
        assert '"keypoints"' not in text
        assert 'num_keypoints' not in text

    def test_coco(self, coco_people, tmp_path):
        """A plain COCO file of synthetic people gives the withholding step's numbers."""
        source = next((coco_people / 'annotations').glob('*train*.json'))
        tags = load_tag_file(source)
        out = withhold(tags, views=4, view_seed=3)
        assert len(out.annotations) == len(tags.annotations)
        assert all(len(a['tag_views']) == 3 for a in out.annotations)
        assert out.rest['info']['tag_format'] == '1.0'
        out.save(tmp_path / 'out.json')
        assert load_tag_file(tmp_path / 'out.json').annotations == out.annotations

    @pytest.mark.parametrize(
        ('change', 'code', 'place'),
        [
            (dict(keypoints=[1, 2]), 'keypoint-count', 'annotations[0] (id 1).keypoints'),
            (dict(keypoints=['a'] * 12), 'malformed', '.keypoints[0]'),
            (dict(bbox=[1, 2, float('nan'), 4]), 'not-finite', '.bbox'),
            (dict(bbox=None), 'box', '.bbox'),
            (dict(image_id=5), 'unknown-image', '.image_id'),
            (dict(image_id=[7]), 'malformed', '.image_id'),
            (dict(category_id=5), 'no-keypoints', ''),
            (dict(keypoint_tags={'hut': 1}), 'unknown-keypoint', ".keypoint_tags['hut']"),
        ],
    )
    def test_faults(self, change, code, place):
        """A malformed entry is named."""
        tags = TagFile.new(NAMES)
        tags.images = [dict(id=7, file_name='7.jpg', width=640, height=480)]
        person = dict(id=1, image_id=7, category_id=1, bbox=[0, 0, 9, 9], keypoints=[1, 1, 2] * 4)
        tags.annotations = [person | change]
        with refuses(code, place=place):
            withhold(tags, views=2)

    def test_arguments(self):
        """Arguments are those of the withholding step, and checked by it."""
        with refuses('option', place='views'):
            withhold(TagFile.new(NAMES), views=0)
        with refuses('option', place='occluded'):
            withhold(TagFile.new(NAMES), occluded='maybe')


class TestWindowBox:
    """A window as numbers of a file."""

    @settings(max_examples=500, deadline=None)
    @given(
        box=st.tuples(COORDINATES, COORDINATES, SIDES, SIDES),
        seed=st.integers(0, 10**6),
        scale=st.floats(0.001, 1),
    )
    def test_back(self, box, seed, scale):
        """Through JSON the float32 corners come back, for any box and seed."""
        x, y, w, h = box
        corners = np.array([x, y, x + w, y + h], dtype=np.float32)
        for window in draw_views(corners, 4, seed, 1, 2, (scale, 1.0)):
            box = json.loads(json.dumps(exact_box(window, 'here')))
            again = np.array([box], dtype=np.float64)
            again[:, 2:] += again[:, :2]
            assert again.astype(np.float32)[0].tobytes() == window.tobytes()

    def test_no_area(self):
        """A window that float32 cannot tell from a line is refused."""
        with refuses('box', place='here'):
            exact_box(np.array([5, 5, 5, 9], dtype=np.float32), 'here')
