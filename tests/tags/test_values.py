"""Tests of one tag and of the tags of one picture."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import is_tag, named_tags, parse_tags
from tests.refusal import refuses

from .strategies import JSON, NAMES, TAGS, examples, keypoint_sets, tag_lists

NAMES3 = ['nose', 'left_wrist', 'right_wrist']
WRONG = [True, False, None, '1', '', 2, -2, 0.5, math.nan, math.inf, [], [1], {}, 10**400]


class TestIsTag:
    """The three numbers and nothing else."""

    @pytest.mark.parametrize('value', [1, 0, -1, 1.0, 0.0, -1.0])
    def test_tag(self, value):
        """Whole numbers, also as JSON programs of other languages write them."""
        assert is_tag(value)

    @pytest.mark.parametrize('value', WRONG, ids=lambda v: repr(v)[:9])
    def test_other(self, value):
        """Other types and values mean something else."""
        assert not is_tag(value)


class TestParseTags:
    """The list and the object."""

    def test_list(self):
        """A list is taken in order, as ints."""
        tags = parse_tags([1.0, 0, -1], NAMES3, 'here')
        assert tags == [1, 0, -1]
        assert all(type(tag) is int for tag in tags)

    def test_names(self):
        """An object may have any order; what it does not name is unknown."""
        assert parse_tags({'right_wrist': 0, 'nose': 1}, NAMES3, 'here') == [1, -1, 0]
        assert parse_tags({}, NAMES3, 'here') == [-1, -1, -1]

    def test_misspelt_name(self):
        """The message names entry, key and the nearest name."""
        with refuses('unknown-keypoint', "here['left_wirst']") as error:
            parse_tags({'left_wirst': 1}, NAMES3, 'here')
        assert "'left_wrist'" in error.value.remedy

    def test_other_case(self):
        """A name in other writing is no keypoint, but is recognised."""
        with refuses('unknown-keypoint', 'here') as error:
            parse_tags({'Left Wrist': 1}, NAMES3, 'here')
        assert "'left_wrist'" in error.value.remedy

    def test_strange_name(self):
        """Without a near name all are listed."""
        with refuses('unknown-keypoint', 'here') as error:
            parse_tags({'xyz': 1}, NAMES3, 'here')
        assert all(name in error.value.remedy for name in NAMES3)

    @pytest.mark.parametrize('value', WRONG, ids=lambda v: repr(v)[:9])
    def test_wrong_tag(self, value):
        """A value that is no tag is named with its place, in both forms."""
        with refuses('wrong-tag', 'here[1] (left_wrist)'):
            parse_tags([1, value, 0], NAMES3, 'here')
        with refuses('wrong-tag', "here['left_wrist']"):
            parse_tags({'left_wrist': value}, NAMES3, 'here')

    @pytest.mark.parametrize('length', [0, 2, 4])
    def test_length(self, length):
        """A list of another length is refused."""
        with refuses('tag-count', 'here'):
            parse_tags([1] * length, NAMES3, 'here')

    @pytest.mark.parametrize('value', [None, 1, 'seen', True, 1.5])
    def test_type(self, value):
        """Neither a list nor an object."""
        with refuses('malformed', 'here'):
            parse_tags(value, NAMES3, 'here')

    def test_long_value(self):
        """A message stays short whatever was in the file."""
        with pytest.raises(UserError) as caught:
            parse_tags('x' * 10**6, NAMES3, 'here')
        assert len(str(caught.value)) < 300


class TestProperties:
    """For all keypoint sets and tags."""

    @examples(50)
    @given(data=st.data(), names=keypoint_sets())
    def test_named_and_back(self, data, names):
        """Tags written by name and read again are the same; unknown ones are not written."""
        tags = data.draw(tag_lists(names))
        named = named_tags(tags, names)
        assert parse_tags(named, names, 'here') == tags
        assert -1 not in named.values()
        assert len(named) == len(names) - tags.count(-1)

    @examples(50)
    @given(data=st.data(), names=keypoint_sets())
    def test_list_and_names_agree(self, data, names):
        """The list form and the complete name form, in any order, say the same."""
        tags = data.draw(tag_lists(names))
        pairs = data.draw(st.permutations(list(zip(names, tags))))
        assert parse_tags(tags, names, 'a') == parse_tags(dict(pairs), names, 'b') == tags

    @examples(50)
    @given(value=JSON | st.dictionaries(st.sampled_from(NAMES), JSON | TAGS))
    def test_anything(self, value):
        """Any JSON value is read as what it says, or refused by a UserError."""
        names = NAMES[:3]
        expected = oracle(value, names)
        if expected is None:
            with pytest.raises(UserError) as error:
                parse_tags(value, names, 'here')
            assert error.value.place.startswith('here')
        else:
            assert parse_tags(value, names, 'here') == expected


def oracle(value, names: list[str]) -> list[int] | None:
    """The format's rule, told once more: the tags, or None for what must be refused."""
    right = (int, float)
    if isinstance(value, dict):
        if any(k not in names for k in value):
            return None
        value = [value.get(name, -1) for name in names]
    if not isinstance(value, list) or len(value) != len(names):
        return None
    if any(type(v) not in right or v not in (1, 0, -1) for v in value):
        return None
    return [int(v) for v in value]
