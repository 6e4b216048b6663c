"""Properties of the withholding step over tag files of every kind, and of damaged ones."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets.transforms.withhold_locations import LOCATION_FREE_KEYS
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import parse_tags
from lfhpe_mmpose.tags.located import is_located
from tests.tags.strategies import contents, examples, mutated

ADDED = {
    'keypoints',
    'keypoints_visible',
    'keypoint_tags',
    'tag_views',
    'located',
    'answer_error',
}


def metainfo(names) -> dict:
    """A keypoint set without limbs and pairs."""
    info = {i: dict(name=n, id=i, color=[0, 0, 0], type='', swap='') for i, n in enumerate(names)}
    return dict(
        dataset_name='drawn',
        paper_info={},
        keypoint_info=info,
        skeleton_info={},
        joint_weights=[1.0] * len(names),
        sigmas=[0.05] * len(names),
    )


@pytest.fixture(scope='module')
def load(tmp_path_factory):
    """Let the persons of some content through the withholding step."""
    init_default_scope('mmpose')
    path = tmp_path_factory.mktemp('door') / 'tags.json'

    def persons(data, names, **door) -> list[dict]:
        path.write_text(json.dumps(data))
        cfg = dict(
            type='TaggedCocoDataset',
            metainfo=metainfo(names),
            ann_file=str(path),
            pipeline=[dict(type='WithholdLocations', **door)],
            serialize_data=False,
        )
        return list(DATASETS.build(cfg))

    return persons


def moved(data: dict, fraction: float) -> dict:
    """The same file, with all coordinates of persons that are not located somewhere else."""
    data = copy.deepcopy(data)
    for person in data['annotations']:
        if 'keypoints' in person and not is_located(person['image_id'], person['id'], fraction):
            person['keypoints'] = [
                v if i % 3 == 2 else 3.25 * v + 17 for i, v in enumerate(person['keypoints'])
            ]
    return data


class TestDoor:
    """For any persons."""

    @examples(80)
    @given(data=contents(min_images=1), fraction=st.sampled_from([0.0, 0.5, 1.0]))
    def test_nothing_of_a_withheld_coordinate(self, load, data, fraction):
        """Other coordinates of tagged persons give the same output, array by array."""
        names = data['categories'][0]['keypoints']
        door = dict(fraction=fraction, views=1)
        before = load(data, names, **door)
        after = load(moved(data, fraction), names, **door)
        assert len(before) == len(after)
        for a, b in zip(before, after):
            if a['located'][0]:
                continue
            assert set(a) == set(b) and set(a) - ADDED <= set(LOCATION_FREE_KEYS)
            assert not a['keypoints'].any() and not a['keypoints_visible'].any()
            for key in a:
                assert np.array_equal(a[key], b[key]), key

    @examples(80)
    @given(
        data=contents(min_images=1),
        views=st.integers(1, 4),
        occluded=st.sampled_from(['positive', 'negative', 'unknown']),
    )
    def test_tags_and_views(self, load, data, views, occluded):
        """Which persons are kept, which tags and views they have, and which are located."""
        names = data['categories'][0]['keypoints']
        flag_tags = {0: 0, 1: dict(positive=1, negative=0, unknown=-1)[occluded], 2: 1}
        out = load(data, names, fraction=1.0, views=views, occluded=occluded)
        given_persons = {p['id']: p for p in data['annotations']}
        for person in out:
            raw = given_persons.pop(person['id'])
            flags = raw.get('keypoints', [])[2::3]
            has_locations = any(flags)
            assert person['located'].tolist() == [has_locations]
            tags = person['keypoint_tags'][0]
            if raw.get('keypoint_tags') is not None:
                assert tags[0].tolist() == parse_tags(raw['keypoint_tags'], names, '')
            elif has_locations:
                assert tags[0].tolist() == [flag_tags[f] for f in flags]
            else:
                assert set(tags[0]) == {-1}
            given_views = raw.get('tag_views') or []
            number = 1 + len(given_views) if given_views else views if has_locations else 1
            assert tags.shape == (number, len(names))
            assert person['tag_views'].shape == (1, number, 4, 2)
            for row, corners, view in zip(tags[1:], person['tag_views'][0, 1:], given_views):
                assert row.tolist() == parse_tags(view['keypoint_tags'], names, '')
                x, y, w, h = view['bbox']
                assert np.array_equal(corners[0], np.float32([x, y]))
                assert np.array_equal(corners[2], np.float32([x + w, y + h]))
        for raw in given_persons.values():  # left out
            teaches = any(raw.get('keypoints', [])[2::3]) or raw.get('tag_views')
            teaches = teaches or raw.get('keypoint_tags') is not None
            assert not teaches or raw.get('iscrowd') or not has_area(raw, data)

    @examples(150)
    @given(data=mutated())
    def test_damaged_files(self, load, data):
        """A damaged file is refused with a message, or read; nothing else happens."""
        names = ['nose']
        if isinstance(data, dict) and isinstance(data.get('categories'), list):
            for category in data['categories']:
                theirs = category.get('keypoints') if isinstance(category, dict) else None
                if isinstance(theirs, list) and theirs and all(isinstance(n, str) for n in theirs):
                    names = list(dict.fromkeys(theirs))
        try:
            persons = load(data, names, fraction=0.5, views=2)
        except UserError as error:
            assert 'tags.json' in str(error)
            return
        for person in persons:
            assert set(np.unique(person['keypoint_tags'])) <= {-1, 0, 1}
            assert np.isfinite(person['tag_views']).all()


def has_area(raw: dict, data: dict) -> bool:
    """Whether a person's box has an area inside the image, as MMPose cuts it."""
    image = next(i for i in data['images'] if i['id'] == raw['image_id'])
    x, y, w, h = raw.get('bbox', [0, 0, image['width'], image['height']])
    across = np.clip(np.float32([x, x + w]), 0, image['width'] - 1)
    down = np.clip(np.float32([y, y + h]), 0, image['height'] - 1)
    return bool(across[1] > across[0] and down[1] > down[0])
