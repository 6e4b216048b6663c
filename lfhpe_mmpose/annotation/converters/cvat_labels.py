"""Which labels of a CVAT task are persons, and which of their attributes are keypoints."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError

from .builder import check_names, nearest
from .cvat_shapes import VIEW_LABEL
from .cvat_xml import Label, labels_of

# Kinds of input that are answers; numbers and texts are remarks.
ANSWER_INPUTS = ('select', 'radio', 'checkbox')


def person_labels(
    meta: Element, given: Sequence[str] | None, label: str | None, path: str
) -> tuple[list[str], list[str]]:
    """Find the keypoint names and the labels of persons.

    Raises:
        UserError: If the labels have no keypoints, different ones, or not those given.
    """
    declared = labels_of(meta)
    known = [entry.name for entry in declared if not entry.parent]
    if label is not None and label not in known:
        fault = f'no label is called {label!r}.{nearest(label, known)}'
        raise UserError('unknown-label', path, fault, f'The labels are {", ".join(known)}.')
    of_label = _keypoints_of_labels(declared, given)
    wanted = [label] if label is not None else known
    labels = [k for k in wanted if of_label.get(k) and k.lower() != VIEW_LABEL]
    if given is not None:
        labels = [k for k in labels if not set(given).isdisjoint(of_label[k])]
    names = list(given) if given is not None else _agreed(of_label, labels, path)
    # A box and a skeleton may be the same person; two labels of boxes are two kinds of things.
    skeletons = {entry.parent for entry in declared}
    if len(labels) > 2 or len({label in skeletons for label in labels}) < len(labels):
        fault = f'the labels {", ".join(map(repr, labels))} have the same keypoints.'
        raise UserError('several-labels', path, fault, 'Choose that of the persons with --label.')
    everything = [name for entry in declared for name, _ in entry.attributes]
    everything += [entry.name for entry in declared if entry.parent]
    for name in names:
        if not any(name in keypoints for keypoints in of_label.values()):
            fault = f'no label has an attribute or a point {name!r}.{nearest(name, everything)}'
            raise UserError('unknown-keypoint', path, fault, 'Correct --keypoints.')
    for entry in declared:
        if entry.name in labels or entry.name.lower() == VIEW_LABEL:
            _check_spelling(entry, names, path)
    return names, labels


def _keypoints_of_labels(
    declared: Sequence[Label], given: Sequence[str] | None
) -> dict[str, list[str]]:
    """Points of skeletons, and attributes that are answers, by label."""
    out: dict[str, list[str]] = {}
    for entry in declared:
        if entry.parent:
            out.setdefault(entry.parent, []).append(entry.name)
    skeletons = set(out)
    for entry in declared:
        if not entry.parent and entry.name not in skeletons:
            out[entry.name] = [
                name
                for name, kind in entry.attributes
                if (kind in ANSWER_INPUTS if given is None else name in given)
            ]
    return out


def _agreed(of_label: dict[str, list[str]], labels: list[str], path: str) -> list[str]:
    """The keypoints that all labels of persons have."""
    if not labels:
        raise UserError(
            'no-keypoints',
            path,
            'no label has keypoints.',
            'Give the label of the persons a select, radio or checkbox attribute for each '
            'keypoint (or draw skeletons), or name the keypoints with --keypoints a,b,c.',
        )
    names = of_label[labels[0]]
    for label in labels:
        if set(check_names(of_label[label], f'{path}: label {label!r}')) != set(names):
            raise UserError(
                'keypoint-sets',
                path,
                f'the labels {", ".join(map(repr, labels))} have different keypoints.',
                'Choose the label of the persons with --label, or name the keypoints with '
                '--keypoints a,b,c.',
            )
    return names


def _check_spelling(entry: Label, names: Sequence[str], path: str) -> None:
    """Refuse an attribute that would be skipped because one letter differs."""
    own = [name for name, _ in entry.attributes]
    for name in own:
        near = nearest(name, [n for n in names if n not in own], 0.75)
        if name not in names and near:
            fault = f'the attribute {name!r} of label {entry.name!r} is not a keypoint.{near}'
            raise UserError('unknown-keypoint', path, fault, 'Rename one of them in CVAT.')
