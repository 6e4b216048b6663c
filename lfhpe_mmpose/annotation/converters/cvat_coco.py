"""COCO files in which each annotation has ``attributes``, as CVAT writes them.

An attribute named like a keypoint is an answer: ``"attributes": {"left_wrist": "visible"}``. The
others are CVAT's own (``occluded``, ``rotation``) or further attributes of the user.
"""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import AnswerWords, answer
from .builder import check_names, nearest
from .coco import check

# What CVAT itself puts there.
CVAT_ATTRIBUTES = (
    *('occluded', 'rotation', 'outside', 'keyframe', 'track_id', 'is_crowd', 'score'),
    *('id', 'source', 'group_id', 'z_order', 'label_id'),
)


def tags_from_attributes(
    tags: TagFile, names: Sequence[str] | None, words: AnswerWords, label: str | None = None
) -> TagFile:
    """Turn attributes that are keypoints into tags.

    Args:
        tags: The COCO file; its lists are changed.
        names: Keypoint names. If None, those of the category, else the attributes that are not
            CVAT's own.
        words: Which answers mean what.
        label: The persons' category. If None, the only one with keypoints, or with annotations.

    Returns:
        The same file with the persons' category only.

    Raises:
        UserError: If an attribute is not an answer, or the keypoints are unclear.
    """
    category = _category(tags, label)
    persons = [
        (annotation, where)
        for annotation, where in tags.with_index()
        if annotation.get('category_id') == category['id']
    ]
    for annotation, where in persons:
        value = annotation.get('attributes', {})
        if not isinstance(value, dict):
            fault = f'{short(value)} is not an object.'
            raise UserError('malformed', f'{where}.attributes', fault, 'Export it again.')
    own = category.get('keypoints')
    category['keypoints'] = names = _names(tags.path, category, names, [p for p, _ in persons])
    left_out = len(tags.annotations) - len(persons)
    tags.annotations = [annotation for annotation, _ in persons]
    tags.categories = [category]
    seen: set[str] = set()
    for annotation, where in persons:
        attributes = annotation.pop('attributes', {})
        rest = {k: v for k, v in attributes.items() if k not in names}
        given = {k: v for k, v in attributes.items() if k in names}
        seen.update(given)
        if rest:
            annotation['attributes'] = rest
        if given:
            annotation['keypoint_tags'] = [
                answer(given[name], f'{where}.attributes[{name!r}]', words)
                if name in given
                else UNKNOWN
                for name in names
            ]
    _check_used(tags, seen, names, own)
    if left_out:
        info = tags.rest.get('info')
        tags.rest['info'] = {
            **(info if isinstance(info, dict) else {}),
            'left_out': {'annotations of other categories': left_out},
        }
    check(tags)
    return tags


def _category(tags: TagFile, label: str | None) -> dict[str, Any]:
    """The category of the persons."""
    if label is not None:
        found = [c for c in tags.categories if c.get('name') == label]
    else:
        used = {str(a.get('category_id')) for a in tags.annotations}
        found = [c for c in tags.categories if c.get('keypoints')]
        found = found or [c for c in tags.categories if str(c['id']) in used]
    if len(found) != 1:
        known = [str(c.get('name')) for c in tags.categories]
        near = nearest(label, known) if label else ''
        fault = f'{len(found)} categories can be the persons.{near}'
        remedy = f'Choose one with --label: {", ".join(known)}.'
        raise UserError('unknown-label', tags.path, fault, remedy)
    return found[0]


def _names(
    path: str,
    category: dict[str, Any],
    given: Sequence[str] | None,
    persons: Sequence[dict[str, Any]],
) -> list[str]:
    """Keypoint names: of the category, else given, else all attributes that are not CVAT's."""
    own = category.get('keypoints')
    if own and given is not None and own != list(given):
        fault = f'the keypoints of category {category.get("name")!r} are not those of --keypoints.'
        remedy = f'Leave --keypoints out, or give {", ".join(map(str, own))}.'
        raise UserError('keypoint-names', path, fault, remedy)
    names = own or given
    if names is None:
        found = dict.fromkeys(k for person in persons for k in person.get('attributes', {}))
        names = [k for k in found if k not in CVAT_ATTRIBUTES]
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        fault = f"'keypoints' of a category is {short(names)}."
        raise UserError('malformed', path, fault, 'Give a list of names.')
    return check_names(names, path)


def _check_used(tags: TagFile, seen: set[str], names: Sequence[str], own: object) -> None:
    """Refuse a keypoint list of which an attribute was misspelt."""
    others = {k for a in tags.annotations for k in a.get('attributes', {})}
    free = sorted(others - set(CVAT_ATTRIBUTES))
    for name in names:
        near = nearest(name, free, 0.75)
        if name not in seen and (near or not own):
            fault = f'no annotation has an attribute {name!r}.{near or nearest(name, free)}'
            remedy = 'Rename the attribute in CVAT.' if own else 'Correct --keypoints.'
            raise UserError('unknown-keypoint', tags.path, fault, remedy)
