"""Which labels of a CVAT task are persons, and which of their attributes are keypoints."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError

from .builder import check_names, nearest
from .cvat_shapes import VIEW_LABEL
from .cvat_xml import labels_of

# Kinds of input that are answers; numbers and texts are remarks.
ANSWER_INPUTS = ('select', 'radio', 'checkbox')


def person_labels(
    meta: Element, given: Sequence[str] | None, label: str | None, path: str
) -> tuple[list[str], list[str]]:
    """Find the labels of persons, and the keypoints.

    Args:
        meta (Element): The element ``meta``.
        given (Sequence[str], optional): Keypoint names that the user gave.
        label (str, optional): Label of the persons that the user gave.
        path (str): The file, for messages.

    Returns:
        tuple[list[str], list[str]]: Keypoint names, and the labels of persons.

    Raises:
        UserError: If the labels have no keypoints, different ones, or not those given.
    """
    declared = labels_of(meta)
    known = [entry['name'] for entry in declared if not entry['parent']]
    if label is not None and label not in known:
        raise UserError(
            f'{path}: has no label {label!r}.{nearest(label, known)} Its labels are '
            f'{", ".join(known)}.'
        )
    of_label = _keypoints_of_labels(declared, given)
    wanted = [label] if label is not None else known
    labels = [k for k in wanted if of_label.get(k) and k.lower() != VIEW_LABEL]
    names = list(given) if given is not None else _agreed(of_label, labels, path)
    everything = [name for entry in declared for name, _ in entry['attributes']]
    everything += [entry['name'] for entry in declared if entry['parent']]
    for name in names:
        if not any(name in keypoints for keypoints in of_label.values()):
            raise UserError(
                f'{path}: no label has an attribute or point {name!r}.'
                f'{nearest(name, everything)} Correct --keypoints.'
            )
    _check_spelling(declared, names, labels, path)
    return names, labels


def _keypoints_of_labels(
    declared: list[dict], given: Sequence[str] | None
) -> dict[str, list[str]]:
    """Points of skeletons, and attributes that are answers, by label."""
    out: dict[str, list[str]] = {}
    for entry in declared:
        if entry['parent']:
            out.setdefault(entry['parent'], []).append(entry['name'])
    skeletons = set(out)
    for entry in declared:
        if entry['parent'] or entry['name'] in skeletons:
            continue
        out[entry['name']] = [
            name
            for name, kind in entry['attributes']
            if (kind in ANSWER_INPUTS if given is None else name in given)
        ]
    return out


def _agreed(of_label: dict[str, list[str]], labels: list[str], path: str) -> list[str]:
    """The keypoints that all labels of persons have."""
    if not labels:
        raise UserError(
            f'{path}: no label has keypoints. Give the label of the persons a select, radio or '
            'checkbox attribute for each keypoint (or draw skeletons), or name them by '
            '--keypoints a,b,c.'
        )
    names = of_label[labels[0]]
    for label in labels:
        keypoints = check_names(of_label[label], f'{path}: label {label!r}')
        if set(keypoints) != set(names):
            raise UserError(
                f'{path}: the labels {", ".join(map(repr, labels))} have different keypoints. Say '
                'by --label which one the persons have, or name the keypoints by --keypoints '
                'a,b,c.'
            )
    return names


def _check_spelling(
    declared: list[dict], names: Sequence[str], labels: Sequence[str], path: str
) -> None:
    """Refuse an attribute that would be passed over for a letter."""
    for entry in declared:
        if entry['name'] not in labels and entry['name'].lower() != VIEW_LABEL:
            continue
        own = [name for name, _ in entry['attributes']]
        for name in own:
            near = nearest(name, [n for n in names if n not in own], 0.75)
            if name not in names and near:
                raise UserError(
                    f'{path}: the attribute {name!r} of label {entry["name"]!r} is no keypoint.'
                    f'{near} Rename one of them in CVAT.'
                )
