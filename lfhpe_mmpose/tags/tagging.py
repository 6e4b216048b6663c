"""What the withholding step and a tags-only file say about one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lfhpe_mmpose.errors import UserError

from .located import is_located
from .persons import View
from .values import UNKNOWN, is_absent
from .views import VIEW_SCALE, draw_views, view_tags
from .visibility import OCCLUDED_TAGS, tags_from_visibility


@dataclass(frozen=True)
class TagSettings:
    """How persons are tagged, and which are located; the arguments of ``WithholdLocations``.

    Raises:
        UserError: 'option' if a value is out of range.
    """

    fraction: float = 0.0
    seed: int = 0
    occluded: str = 'positive'
    views: int = 1
    view_scale: tuple[float, float] = VIEW_SCALE
    view_seed: int = 0
    whole_person: bool = True

    def __post_init__(self) -> None:
        number = isinstance(self.fraction, int | float) and not isinstance(self.fraction, bool)
        if not number or not 0 <= self.fraction <= 1:
            raise _option('fraction', self.fraction, 'Give a number in [0, 1], e.g. 0.25 for 25%.')
        if self.occluded not in OCCLUDED_TAGS:
            raise _option('occluded', self.occluded, f'Give one of {sorted(OCCLUDED_TAGS)}.')
        if isinstance(self.views, bool) or not isinstance(self.views, int) or self.views < 1:
            raise _option('views', self.views, 'Give a whole number of at least 1.')
        scale = self.view_scale
        if len(scale) != 2 or not 0 < scale[0] <= scale[1] <= 1:
            raise _option(
                'view_scale',
                scale,
                'Give (smallest, largest) with 0 < smallest <= largest <= 1.',
            )


class Coordinates(NamedTuple):
    """The keypoints of a person who has coordinates.

    Attributes:
        points: (K, 2) float32, pixels.
        flags: K visibility flags; 1 (occluded) may be missing where a data set merges it with 2.
    """

    points: np.ndarray
    flags: Sequence[float]


class TaggedPerson(NamedTuple):
    """Labels of a person that hold no coordinate of a keypoint.

    Attributes:
        windows: (V, 4) float32, corners x1, y1, x2, y2 in pixels of the image; the first is the
            whole person.
        tags: (V, K) float32, 1, 0 or -1.
        located: Whether the coordinates may be used.
    """

    windows: np.ndarray
    tags: np.ndarray
    located: bool


def tag_person(
    bbox: np.ndarray,
    img_id: int | str,
    ann_id: int | str,
    num_keypoints: int,
    settings: TagSettings,
    coordinates: Coordinates | None = None,
    given_tags: Sequence[int] | None = None,
    given_views: Sequence[View] = (),
    view_seed: int | None = None,
) -> TaggedPerson:
    """Tag the whole person and its views, and decide whether it is located.

    Tags and views that an annotator gave stand. Otherwise they follow from the coordinates.

    Args:
        bbox: (4,) corners x1, y1, x2, y2 in pixels.
        img_id: Image id.
        ann_id: Annotation id.
        num_keypoints: K.
        settings: What is located, and how views are drawn.
        coordinates: Points and flags. Defaults to None: the annotation has none, so the person
            is never located.
        given_tags: K tags of the annotation. Defaults to None.
        given_views: Views of the annotation: box [x, y, width, height] and K tags.
        view_seed: Seed of the sub-crops in place of the settings' one. Defaults to None.
    """
    located = coordinates is not None and is_located(
        img_id, ann_id, settings.fraction, settings.seed
    )
    if given_tags is not None:
        whole: Any = given_tags
    elif coordinates is not None:
        whole = tags_from_visibility(coordinates.flags, settings.occluded)
    else:
        whole = [UNKNOWN] * num_keypoints
    tags = np.array(whole, dtype=np.float32)
    drawn = coordinates is not None and not given_views
    windows = draw_views(
        bbox,
        settings.views + (not settings.whole_person) if drawn else 1,
        settings.view_seed if view_seed is None else view_seed,
        img_id,
        ann_id,
        settings.view_scale,
    )
    if given_views:
        boxes = np.array([box for box, _ in given_views], dtype=np.float64)
        boxes[:, 2:] += boxes[:, :2]
        rows = [tags, *(np.array(row, dtype=np.float32) for _, row in given_views)]
        return TaggedPerson(
            np.concatenate([windows, boxes.astype(np.float32)]), np.stack(rows), located
        )
    if coordinates is None:
        return TaggedPerson(windows, tags[None], located)
    all_tags = view_tags(windows, coordinates.points, tags)
    # Visible by the given tags but without a coordinate: in or out of a sub-crop, nobody knows.
    hidden = np.asarray(coordinates.flags) <= 0
    all_tags[1:, hidden & ~is_absent(tags)] = UNKNOWN
    if not (settings.whole_person or located) and given_tags is None:
        all_tags[0] = UNKNOWN  # nobody was asked about the whole person
    return TaggedPerson(windows, all_tags, located)


def _option(name: str, value: object, remedy: str) -> UserError:
    return UserError('option', f'WithholdLocations.{name}', f'{value!r} is invalid.', remedy)
