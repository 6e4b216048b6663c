"""A tags-only file from a file with coordinates: what the door lets through, written down.

Each person goes through :class:`WithholdLocations` itself with fraction 0, so that a training on
the file gets the numbers, bit for bit, that a training behind the door gets. What stays of a
person, an image or the file is a list of what may stay: an entry that nobody thought of (a
segmentation, a head box) cannot give a coordinate away. To let another entry stay, add it there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TAG_FORMAT, TagFile, has_coordinates, person_tags, person_views
from lfhpe_mmpose.tags.entries import box_faults, image_faults, raise_first
from lfhpe_mmpose.tags.tagging import Coordinates, TagSettings, tag_person

PERSON_KEYS = ('id', 'image_id', 'category_id', 'bbox', 'iscrowd')
IMAGE_KEYS = (
    *('id', 'file_name', 'width', 'height'),
    *('license', 'coco_url', 'flickr_url', 'date_captured'),
)
CATEGORY_KEYS = ('id', 'name', 'supercategory', 'keypoints', 'skeleton')
FILE_KEYS = ('info', 'licenses')


def withhold(
    tags: TagFile,
    views: int = 1,
    view_seed: int = 0,
    occluded: str = 'positive',
    view_scale: tuple[float, float] = (0.4, 1.0),
    whole_person: bool = True,
) -> TagFile:
    """Drop every coordinate, and write the tags and views that the door would give.

    Args:
        tags (TagFile): A tag file or plain COCO keypoint file; it is not changed.
        views (int): Views of a person who has coordinates and no ``tag_views``, the whole
            person included. Defaults to 1.
        view_seed (int): Seed of the sub-crops. Defaults to 0.
        occluded (str): Tag of a keypoint that is annotated as occluded: ``'positive'``,
            ``'negative'`` or ``'unknown'``. Defaults to ``'positive'``.
        view_scale (tuple[float, float]): Smallest and largest side of a sub-crop relative to
            the whole person's window. Defaults to (0.4, 1.0).
        whole_person (bool): Whether the whole person is one of the views; if not, his tags
            become unknown unless the file gives them. Defaults to True.

    Returns:
        TagFile: Without coordinates. Who has neither a keypoint above visibility 0 nor tags
        nor views is left out, as the data sets do.

    Raises:
        UserError: If an argument is out of range or an entry malformed.
    """
    settings = TagSettings(
        fraction=0.0,
        occluded=occluded,
        views=views,
        view_scale=view_scale,
        view_seed=view_seed,
        whole_person=whole_person,
    )
    images = tags.images_by_id()
    out = TagFile(
        images=[_kept(image, IMAGE_KEYS) for image in tags.images],
        categories=[_kept(category, CATEGORY_KEYS) for category in tags.categories],
        rest=_kept(tags.rest, FILE_KEYS),
        path=tags.path,
    )
    info = out.rest.get('info')
    out.rest['info'] = {**(info if isinstance(info, dict) else {}), 'tag_format': TAG_FORMAT}
    for annotation, where in tqdm(
        tags.with_index(), total=len(tags.annotations), desc='withhold', disable=None
    ):
        image = images.get(annotation.get('image_id'))  # type: ignore[arg-type]
        if image is None:
            raise UserError(
                f'{where}.image_id is {annotation.get("image_id")!r}, which no image has. Add the '
                'image, or remove the annotation.'
            )
        names = tags.names(annotation.get('category_id'))
        person = _tagged(settings, annotation, image, names, where)
        if person is not None:
            out.annotations.append(person)
    return out


def window_box(corners: np.ndarray, where: str) -> list[float]:
    """Write a window as a box that gives the same window back.

    Args:
        corners (np.ndarray): x1, y1, x2, y2 in shape (4,), float32, pixels.
        where (str): File and entry, for the message.

    Returns:
        list[float]: [x, y, width, height] with ``float32(x) == x1`` and
        ``float32(x + width) == x2``, and the same for y.

    Raises:
        UserError: If there is none, because the window has no area.
    """
    x1, y1, x2, y2 = (float(v) for v in corners)
    box = [x1, y1, x2 - x1, y2 - y1]
    # The difference of two float32 is nearly always exact in the float64 of a JSON number. Where
    # it is rounded, the sum is rounded to float32 again, which makes good for it.
    again = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]], dtype=np.float32)
    if box[2] <= 0 or box[3] <= 0 or not np.array_equal(again, corners):
        raise UserError(
            f'{where}: the bbox is too small for sub-crops (window {corners.tolist()}). Remove '
            'this annotation, or take views=1.'
        )
    return box


def _tagged(
    settings: TagSettings, annotation: dict, image: Mapping, names: list[str], where: str
) -> dict | None:
    """One person without coordinates; None if it has neither tags, views nor coordinates."""
    given_tags = person_tags(annotation, names, where)
    given_views = person_views(annotation, names, where)
    located = has_coordinates(annotation, names, where)
    if not located and given_tags is None and not given_views:
        return None
    person = _kept(annotation, PERSON_KEYS)
    if given_tags is not None:
        person['keypoint_tags'] = given_tags
    if given_views:
        person['tag_views'] = [dict(bbox=b, keypoint_tags=t) for b, t in given_views]
    if not located:
        return person
    bbox = _clipped_box(annotation, image, where)
    keypoints = np.array(annotation['keypoints'], dtype=np.float32).reshape(-1, 3)
    tagged = tag_person(
        bbox,
        annotation['image_id'],
        annotation['id'],
        len(names),
        settings,
        Coordinates(keypoints[:, :2], keypoints[:, 2].tolist()),
        given_tags,
        given_views,
    )
    rows = tagged.tags.astype(int).tolist()
    person['keypoint_tags'] = rows[0]
    has_area = bbox[2] > bbox[0] and bbox[3] > bbox[1]
    # The data sets drop a person without an area, so that no view is needed.
    if not given_views and has_area:
        views = [
            dict(bbox=window_box(window, where), keypoint_tags=row)
            for window, row in zip(tagged.windows[1:], rows[1:], strict=True)
        ]
        if views:
            person['tag_views'] = views
    return person


def _clipped_box(annotation: Mapping, image: Mapping, where: str) -> np.ndarray:
    """Corners (4,) float32 inside the image, as MMPose's COCO-style data sets read them."""
    width: Any = image.get('width')
    height: Any = image.get('height')
    raise_first(image_faults(image), f'{where}, image {image.get("id")!r}')
    box = annotation.get('bbox', [0, 0, width, height])
    raise_first(box_faults(box), f'{where}.bbox')
    x, y, w, h = box
    corners = [
        np.clip(x, 0, width - 1),
        np.clip(y, 0, height - 1),
        np.clip(x + w, 0, width - 1),
        np.clip(y + h, 0, height - 1),
    ]
    return np.array(corners, dtype=np.float32)


def _kept(entry: Mapping, keys: tuple[str, ...]) -> dict:
    return {k: v for k, v in entry.items() if k in keys}
