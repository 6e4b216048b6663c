"""Tests of merging."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.edit import merge_tag_files, split_by_fraction
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, person_tags, person_views
from tests.refusal import refuses
from tests.tags.strategies import examples, tag_files

from .build import NAMES, ids, mixed_file


def small(path: str, *persons: dict, names=NAMES, image='a.jpg') -> TagFile:
    """A file with one image and persons, who have id 1 unless told."""
    tags = TagFile.new(names)
    tags.path = path
    tags.images = [dict(id=1, file_name=image, width=100, height=80)]
    tags.annotations = [
        dict(dict(id=1, image_id=1, category_id=1, bbox=[0, 0, 40, 80]), **p) for p in persons
    ]
    return tags


def as_sets(tags: TagFile) -> tuple[set, set]:
    """Images and annotations without their order."""
    return tuple(
        {json.dumps(entry, sort_keys=True) for entry in part}
        for part in (tags.images, tags.annotations)
    )


class TestRoundTrip:
    """A split that is merged again is the file."""

    @pytest.mark.parametrize('keep_ids', [True, False])
    def test_split_and_merge(self, keep_ids):
        """As sets, with all entries of the file."""
        tags = mixed_file(60)
        parts = split_by_fraction(tags, dict(a=0.5, b=0.3, c=0.2))
        done = merge_tag_files(list(parts.values()), keep_ids=keep_ids)
        assert as_sets(done.tags) == as_sets(tags)
        assert done.tags.categories == tags.categories
        assert done.tags.rest == tags.rest
        assert (done.same_images, done.renumbered_images, done.renumbered_persons) == (0, 0, 0)

    @examples(40)
    @given(tags=tag_files(min_images=2), seed=st.integers(0, 99))
    def test_any_file(self, tags, seed):
        """Any valid file, if both parts have images."""
        try:
            parts = split_by_fraction(tags, dict(a=0.5, b=0.5), seed)
        except UserError:
            return
        done = merge_tag_files(list(parts.values()), keep_ids=True)
        assert as_sets(done.tags) == as_sets(tags)
        assert done.tags.categories == tags.categories

    @examples(40)
    @given(tags=tag_files(min_images=1))
    def test_with_itself(self, tags):
        """A file merged with itself is itself: nothing doubled, nothing contradicted."""
        done = merge_tag_files([tags, copy.deepcopy(tags)], keep_ids=True)
        assert done.same_persons == len(tags.annotations)
        assert done.conflicts == 0
        assert len(done.tags.images) == len(tags.images)
        names = tags.names()
        for old, new in zip(tags.annotations, done.tags.annotations):
            assert person_tags(old, names, '') == person_tags(new, names, '')
            assert person_views(old, names, '') == person_views(new, names, '')
            assert old.get('keypoints') == new.get('keypoints')

    def test_inputs_stay(self):
        """The files that were given are not changed."""
        files = [mixed_file(4), mixed_file(6)]
        files[1].images[0]['file_name'] = 'other.jpg'
        before = [repr(tags.to_dict()) for tags in files]
        merge_tag_files(files)
        assert [repr(tags.to_dict()) for tags in files] == before


class TestIds:
    """Ids that clash."""

    def test_renumbered(self):
        """Another image and another person with a taken id get one above all."""
        first = small('a.json', dict(keypoint_tags=[1, 1, 1]))
        second = small('b.json', dict(id=1), dict(id=7), image='b.jpg')
        done = merge_tag_files([first, second])
        assert [(i['id'], i['file_name']) for i in done.tags.images] == [
            (1, 'a.jpg'),
            (2, 'b.jpg'),
        ]
        pairs = [(p['id'], p['image_id']) for p in done.tags.annotations]
        assert pairs == [(1, 1), (8, 2), (7, 2)]
        assert (done.renumbered_images, done.renumbered_persons) == (1, 1)

    def test_same_image_other_id(self):
        """Persons follow their image to its first id."""
        second = small('b.json', dict(id=5))
        second.images[0]['id'] = second.annotations[0]['image_id'] = 'x'
        done = merge_tag_files([small('a.json', dict()), second])
        assert ids(done.tags) == {1}
        assert [(p['id'], p['image_id']) for p in done.tags.annotations] == [(1, 1), (5, 1)]

    @pytest.mark.parametrize(
        ('change', 'place'),
        [
            ('image', "b.json: image 'b.jpg'"),
            ('person', 'b.json: annotations[0] (id 1)'),
            ('other', "b.json: image 'a.jpg'"),
            ('category', "b.json: categories[0] ('person')"),
        ],
    )
    def test_keep_ids(self, change, place):
        """With --keep-ids each of them is an error."""
        second = small('b.json', dict(id=9))
        if change == 'image':
            second.images[0]['file_name'] = 'b.jpg'
        elif change == 'person':
            second.annotations[0].update(id=1, bbox=[1, 1, 5, 5])
        elif change == 'other':
            second.images[0]['id'] = second.annotations[0]['image_id'] = 3
        else:
            second.categories[0]['id'] = second.annotations[0]['category_id'] = 2
        first = small('a.json', dict())
        with refuses('id-clash', place=place):
            merge_tag_files([first, second], keep_ids=True)
        assert len(merge_tag_files([first, second]).tags.annotations) == 2

    def test_other_box(self):
        """The same id in the same image with another box is another person."""
        second = small('b.json', dict(bbox=[1, 0, 40, 80], keypoint_tags=[0, 0, 0]))
        done = merge_tag_files([small('a.json', dict(keypoint_tags=[1, 1, 1])), second])
        assert [p['id'] for p in done.tags.annotations] == [1, 2]
        assert done.same_persons == 0

    def test_three_files(self):
        """A person who got a new id is still found by the old one."""
        other = small('b.json', dict(keypoint_tags=[1, -1, -1]), image='b.jpg')
        third = small('c.json', dict(keypoint_tags=[-1, 0, -1]), image='b.jpg')
        done = merge_tag_files([small('a.json', dict()), other, third])
        assert [p['id'] for p in done.tags.annotations] == [1, 2]
        assert done.tags.annotations[1]['keypoint_tags'] == [1, 0, -1]


class TestTags:
    """Two annotators of one person."""

    def merge(self, first: dict, second: dict, **options) -> tuple[dict, int]:
        """The one person that two entries become."""
        done = merge_tag_files([small('a.json', first), small('b.json', second)], **options)
        assert done.same_persons == 1
        (person,) = done.tags.annotations
        return person, done.conflicts

    def test_unknown_is_filled(self):
        """What one of them knows is known."""
        person, count = self.merge(
            dict(keypoint_tags=[1, -1, -1]), dict(keypoint_tags=dict(left_wrist=0, nose=1))
        )
        assert person['keypoint_tags'] == [1, 0, -1]
        assert count == 0

    def test_form_of_the_first(self):
        """Tags by name stay tags by name; a file without tags has no form."""
        named = dict(keypoint_tags={'nose': 1})
        assert self.merge(named, dict(keypoint_tags=[1, 0, -1]))[0]['keypoint_tags'] == dict(
            nose=1, left_wrist=0
        )
        assert self.merge({}, named)[0]['keypoint_tags'] == dict(nose=1)
        empty = dict(keypoint_tags={})
        assert self.merge(empty, dict(keypoint_tags=[1, 1, 1]))[0][
            'keypoint_tags'
        ] == dict.fromkeys(NAMES, 1)

    @pytest.mark.parametrize(
        ('conflicts', 'expected'), [('unknown', [1, -1, 0]), ('first', [1, 1, 0])]
    )
    def test_conflict(self, conflicts, expected):
        """A contradiction is counted, and settled as asked."""
        person, count = self.merge(
            dict(keypoint_tags=[1, 1, 0]), dict(keypoint_tags=[1, 0, -1]), conflicts=conflicts
        )
        assert person['keypoint_tags'] == expected
        assert count == 1

    def test_conflict_is_an_error(self):
        """By default, with both entries and the keypoint."""
        place = "b.json: annotations[0] (id 1).keypoint_tags['left_wrist']"
        with refuses('conflict', place=place) as caught:
            self.merge(dict(keypoint_tags=[1, 1, 0]), dict(keypoint_tags=[1, 0, -1]))
        assert 'a.json: annotations[0] (id 1).keypoint_tags' in caught.value.fault

    def test_views(self):
        """Views of both; those of one window are joined."""
        views = [
            dict(bbox=[0, 0, 10, 10], keypoint_tags=[1, -1, -1]),
            dict(bbox=[5, 5, 10, 10], keypoint_tags=[0, 0, 0], by='me'),
        ]
        more = [
            dict(bbox=[0, 0, 10, 10.0], keypoint_tags={'left_wrist': 1}),
            dict(bbox=[9, 9, 10, 10], keypoint_tags=[1, 1, 1]),
        ]
        person, _ = self.merge(dict(tag_views=views), dict(tag_views=more))
        assert person['tag_views'] == [
            dict(bbox=[0, 0, 10, 10], keypoint_tags=[1, 1, -1]),
            views[1],
            more[1],
        ]

    @pytest.mark.parametrize(('conflicts', 'tag'), [('unknown', -1), ('first', 0)])
    def test_view_conflict(self, conflicts, tag):
        """Contradicting views of one window."""
        first, second = (
            dict(tag_views=[dict(bbox=[0, 0, 9, 9], keypoint_tags=[t, 1, 1])]) for t in (0, 1)
        )
        person, count = self.merge(first, second, conflicts=conflicts)
        assert person['tag_views'][0]['keypoint_tags'] == [tag, 1, 1]
        assert count == 1
        with refuses('conflict', place="tag_views[0].keypoint_tags['nose']"):
            self.merge(first, second)

    @pytest.mark.parametrize(('occluded', 'tag'), [('positive', 1), ('unknown', -1)])
    @pytest.mark.parametrize('located_first', [True, False])
    def test_coordinates_meet_tags(self, occluded, tag, located_first):
        """What the visibility flags said is not lost behind the tags of the other."""
        located = dict(keypoints=[5, 5, 2, 6, 6, 1, 0, 0, 0], num_keypoints=2)
        tagged = dict(keypoint_tags=[1, -1, -1])
        both = (located, tagged) if located_first else (tagged, located)
        person, _ = self.merge(*both, occluded=occluded)
        assert person['keypoints'] == located['keypoints']
        assert person['num_keypoints'] == 2
        assert person['keypoint_tags'] == [1, tag, 0]

    def test_coordinates_of_the_second(self):
        """Zeros of a person who is not located do not hide the coordinates of the other."""
        person, _ = self.merge(
            dict(keypoints=[0] * 9, num_keypoints=0), dict(keypoints=[1, 1, 2] * 3)
        )
        assert person['keypoints'] == [1, 1, 2] * 3
        assert 'num_keypoints' not in person

    def test_other_coordinates(self):
        """Two sets of coordinates are not mixed."""
        first, second = (dict(keypoints=[x, 1, 2] * 3) for x in (1, 2))
        for conflicts in ('error', 'unknown'):
            with refuses('conflict', place='b.json: annotations[0] (id 1).keypoints'):
                self.merge(first, second, conflicts=conflicts)
        assert self.merge(first, second, conflicts='first')[0]['keypoints'] == first['keypoints']

    def test_other_entries(self):
        """What only one has is kept; what both have is the first one's."""
        person, _ = self.merge(dict(area=5, who='a'), dict(area=6, when=3, note=None))
        assert (person['area'], person['who'], person['when']) == (5, 'a', 3)


