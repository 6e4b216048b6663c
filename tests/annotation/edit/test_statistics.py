"""Tests of the counts, by numbers that were counted by hand."""

import json

import pytest

from lfhpe_mmpose.annotation.edit import statistics_table, tag_statistics
from lfhpe_mmpose.tags import TagFile
from tests.refusal import refuses

from .build import mixed_file


@pytest.fixture
def tags() -> TagFile:
    """Six persons on two of three images."""
    out = TagFile.new(['tip', 'cap'], category='pen')
    out.path = 'pens.json'
    out.images = [dict(id=i, file_name=f'{i}.jpg', width=100, height=50) for i in (1, 2, 3)]
    common = dict(image_id=1, category_id=1)
    view = dict(bbox=[0, 0, 5, 5])
    out.annotations = [
        dict(common, id=1, bbox=[0, 0, 10, 40], keypoint_tags=[1, 0]),
        dict(common, id=2, bbox=[0, 0, 20, 30], keypoint_tags=dict(cap=1)),
        dict(
            common,
            id=3,
            bbox=[0, 0, 60, 20],
            keypoint_tags=[1, -1],
            tag_views=[view | dict(keypoint_tags=[1, 1]), view | dict(keypoint_tags=[0, -1])],
        ),
        dict(common, id=4, bbox=[0, 0, 30, 10], keypoints=[1, 1, 2, 3, 3, 1]),
        dict(common, id=5, image_id=2, keypoints=[1, 1, 2, 0, 0, 0], keypoint_tags=[1, 1]),
        dict(common, id=6, image_id=2, bbox=[0, 0, 5, 5], keypoints=[0] * 6, iscrowd=1),
    ]
    return out


class TestStatistics:
    """All numbers of a small file."""

    def test_numbers(self, tags):
        """Counted by hand."""
        found = tag_statistics(tags)
        assert found['images'] == dict(all=3, without_persons=1)
        assert found['persons'] == dict(
            all=6, located=2, tagged=3, nothing=1, with_tags=4, with_views=1, crowd=1
        )
        assert found['views'] == 2
        # 2 + 1 + 1 + 2 of persons, 2 + 1 of views, over persons 1, 2, 3 and 5.
        assert found['questions'] == dict(all=9, of_persons=6, of_views=3, per_person=2.25)
        assert found['keypoints']['tip'] == dict(
            seen=4, absent=1, unknown=1, visible=2, occluded=0, not_annotated=0
        )
        assert found['keypoints']['cap'] == dict(
            seen=3, absent=1, unknown=2, visible=0, occluded=1, not_annotated=1
        )
        # Widths 10 20 60 30 5 and 100 of the image; heights 40 30 20 10 5 and 50.
        assert found['boxes'] == dict(
            none=1,
            width=dict(min=5, median=25, max=100),
            height=dict(min=5, median=25, max=50),
        )

    def test_table(self, tags):
        """The table tells the same."""
        assert statistics_table(tag_statistics(tags)).splitlines() == [
            'pens.json',
            'images     3 (1 without persons)',
            'persons    6: 2 located, 3 tagged, 1 with nothing (1 crowds)',
            'tags       4 persons with tags, 1 with tagged views (2 views)',
            'questions  9 answered: 6 of persons, 3 of views; 2.25 a person asked',
            'boxes      width 5 to 100 px (median 25), height 5 to 50 px (median 25); '
            '1 persons without',
            '',
            'keypoint      visible (1)  not visible (0)     unknown (-1)            v = 2'
            '            v = 1            v = 0',
            'tip                     4                1                1                2'
            '                0                0',
            'cap                     3                1                2                0'
            '                1                1',
            '',
            '1 persons teach nothing.',
        ]

    def test_json(self, tags):
        """The result is JSON."""
        found = tag_statistics(tags)
        assert json.loads(json.dumps(found)) == found

    def test_empty(self):
        """A file without persons."""
        found = tag_statistics(TagFile.new(['a']))
        assert found['questions']['per_person'] == 0
        assert 'persons    0:' in statistics_table(found)

    def test_two_categories(self):
        """Categories that share their keypoints are counted together."""
        tags = mixed_file(4)
        tags.categories.append(dict(tags.categories[0], id=2, name='other'))
        tags.annotations[0]['category_id'] = 2
        assert tag_statistics(tags)['persons']['all'] == 8

    def test_malformed(self, tags):
        """A tag that is none is named, not counted."""
        tags.annotations[2]['tag_views'][1]['keypoint_tags'][0] = 2
        with refuses('wrong-tag', place='annotations[2] (id 3).tag_views[1].keypoint_tags[0]'):
            tag_statistics(tags)
