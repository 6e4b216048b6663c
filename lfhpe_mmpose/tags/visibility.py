"""Tags from the visibility flags of an annotation."""

from collections.abc import Iterable

from .values import ABSENT, SEEN, UNKNOWN

# The choices for a keypoint that is annotated as occluded (COCO's flag 1), and its tag.
OCCLUDED_TAGS = {'positive': SEEN, 'negative': ABSENT, 'unknown': UNKNOWN}


def tags_from_visibility(flags: Iterable[float], occluded: str = 'positive') -> list[int]:
    """Turn COCO's visibility flags into tags.

    Args:
        flags (Iterable[float]): K flags: 0 not annotated, 1 occluded, 2 visible.
        occluded (str): How an occluded keypoint is tagged, a key of ``OCCLUDED_TAGS``.
            Defaults to 'positive': whoever could place the keypoint would have ticked it (our
            choice).

    Returns:
        list[int]: K tags.
    """
    hidden = OCCLUDED_TAGS[occluded]
    return [SEEN if flag >= 2 else hidden if flag > 0 else ABSENT for flag in flags]