class TestKeypoints:
    """The same set in another order."""

    def test_reordered(self):
        """Tags, views, coordinates and skeleton follow the first file."""
        names = ['right_wrist', 'nose', 'left_wrist']
        person = dict(
            keypoint_tags=[0, 1, -1],
            tag_views=[
                dict(bbox=[0, 0, 5, 5], keypoint_tags=[0, 1, 1]),
                dict(bbox=[0, 0, 6, 6], keypoint_tags=dict(nose=0)),
            ],
            keypoints=[7, 8, 1, 1, 2, 2, 4, 5, 0],
        )
        second = small('b.json', person, names=names, image='b.jpg')
        second.categories[0].update(name='people', skeleton=[[1, 2], [2, 3]])
        done = merge_tag_files([small('a.json', dict()), second])
        found = done.tags.annotations[1]
        assert found['keypoint_tags'] == [1, -1, 0]
        assert [v['keypoint_tags'] for v in found['tag_views']] == [[1, 1, 0], dict(nose=0)]
        assert found['keypoints'] == [1, 2, 2, 4, 5, 0, 7, 8, 1]
        assert [c['keypoints'] for c in done.tags.categories] == [NAMES, NAMES]
        assert done.tags.categories[1]['skeleton'] == [[3, 1], [1, 2]]
        assert done.tags.categories[1]['id'] == found['category_id'] == 2

    @given(st.permutations(range(3)))
    @examples(6)
    def test_any_order(self, order):
        """Each keypoint keeps its answer, whatever the order."""
        names = [NAMES[i] for i in order]
        person = dict(keypoint_tags=[(1, 0, -1)[i] for i in order])
        second = small('b.json', person, names=names, image='b.jpg')
        done = merge_tag_files([small('a.json', dict()), second])
        assert done.tags.annotations[1]['keypoint_tags'] == [1, 0, -1]

    def test_other_set(self):
        """Other keypoints: the difference is reported."""
        second = small('b.json', names=['nose', 'left_wrist', 'tail'])
        with refuses('keypoint-sets', place='b.json') as caught:
            merge_tag_files([small('a.json'), second])
        assert 'only here tail; only there right_wrist' in caught.value.fault

    def test_skeleton(self):
        """A limb that leads nowhere."""
        names = NAMES[::-1]
        second = small('b.json', names=names)
        second.categories[0].update(name='x', skeleton=[[0, 1]])
        with refuses('skeleton', place='b.json: categories[0].skeleton'):
            merge_tag_files([small('a.json'), second])


