"""Tests of the words that are answers."""

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, AnswerWords, answer


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
        assert answer(value, 'here', DEFAULT_WORDS) == tag

    @pytest.mark.parametrize(
        'value', ['occluded', 'maybe', 2, 0.5, '0.5', [1], {}, '10', math.inf]
    )
    def test_no_answer(self, value):
        """Another value is told with its place; 'occluded' is the user's choice."""
        with pytest.raises(UserError, match=r'file: row 2.*--seen-words'):
            answer(value, 'file: row 2', DEFAULT_WORDS)

    def test_near_word(self):
        """A slip of the pen is answered by a question, not by a guess."""
        with pytest.raises(UserError, match="did you mean 'visible'"):
            answer('visibel', 'here', DEFAULT_WORDS)

    @given(st.text(max_size=20) | st.floats() | st.integers() | st.none() | st.booleans())
    def test_any_value(self, value):
        """A value is a tag or a UserError."""
        with suppress(UserError):
            assert answer(value, 'here', DEFAULT_WORDS) in (1, 0, -1)


class TestAnswerWords:
    """Words of a user."""

    def test_more_words(self):
        """A word is added, and one of ours can mean something else."""
        words = DEFAULT_WORDS.extended(seen=['Occluded'], absent=['true'])
        assert answer('occluded', 'here', words) == 1
        assert answer(True, 'here', words) == 0
        assert answer('true', 'here', DEFAULT_WORDS) == 1

    def test_two_meanings(self):
        """One word for two tags is refused."""
        with pytest.raises(UserError, match="'x' is given as seen and as absent"):
            DEFAULT_WORDS.extended(seen=['x'], absent=['X'])
        with pytest.raises(UserError, match='name it once'):
            AnswerWords(seen=('a',), absent=('b',), unknown=('A',))
