"""Tests of keeping some persons."""

import pytest

from lfhpe_mmpose.annotation.edit import Conditions
from lfhpe_mmpose.annotation.edit import subset_tag_file as subset
from tests.refusal import refuses

from .build import ids, mixed_file, person_ids


def subset_tag_file(tags, **conditions):
    """The persons that meet some conditions."""
    return subset(tags, Conditions(**conditions))


class TestSubset:
    """Each condition, and several together."""

    def test_all(self):
        """Without a condition everybody stays; an image without persons goes unless kept."""
        tags = mixed_file(8)
        tags.images.append(dict(id=99, file_name='empty.jpg', width=5, height=5))
        assert subset_tag_file(tags).annotations == tags.annotations
        assert ids(subset_tag_file(tags)) == set(range(1, 9))
        assert 99 in ids(subset_tag_file(tags, keep_images=True))

    def test_images(self):
        """Persons of the images that are named."""
        out = subset_tag_file(mixed_file(8), images=['day2/0002.jpg', 'day1/0006.jpg'])
        assert person_ids(out) == [20, 21, 60, 61]
        assert ids(out) == {2, 6}

    @pytest.mark.parametrize(
        ('options', 'expected'),
        [
            (dict(kind='located'), {2, 3}),
            (dict(kind='tagged'), {0, 1}),
            (dict(with_views=True), {1}),
            (dict(kind='tagged', with_views=True), {1}),
        ],
    )
    def test_kinds(self, options, expected):
        """By what a person has."""
        out = subset_tag_file(mixed_file(8), **options)
        kinds = {(2 * p['image_id'] + p['id'] % 10) % 4 for p in out.annotations}
        assert kinds == expected
        assert len(out.annotations) == 4 * len(expected)

    def test_located_with_tags(self):
        """Coordinates beside tags make a located person; visibility 0 alone makes none."""
        tags = mixed_file(2)
        tags.annotations[0]['keypoint_tags'] = [1, 1, 1]
        tags.annotations[1]['keypoints'] = [0] * 9
        assert person_ids(subset_tag_file(tags, kind='located')) == [10]
        assert 11 not in person_ids(subset_tag_file(tags, kind='tagged'))

    def test_min_size(self):
        """Width and height both; a person without a box is as large as the image."""
        tags = mixed_file(3)
        tags.annotations[0]['bbox'] = [0, 0, 39.5, 80]
        tags.annotations[1]['bbox'] = [0, 0, 80, 39.5]
        del tags.annotations[2]['bbox']
        tags.images[1].update(width=50, height=39)
        assert person_ids(subset_tag_file(tags, min_size=40)) == [21, 30, 31]
        tags.images[1].update(height=40)
        assert person_ids(subset_tag_file(tags, min_size=40)) == [20, 21, 30, 31]

    def test_max_persons(self):
        """So many; fewer lie inside more; another seed, others."""
        tags = mixed_file(40)
        few, more = (set(person_ids(subset_tag_file(tags, max_persons=n))) for n in (10, 30))
        assert (len(few), len(more)) == (10, 30)
        assert few < more
        other = set(person_ids(subset_tag_file(tags, max_persons=10, seed=1)))
        assert other != few
        out = subset_tag_file(tags, max_persons=10)
        assert person_ids(out) == sorted(few)
        assert len(subset_tag_file(tags, max_persons=1000).annotations) == 80

    def test_max_of_those_left(self):
        """The number counts after the other conditions."""
        out = subset_tag_file(mixed_file(40), kind='located', max_persons=7)
        assert len(out.annotations) == 7
        assert all('keypoints' in p for p in out.annotations)

    def test_category(self):
        """The others go, and a file with two keypoint sets becomes two files."""
        tags = mixed_file(4)
        tags.categories.append(dict(id='d', name='dog', keypoints=['tail']))
        tags.annotations[3].update(category_id='d', keypoint_tags=[1])
        tags.annotations[3].pop('keypoints', None)
        tags.annotations[3].pop('tag_views', None)
        with refuses('keypoint-sets', place='tags.json'):
            subset_tag_file(tags)
        dogs = subset_tag_file(tags, categories=['dog'])
        assert person_ids(dogs) == [21]
        assert dogs.names() == ['tail']
        persons = subset_tag_file(tags, categories=['person'])
        assert len(persons.annotations) == 7

    def test_unchanged(self):
        """The file that was given stays."""
        tags = mixed_file(4)
        before = repr(tags.to_dict())
        subset_tag_file(tags, kind='tagged', max_persons=1, categories=['person'])
        assert repr(tags.to_dict()) == before

    @pytest.mark.parametrize(
        ('options', 'code', 'remedy'),
        [
            (dict(images=['day1/001.jpg']), 'unknown-name', "'day1/0001.jpg'"),
            (dict(categories=['persom']), 'unknown-name', "'person'"),
            (dict(min_size=1000), 'no-persons', ''),
        ],
    )
    def test_wrong(self, options, code, remedy):
        """Names that are not there, with the nearest one, and no person left."""
        with refuses(code, place='tags.json') as caught:
            subset_tag_file(mixed_file(4), **options)
        assert remedy in caught.value.remedy

    @pytest.mark.parametrize('bbox', [[0, 0, 1], [0, 0, 0, 5], 'x'])
    def test_box(self, bbox):
        """A malformed box is named."""
        tags = mixed_file(4)
        tags.annotations[1]['bbox'] = bbox
        with refuses('box', place='annotations[1] (id 11).bbox'):
            subset_tag_file(tags, min_size=3)
