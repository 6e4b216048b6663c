"""COCO files in which each annotation has ``attributes``, as CVAT writes them.

``"attributes": {"left_wrist": "visible", "occluded": false, "rotation": 0.0}``: what is named like
a keypoint is an answer, the rest is CVAT's own or another attribute of the user's.
"""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError
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
    tags: TagFile,
    names: Sequence[str] | None,
    words: AnswerWords,
    label: str | None = None,
) -> TagFile:
    """Turn attributes that are keypoints into tags.

    Args:
        tags (TagFile): The COCO file; its lists are changed.
        names (Sequence[str], optional): Keypoint names. None: those of the category, else the
            attributes that are not CVAT's own.
        words (AnswerWords): Which answers mean what.
        label (str, optional): Name of the persons' category. Defaults to None: the only one
            with keypoints, or with annotations.

    Returns:
        TagFile: The same file, with the persons' category alone.

    Raises:
        UserError: If an answer is none, or the keypoints are not clear.
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
            raise UserError(f'{where}.attributes is {value!r}; an object is needed.')
    own = category.get('keypoints')
    if names is None and not own:
        found = [k for person, _ in persons for k in person.get('attributes', {})]
        names = [k for k in dict.fromkeys(found) if k not in CVAT_ATTRIBUTES]
    elif names is None or own:
        if names is not None and own != list(names):
            raise UserError(
                f'{tags.path}: the keypoints of category {category.get("name")!r} are '
                f'{", ".join(map(str, own or []))}, not those of --keypoints. Leave --keypoints '
                'out, or correct it.'
            )
        names = own
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UserError(f"{tags.path}: 'keypoints' of a category must be a list of names.")
    category['keypoints'] = check_names(names, tags.path)
    # CVAT writes an empty segmentation and a running number; neither is a person's.
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


def _category(tags: TagFile, label: str | None) -> dict:
    """The category of the persons."""
    if label is not None:
        found = [c for c in tags.categories if c.get('name') == label]
    else:
        used = {str(a.get('category_id')) for a in tags.annotations}
        found = [c for c in tags.categories if c.get('keypoints')]
        if not found:
            found = [c for c in tags.categories if str(c['id']) in used]
    if len(found) != 1:
        known = [str(c.get('name')) for c in tags.categories]
        raise UserError(
            f'{tags.path}: {len(found)} categories can be the persons.'
            f'{nearest(label, known) if label else ""} Say by --label which one: '
            f'{", ".join(known)}.'
        )
    return found[0]


def _check_used(tags: TagFile, seen: set[str], names: Sequence[str], own: object) -> None:
    """Refuse a keypoint list of which an attribute was misspelt."""
    others = {k for a in tags.annotations for k in a.get('attributes', {})}
    free = sorted(others - set(CVAT_ATTRIBUTES))
    for name in names:
        if name not in seen and nearest(name, free, 0.75):
            raise UserError(
                f'{tags.path}: no annotation has an attribute {name!r}.{nearest(name, free)} '
                f'{"Rename the attribute in CVAT." if own else "Correct --keypoints."}'
            )
        if name not in seen and not own:
            raise UserError(
                f'{tags.path}: no annotation has an attribute {name!r}. Correct --keypoints.'
            )
