"""Expect a ``UserError`` by its code rather than by its words."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lfhpe_mmpose.errors import UserError


@contextmanager
def refuses(code: str, place: object = '') -> Iterator[pytest.ExceptionInfo[UserError]]:
    """Expect a refusal.

    Args:
        code: The code of the error.
        place: Part of the place that the error must name, e.g. the file or the entry.
    """
    with pytest.raises(UserError) as caught:
        yield caught
    assert caught.value.code == code
    assert str(place) in caught.value.place
