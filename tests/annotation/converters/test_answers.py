"""Tests of the words that are answers."""

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, AnswerWords, answer
from lfhpe_mmpose.errors import UserError
from tests.refusal import refuses


class TestAnswer:
    """One answer."""

    @pytest.mark.parametrize(
        ('value', 'tag'),
        [
            *[(v, 1) for v in ('visible', ' Visible ', 'YES', 'true', True, 1, 1.0, '1', '1.0')],
            *[(v, 0) for v in ('not_visible', 'Not-Visible', 'no', False, 0, '0', np.int8(0))],
            *[(v, -1) for v in ('cannot tell', '-1', -1, '', None, math.nan, '__undefined__')],
        ],
    )
    def test_words(self, value, tag):
        """Words, numbers and truth values in the forms that programs write."""
        assert answer(value, 'here') == tag

    @pytest.mark.parametrize(
        'value', ['occluded', 'maybe', 2, 0.5, '0.5', [1], {}, '10', math.inf]
    )
    def test_no_answer(self, value):
        """Another value is refused with its place; 'occluded' is the user's choice."""
        with refuses('answer', place='file: row 2') as caught:
            answer(value, 'file: row 2')
        assert '--seen-words' in caught.value.remedy

    def test_near_word(self):
        """A misspelt word is asked about, not guessed."""
        with refuses('answer') as caught:
            answer('visibel', 'here')
        assert "Did you mean 'visible'" in caught.value.remedy

    @given(st.text(max_size=20) | st.floats() | st.integers() | st.none() | st.booleans())
    def test_any_value(self, value):
        """A value is a tag or a UserError."""
        with suppress(UserError):
            assert answer(value, 'here') in (1, 0, -1)


class TestAnswerWords:
    """Words of a user."""

    def test_more_words(self):
        """A word is added, and a default word can get another meaning."""
        words = DEFAULT_WORDS.extended(seen=['Occluded'], absent=['true'])
        assert answer('occluded', 'here', words) == 1
        assert answer(True, 'here', words) == 0
        assert answer('true', 'here', DEFAULT_WORDS) == 1

    def test_two_meanings(self):
        """One word for two tags is refused."""
        with refuses('answer-words'):
            DEFAULT_WORDS.extended(seen=['x'], absent=['X'])
        with refuses('answer-words'):
            AnswerWords(seen=('a',), absent=('b',), unknown=('A',))
