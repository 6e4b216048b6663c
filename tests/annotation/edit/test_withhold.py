"""Tests of located fractions as files."""

import copy
import itertools
import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.edit import count_located, locate_fraction
from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.tags.located import is_located
from tests.refusal import refuses

from .build import ids, mixed_file, person_ids


def located(tags) -> set:
    """Ids of the persons with coordinates."""
    return {p['id'] for p in tags.annotations if 'keypoints' in p}


class TestLocateFraction:
    """Coordinates that are gone."""

    def test_same_rule_as_the_door(self):
        """The persons that stay located are those of the withholding step."""
        tags = mixed_file(100)
        for fraction in (0.0, 0.25, 1.0):
            out = locate_fraction(tags, fraction, seed=7)
            expected = {
                p['id']
                for p in tags.annotations
                if 'keypoints' in p and is_located(p['image_id'], p['id'], fraction, 7)
            }
            assert located(out) == expected
            assert count_located(out) == len(expected)

    def test_nested(self):
        """A smaller fraction lies inside a greater one."""
        tags = mixed_file(100)
        sets = [located(locate_fraction(tags, f)) for f in (0.05, 0.1, 0.25, 0.5)]
        assert all(a < b for a, b in itertools.pairwise(sets))

    def test_gone(self):
        """Nothing that depends on a withheld coordinate is in the file."""
        tags, other = mixed_file(60), mixed_file(60)
        for person in other.annotations:
            if 'keypoints' in person and not is_located(person['image_id'], person['id'], 0.25):
                person['keypoints'] = [91.25, 3, 2, 77, 1, 1, 13, 13, 0]
                person['segmentation'] = [[9, 9, 9]]
                person['head_box'] = [1, 2, 3, 4]
        one, two = (json.dumps(locate_fraction(t, 0.25).to_dict()) for t in (tags, other))
        assert one == two
        assert '91.25' not in two

    def test_persons(self):
        """Order, images and located persons stay; tags by visibility; others as they are."""
        tags = mixed_file(40)
        before = copy.deepcopy(tags.to_dict())
        out = locate_fraction(tags, 0.5)
        assert tags.to_dict() == before
        assert person_ids(out) == person_ids(tags)
        assert ids(out) == ids(tags)
        for old, new in zip(tags.annotations, out.annotations):
            if 'keypoints' in new:
                assert new == old
            elif 'keypoints' in old:
                assert new == dict(
                    {k: old[k] for k in ('id', 'image_id', 'category_id', 'bbox')},
                    keypoint_tags=[1, 1, 0],
                )
            elif 'tag_views' in old:
                assert new['tag_views'] == old['tag_views']
            else:
                assert new['keypoint_tags'] == [1, 0, -1]

    @pytest.mark.parametrize(('occluded', 'tag'), [('negative', 0), ('unknown', -1)])
    def test_occluded(self, occluded, tag):
        """Flag 1 as asked for."""
        out = locate_fraction(mixed_file(4), 0.0, occluded=occluded)
        assert out.annotations[0]['keypoint_tags'] == [1, tag, 0]

    def test_given_tags_stay(self):
        """What a person said goes before what the flags say."""
        tags = mixed_file(4)
        tags.annotations[0]['keypoint_tags'] = [-1, 0, 1]
        out = locate_fraction(tags, 0.0)
        assert out.annotations[0]['keypoint_tags'] == [-1, 0, 1]

    @pytest.mark.parametrize('whole', [True, False])
    def test_views_of_the_door(self, whole):
        """The views are those that the withholding step draws for the same person."""
        tags = mixed_file(4)
        out = locate_fraction(tags, 0.0, views=3, view_seed=4, whole_person=whole)
        person = tags.annotations[0]
        x, y, w, h = person['bbox']
        keypoints = np.array(person['keypoints'], dtype=np.float32).reshape(1, 3, 3)
        door = WithholdLocations(fraction=0.0, views=3, view_seed=4, whole_person=whole)
        seen = door.transform(
            dict(
                id=person['id'],
                img_id=person['image_id'],
                bbox=np.array([[x, y, x + w, min(y + h, 79)]], dtype=np.float32),
                keypoints=keypoints[..., :2],
                keypoints_visible=keypoints[..., 2],
                raw_ann_info=person,
            )
        )
        views = out.annotations[0]['tag_views']
        assert len(views) == (2 if whole else 3)
        assert out.annotations[0]['keypoint_tags'] == seen['keypoint_tags'][0, 0].tolist()
        assert [v['keypoint_tags'] for v in views] == seen['keypoint_tags'][0, 1:].tolist()
        corners = np.array([v['bbox'] for v in views])
        corners[:, 2:] += corners[:, :2]
        np.testing.assert_array_equal(
            corners.astype(np.float32), seen['tag_views'][0, 1:][:, [0, 2]].reshape(-1, 4)
        )

    @pytest.mark.parametrize('fraction', [-0.1, 1.5, 25, float('nan')])
    def test_wrong_fraction(self, fraction):
        """Out of range."""
        with refuses('fraction'):
            locate_fraction(mixed_file(4), fraction)

    @pytest.mark.parametrize(
        'keypoints, code',
        [
            ([1, 2], 'keypoint-count'),
            ('x', 'keypoint-count'),
            ([1, 2, 3] * 3, 'visibility'),
            ([1, 2, True] * 3, 'malformed'),
            (['1', 2, 2] * 3, 'malformed'),
        ],
    )
    def test_malformed(self, keypoints, code):
        """A wrong number, an invalid visibility, other types."""
        tags = mixed_file(4)
        tags.annotations[0]['keypoints'] = keypoints
        with refuses(code, place='annotations[0] (id 10).keypoints'):
            locate_fraction(tags, 0.5)
