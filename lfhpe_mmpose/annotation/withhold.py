"""A tags-only file from a file with coordinates: what ``WithholdLocations`` lets through.

Tags and views come from ``tag_person``, as in training, so that a
training on the file gets the same numbers, bit for bit. What stays of a person, an image or the
file is a list of what may stay: an entry that nobody thought of (a segmentation, a head box)
cannot leak a coordinate. To keep another entry, add it there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TAG_FORMAT, TagFile, has_coordinates, person_tags, person_views
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import raise_first
from lfhpe_mmpose.tags.file_faults import persons_with_images
from lfhpe_mmpose.tags.labels import box_faults
from lfhpe_mmpose.tags.tagging import Coordinates, TagSettings, tag_person
from lfhpe_mmpose.tags.views import VIEW_SCALE, dataset_box, window_box

PERSON_KEYS = ('id', 'image_id', 'category_id', 'bbox', 'iscrowd', 'answer_error')
IMAGE_KEYS = (
    *('id', 'file_name', 'width', 'height'),
    *('license', 'coco_url', 'flickr_url', 'date_captured'),
)
CATEGORY_KEYS = ('id', 'name', 'supercategory', 'keypoints', 'skeleton', 'flip_pairs')
FILE_KEYS = ('info', 'licenses')


def withhold(
    tags: TagFile,
    views: int = 1,
    view_seed: int = 0,
    occluded: str = 'positive',
    view_scale: tuple[float, float] = VIEW_SCALE,
    whole_person: bool = True,
) -> TagFile:
    """Drop every coordinate, and write the tags and views that training would take from them.

    A person without a keypoint above visibility 0, without tags and without views is left out, as
    by the data sets.

    Args:
        tags: A tag file or plain COCO keypoint file; not changed.
        views: Views of a person that has coordinates and no ``tag_views``, the whole person
            included.
        view_seed: Seed of the sub-crops.
        occluded: Tag of a keypoint that is annotated as occluded: ``'positive'``, ``'negative'``
            or ``'unknown'``.
        view_scale: Smallest and largest side of a sub-crop relative to the whole person's window.
        whole_person: Whether the whole person is one of the views; if not, its tags become
            unknown unless the file gives them.

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
    out = TagFile(
        images=[_kept(image, IMAGE_KEYS) for image in tags.images],
        categories=[_kept(category, CATEGORY_KEYS) for category in tags.categories],
        rest=_kept(tags.rest, FILE_KEYS),
        path=tags.path,
    )
    info = out.rest.get('info')
    out.rest['info'] = {**(info if isinstance(info, dict) else {}), 'tag_format': TAG_FORMAT}
    persons = tqdm(
        persons_with_images(tags), total=len(tags.annotations), desc='withhold', disable=None
    )
    for annotation, image, where in persons:
        names = tags.names(annotation.get('category_id'))
        person = _tagged(settings, annotation, image, names, where)
        if person is not None:
            out.annotations.append(person)
    return out


def exact_box(corners: np.ndarray, where: str) -> list[float]:
    """Write a window as a box [x, y, width, height] that gives the same float32 corners back.

    Args:
        corners: x1, y1, x2, y2 in shape (4,), float32, pixels.
        where: File and entry, for the message.

    Raises:
        UserError: 'box' if the window has no area.
    """
    box = window_box(corners)
    # The difference of two float32 is nearly always exact in the float64 of a JSON number. Where
    # it is rounded, rounding the sum to float32 again gives the corner back.
    again = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]], dtype=np.float32)
    if box[2] <= 0 or box[3] <= 0 or not np.array_equal(again, corners):
        fault = f'it is too small for sub-crops (window {corners.tolist()}).'
        remedy = 'Remove this annotation, or take views=1.'
        raise UserError('box', f'{where}.bbox', fault, remedy)
    return box


def _tagged(
    settings: TagSettings,
    annotation: dict[str, Any],
    image: Mapping[str, Any],
    names: list[str],
    where: str,
) -> dict[str, Any] | None:
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
    raise_first(image_faults(image), f'{where}, image {image.get("id")!r}')
    if 'bbox' in annotation:
        raise_first(box_faults(annotation['bbox']), f'{where}.bbox')
    bbox = dataset_box(annotation.get('bbox'), image['width'], image['height'])
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
            dict(bbox=exact_box(window, where), keypoint_tags=row)
            for window, row in zip(tagged.windows[1:], rows[1:], strict=True)
        ]
        if views:
            person['tag_views'] = views
    return person


def _kept(entry: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k in keys}
