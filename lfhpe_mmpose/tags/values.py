"""Tag values, and what each says; for numbers, NumPy arrays and torch tensors alike.

Tags of a batch are floats, so the predicates compare with the middle between two values.
"""

from typing import Any

SEEN, ABSENT, UNKNOWN = 1, 0, -1
TAG_VALUES = (SEEN, ABSENT, UNKNOWN)


def is_visible(tags: Any) -> Any:
    """Where the keypoint is visible (tag 1): a boolean, or a mask of the same shape."""
    return tags > 0.5


def is_absent(tags: Any) -> Any:
    """Where the keypoint is not visible (tag 0)."""
    return (tags > -0.5) & (tags < 0.5)


def is_known(tags: Any) -> Any:
    """Where an annotator answered (tag 1 or 0)."""
    return tags > -0.5
