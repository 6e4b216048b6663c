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

from lfhpe_mmpose.tags.tag_file import TAG_FORMAT, TagFile, parse_box, person_tags, person_views

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
    # Imported here: the transforms use the tag format.
    from lfhpe_mmpose.datasets.transforms import WithholdLocations

    door = WithholdLocations(
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
        person = _through_the_door(door, annotation, image, names, where)
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


def _through_the_door(
    door: Any, annotation: dict, image: Mapping, names: list[str], where: str
) -> dict | None:
    """One person without coordinates, None if nothing can be learnt from him."""
    given_tags = person_tags(annotation, names, where)
    given_views = person_views(annotation, names, where)
    coordinates = _coordinates(annotation, len(names), where)
    located = coordinates is not None and bool((coordinates[:, 2] > 0).any())
    if not located and given_tags is None and not given_views:
        return None
    person = _kept(annotation, PERSON_KEYS)
    if given_tags is not None:
        person['keypoint_tags'] = given_tags
    if given_views:
        person['tag_views'] = [dict(bbox=b, keypoint_tags=t) for b, t in given_views]
    if not located or coordinates is None:
        return person
    bbox = _clipped_box(annotation, image, where)
    raw = {**annotation, **person}
    seen = door.transform(
        dict(
            id=annotation['id'],
            img_id=annotation['image_id'],
            bbox=bbox,
            keypoints=coordinates[None, :, :2],
            keypoints_visible=np.minimum(1, coordinates[None, :, 2]),
            raw_ann_info=raw,
            has_locations=True,
        )
    )
    rows = seen['keypoint_tags'][0].astype(int).tolist()
    person['keypoint_tags'] = rows[0]
    has_area = bbox[0, 2] > bbox[0, 0] and bbox[0, 3] > bbox[0, 1]
    # Without an area the data sets leave the person out, so that no view is needed.
    if not given_views and has_area and len(rows) > 1:
        corners = seen['tag_views'][0][:, [0, 2]].reshape(-1, 4)
        person['tag_views'] = [
            dict(bbox=window_box(window, where), keypoint_tags=row)
            for window, row in zip(corners[1:], rows[1:], strict=True)
        ]
    return person


def _coordinates(annotation: Mapping, num_keypoints: int, where: str) -> np.ndarray | None:
    """Coordinates and flags (K, 3) float32, None without ``keypoints``."""
    value = annotation.get('keypoints')
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) == 3 * num_keypoints
    if not fits or not all(map(_is_number, value)):
        raise UserError(
            f'{where}.keypoints must be a list of {3 * num_keypoints} numbers (x, y, visibility '
            f'of {num_keypoints} keypoints). Without coordinates leave it out.'
        )
    return np.array(value, dtype=np.float32).reshape(-1, 3)


def _clipped_box(annotation: Mapping, image: Mapping, where: str) -> np.ndarray:
    """Corners (1, 4) float32 inside the image, as MMPose's COCO-style data sets read them."""
    width: Any = image.get('width')
    height: Any = image.get('height')
    if not _is_number(width) or not _is_number(height):
        raise UserError(
            f'{where}: image {image.get("id")!r} has no width and height; they are needed for '
            'the box.'
        )
    box = annotation.get('bbox', [0, 0, width, height])
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        parse_box(box, f'{where}.bbox')  # raises with the remedy
    x, y, w, h = box
    corners = [
        np.clip(x, 0, width - 1),
        np.clip(y, 0, height - 1),
        np.clip(x + w, 0, width - 1),
        np.clip(y + h, 0, height - 1),
    ]
    return np.array(corners, dtype=np.float32).reshape(1, 4)


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < 1e9


def _kept(entry: Mapping, keys: tuple[str, ...]) -> dict:
    return {k: v for k, v in entry.items() if k in keys}