class TestFiles:
    """The rest of the files."""

    def test_info(self):
        """The first file's entries go first; the version is not lost."""
        first, second = small('a.json'), small('b.json')
        first.rest = dict(info=dict(year=1), licenses=[1])
        second.rest = dict(info=dict(tag_format='1.0', year=2), more=3)
        rest = merge_tag_files([first, second]).tags.rest
        assert rest == dict(info=dict(year=1, tag_format='1.0'), licenses=[1], more=3)

    def test_size(self):
        """Two pictures of one name."""
        second = small('b.json')
        second.images[0]['width'] = 50
        with refuses('image-size', place="b.json: image 'a.jpg'"):
            merge_tag_files([small('a.json'), second])

    @pytest.mark.parametrize(
        ('person', 'code', 'place'),
        [
            (dict(image_id=8), 'unknown-image', '.image_id'),
            (dict(category_id=8), 'unknown-category', '.category_id'),
            (dict(category_id=[8]), 'malformed', '.category_id'),
            (dict(keypoint_tags=[1]), 'tag-count', '.keypoint_tags'),
            (dict(tag_views=[1]), 'view', '.tag_views[0]'),
            (dict(keypoints=[1]), 'keypoint-count', '.keypoints'),
            (dict(bbox=[[1], 2, 3, 4]), 'box', '.bbox'),
        ],
    )
    def test_malformed(self, person, code, place):
        """Faults are named with the file they are in."""
        with refuses(code, place=f'b.json: annotations[0] (id 1){place}'):
            merge_tag_files([small('a.json'), small('b.json', person)])


class TestAnswerError:
    """The share of wrong answers of each file."""

    def test_same(self):
        """One rate stays in ``info``."""
        files = [small('1.json', {}), small('2.json', {}, image='b.jpg')]
        for tags in files:
            tags.rest['info']['answer_error'] = 0.1
        merged = merge_tag_files(files).tags
        assert merged.rest['info']['answer_error'] == 0.1
        assert not any('answer_error' in person for person in merged.annotations)

    def test_different(self):
        """Persons take the rate of their file, unless they have their own."""
        files = [
            small('1.json', {}),
            small('2.json', {}, dict(id=2, answer_error=0.3), image='b.jpg'),
        ]
        files[1].rest['info']['answer_error'] = 0.1
        merged = merge_tag_files(files).tags
        assert 'answer_error' not in merged.rest['info']
        assert [person['answer_error'] for person in merged.annotations] == [0, 0.1, 0.3]
