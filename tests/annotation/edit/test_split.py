"""Tests of splitting by image."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.edit import file_lists, split_by_fraction, split_by_lists
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import tag_file_from
from tests.refusal import refuses
from tests.tags.strategies import examples, tag_files

from .build import ids, mixed_file, person_ids

ALL = dict(train=0.7, val=0.2, test=0.1)
# Images of the first half of twelve, seed 1; users' splits rest on it.
KNOWN = [4, 7, 8, 9, 10, 11]


def names_of(tags) -> set:
    """File names of the images."""
    return {image['file_name'] for image in tags.images}


class TestFraction:
    """Parts by a hash."""

    def test_whole(self):
        """Every image and person is in one part, with its image, and in the old order."""
        tags = mixed_file(100)
        parts = split_by_fraction(tags, ALL)
        assert list(parts) == ['train', 'val', 'test']
        assert sorted(i for part in parts.values() for i in ids(part)) == list(range(1, 101))
        together = [p for part in parts.values() for p in part.annotations]
        assert sorted(p['id'] for p in together) == sorted(person_ids(tags))
        for part in parts.values():
            assert {p['image_id'] for p in part.annotations} == ids(part)
            assert person_ids(part) == sorted(person_ids(part))
            assert part.categories == tags.categories
            assert part.rest == tags.rest

    def test_shares(self):
        """The shares are about those that were asked for."""
        parts = split_by_fraction(mixed_file(2000), ALL)
        assert len(parts['train'].images) == pytest.approx(1400, abs=60)
        assert len(parts['val'].images) == pytest.approx(400, abs=50)

    def test_stable(self):
        """An image stays in its part when others are added, in any order, with other ids."""
        few = split_by_fraction(mixed_file(60), ALL, seed=5)
        many = mixed_file(200)
        random.Random(0).shuffle(many.images)
        for image in many.images:
            image['id'] += 1000
        many.annotations = []
        parts = split_by_fraction(many, ALL, seed=5)
        for name, part in few.items():
            assert names_of(part) <= names_of(parts[name])

    def test_known(self):
        """The same on every machine, and in every version."""
        part = split_by_fraction(mixed_file(12), dict(train=0.5), seed=1)['train']
        assert sorted(ids(part)) == KNOWN

    @given(st.floats(0.2, 0.5), st.floats(0.2, 0.5), st.integers(0, 10**6))
    @examples(30)
    def test_nested(self, small, more, seed):
        """A smaller first part lies inside a greater one of the same seed; so does a later."""
        tags = mixed_file(60)
        low, high = sorted((small, more))
        inner = split_by_fraction(tags, dict(val=0.2, train=low), seed)
        outer = split_by_fraction(tags, dict(val=0.2, train=high), seed)
        assert ids(inner['train']) <= ids(outer['train'])
        assert ids(inner['val']) == ids(outer['val'])

    def test_seed(self):
        """Another seed, another split."""
        tags = mixed_file(60)
        first, second = (split_by_fraction(tags, dict(train=0.5), s)['train'] for s in (0, 1))
        assert ids(first) != ids(second)

    @pytest.mark.parametrize(('group', 'entry'), [('folder', 'file_name'), ('video', 'video')])
    def test_groups(self, group, entry):
        """What belongs together is in one part."""
        parts = split_by_fraction(mixed_file(200), dict(a=0.5, b=0.5), seed=2, group_by=group)
        keys = [{str(i[entry]).split('/')[0] for i in part.images} for part in parts.values()]
        assert not keys[0] & keys[1]
        assert sum(len(part.images) for part in parts.values()) == 200

    def test_folder_spelling(self):
        """`a/./x` and `a\\x` lie in the folder a."""
        tags = mixed_file(40)
        for i, image in enumerate(tags.images):
            image['file_name'] = ['a/{}', './a/{}', 'a/./{}', 'a\\{}'][i % 4].format(i)
        part = split_by_fraction(tags, dict(a=1.0), group_by='folder')['a']
        assert len(part.images) == 40
        with refuses('empty-part', place='tags.json'):
            split_by_fraction(tags, dict(a=0.5, b=0.5), group_by='folder')

    def test_same_file_twice(self):
        """Two entries of one picture are not divided."""
        tags = mixed_file(60)
        tags.images += [dict(image, id=1000 + image['id']) for image in tags.images]
        parts = split_by_fraction(tags, dict(a=0.5, b=0.5))
        assert not names_of(parts['a']) & names_of(parts['b'])

    @pytest.mark.parametrize(
        'fractions', [dict(a=0.7, b=0.2, c=0.1), dict(a=0.1, b=0.2, c=0.7), dict(a=1 / 3, b=2 / 3)]
    )
    def test_rounding(self, fractions):
        """Sums that a float misses by a little still take every image."""
        parts = split_by_fraction(mixed_file(300), fractions)
        assert sum(len(part.images) for part in parts.values()) == 300

    def test_rest(self):
        """Below 1 in all some images are in no part."""
        part = split_by_fraction(mixed_file(100), dict(train=0.5))['train']
        assert 30 < len(part.images) < 70

    @pytest.mark.parametrize(
        ('fractions', 'code', 'place'),
        [
            (dict(a=0.7, b=0.4), 'fraction', 'fractions'),
            (dict(a=0.0), 'fraction', 'a=0'),
            (dict(a=-0.5), 'fraction', 'a=-0.5'),
            (dict(a=25), 'fraction', 'a=25'),
            (dict(a=float('nan')), 'fraction', 'a=nan'),
            (dict(a=0.999, b=1e-9), 'empty-part', 'tags.json'),
        ],
    )
    def test_wrong_fraction(self, fractions, code, place):
        """Out of range, too large a sum, or an empty part."""
        with refuses(code, place=place):
            split_by_fraction(mixed_file(40), fractions)

    def test_no_entry(self):
        """An entry that an image has not."""
        tags = mixed_file(3)
        del tags.images[1]['video']
        with refuses('group-by', place='tags.json: images[1] (id 2)'):
            split_by_fraction(tags, dict(a=1.0), group_by='video')


class TestLists:
    """Parts by file lists."""

    def test_back(self):
        """The lists of a split give the same split."""
        tags = mixed_file(50)
        parts = split_by_fraction(tags, ALL)
        lists = {name: text.splitlines() for name, text in file_lists(parts).items()}
        again = split_by_lists(tags, lists)
        assert {n: p.to_dict() for n, p in again.items()} == {
            n: p.to_dict() for n, p in parts.items()
        }

    def test_unknown(self):
        """A name that is not there, with the nearest one."""
        with refuses('unknown-name', place='tags.json, list val') as caught:
            split_by_lists(mixed_file(3), dict(val=['day1/001.jpg']))
        assert "'day1/0001.jpg'" in caught.value.remedy

    def test_double(self):
        """An image in two parts would leak."""
        lists = dict(train=['day1/0001.jpg', 'day2/0002.jpg'], val=['day2/0002.jpg'])
        with refuses('two-parts', place='tags.json'):
            split_by_lists(mixed_file(3), lists)


class TestFaults:
    """A file that cannot be split."""

    def test_lost_person(self):
        """A person without an image would vanish silently."""
        tags = mixed_file(4)
        tags.annotations[2]['image_id'] = '1'
        with refuses('unknown-image', place='annotations[2] (id 20).image_id'):
            split_by_fraction(tags, dict(a=1.0))

    def test_double_image(self):
        """Two images with one id."""
        tags = mixed_file(4)
        tags.images[3]['id'] = 1
        with refuses('duplicate-id', place='images[3] (id 1)'):
            split_by_fraction(tags, dict(a=1.0))

    @pytest.mark.parametrize('name', [None, '', 5])
    def test_file_name(self, name):
        """An image without a name."""
        tags = mixed_file(4)
        tags.images[3]['file_name'] = name
        with refuses('malformed', place='images[3] (id 4).file_name'):
            split_by_fraction(tags, dict(a=1.0))

    @examples(40)
    @given(tags=tag_files(min_images=1), seed=st.integers(0, 99))
    def test_any_file(self, tags, seed):
        """Any valid file is divided without loss, or a part would be empty."""
        before = repr(tags.to_dict())
        try:
            parts = split_by_fraction(tags, dict(a=0.5, b=0.5), seed)
        except UserError as error:
            assert error.code == 'empty-part'
            parts = dict(a=tags, b=replace(tags, images=[], annotations=[]))
        for part in ('images', 'annotations'):
            both = [repr(e) for p in parts.values() for e in getattr(p, part)]
            assert sorted(both) == sorted(map(repr, getattr(tags, part)))
        assert repr(tags.to_dict()) == before
        tag_file_from(parts['a'].to_dict(), 'a')
