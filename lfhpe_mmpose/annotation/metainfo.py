"""MMPose's description of a keypoint set (``metainfo``), made from the names in a tag file.

Left/right pairs come from the names (``lfhpe_mmpose.tags.flip_pairs``), sigmas and body halves
from the words in them (``JOINTS``, where a new word goes), colours from the sides.
"""

import colorsys
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_text
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.flip_pairs import flip_pairs, unpaired
from lfhpe_mmpose.tags.labels import unknown_keypoint

# Sigma of COCO's evaluation, and the half of the body, by the word in a name.
JOINTS = {
    'nose': (0.026, 'upper'),
    'eye': (0.025, 'upper'),
    'ear': (0.035, 'upper'),
    'shoulder': (0.079, 'upper'),
    'elbow': (0.072, 'upper'),
    'wrist': (0.062, 'upper'),
    'hip': (0.107, 'lower'),
    'knee': (0.087, 'lower'),
    'ankle': (0.089, 'lower'),
}
# Sigma of a keypoint without such a word: the median of COCO's 17.
DEFAULT_SIGMA = 0.072
LEFT, RIGHT, MIDDLE = [0, 255, 0], [255, 128, 0], [51, 153, 255]


def make_metainfo(
    names: Sequence[str],
    skeleton: Sequence[Sequence[int]] = (),
    name: str = 'custom',
    swaps: Mapping[str, str] | None = None,
    sigmas: Mapping[str, float] | None = None,
    where: str = 'keypoints',
) -> dict[str, Any]:
    """Describe a keypoint set as MMPose's ``parse_pose_metainfo`` reads it (``dataset_info``).

    Args:
        names: Names of the K keypoints, in order.
        skeleton: Limbs as pairs of 1-based indices, as in COCO.
        name: Name of the data set.
        swaps: Left/right pairs that go before those of the names; a keypoint paired with itself
            has no partner.
        sigmas: Sigmas that are not the defaults, by keypoint.
        where: File and entry, for messages.

    Raises:
        UserError: 'keypoint-names', 'unknown-keypoint', 'swap' if a name is in two pairs,
            'skeleton', or 'sigma'.
    """
    _check_names(names, where)
    partner = swap_partners(names, swaps)
    links = _links(names, skeleton, where)
    given = dict(sigmas or {})
    for key, value in given.items():
        check_keypoint(key, names, 'sigma')
        if not (0 < value < math.inf):
            place = f'sigma {key}={value:g}'
            raise UserError('sigma', place, 'it is out of range.', 'Give one above 0.')
    colors = _colors(names, partner)
    return dict(
        dataset_name=name,
        paper_info=dict(author='', title='', container='', year='', homepage=''),
        keypoint_info={
            i: dict(name=n, id=i, color=colors[n], type=_joint(n)[1], swap=partner.get(n, ''))
            for i, n in enumerate(names)
        },
        skeleton_info={
            i: dict(link=link, id=i, color=_link_color(colors, link))
            for i, link in enumerate(links)
        },
        joint_weights=[1.0] * len(names),
        sigmas=[float(given.get(n, _joint(n)[0])) for n in names],
    )


def swap_partners(names: Sequence[str], swaps: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mirror image of each keypoint that has one, in both directions.

    Raises:
        UserError: 'unknown-keypoint', or 'swap' if a name is in two pairs.
    """
    given: dict[str, str] = {}
    for a, b in (swaps or {}).items():
        for one, other in {(a, b), (b, a)}:
            check_keypoint(one, names, 'swap')
            if given.setdefault(one, other) != other:
                fault = f'{one!r} is swapped with {given[one]!r} and with {other!r}.'
                raise UserError('swap', 'swap', fault, 'Give each name once.')
    out = {a: b for a, b in given.items() if a != b}
    for left, right in flip_pairs(names):
        if left not in given and right not in given:
            out.update({left: right, right: left})
    return out


def without_partner(names: Sequence[str], swaps: Mapping[str, str] | None = None) -> list[str]:
    """Keypoints whose names have a side, but no mirror image, see ``swap_partners``.

    A keypoint that ``swaps`` pairs with itself is not among them.
    """
    partner = swap_partners(names, swaps)
    given = {*(swaps or {}), *(swaps or {}).values()}
    sided = {*unpaired(names), *(n for pair in flip_pairs(names) for n in pair)}
    return [n for n in names if n in sided and n not in partner and n not in given]


def metainfo_text(info: Mapping[str, Any], source: str = '') -> str:
    """Write a description as the Python file that ``dict(from_file=...)`` names.

    Args:
        info: Result of ``make_metainfo``.
        source: What it was made from, for the first line.
    """
    made = f', made from {source} by lfhpe metainfo' if source else ''
    lines = [f'# {len(info["keypoint_info"])} keypoints{made}.'.replace('\n', ' ')]
    lines += ['dataset_info = dict(', f'    dataset_name={info["dataset_name"]!r},']
    lines.append(f'    paper_info={_call(info["paper_info"])},')
    for part in ('keypoint_info', 'skeleton_info'):
        lines.append(f'    {part}={{')
        lines += [f'        {i}: {_call(entry)},' for i, entry in info[part].items()]
        lines.append('    },')
    lines.append(f'    joint_weights={info["joint_weights"]!r},')
    lines += [f'    sigmas={info["sigmas"]!r},', ')', '']
    return '\n'.join(lines)


def save_metainfo(info: Mapping[str, Any], path: str | os.PathLike[str], source: str = '') -> None:
    """Write ``metainfo_text`` to a file.

    Raises:
        UserError: 'option' if its ending is not ``.py``; if it cannot be written.
    """
    if Path(path).suffix != '.py':
        fault = 'MMPose reads a metainfo file only if its name ends in .py.'
        raise UserError('option', str(path), fault, 'Add the ending.')
    write_text(path, metainfo_text(info, source))


def _check_names(names: Sequence[str], where: str) -> None:
    for i, name in enumerate(names):
        fault = 'is empty' if not name else 'is used twice' if name in names[:i] else ''
        if '{{' in name:
            fault = 'holds {{, which configs replace'
        if fault:
            place, remedy = f'{where}[{i}]', 'Give each keypoint a name of its own.'
            raise UserError('keypoint-names', place, f'the name {name!r} {fault}.', remedy)
    if not names:
        remedy = 'Give the names of the keypoints.'
        raise UserError('keypoint-names', where, 'there is no keypoint.', remedy)


def _links(names: Sequence[str], skeleton: object, where: str) -> list[tuple[str, str]]:
    if not isinstance(skeleton, list | tuple):
        remedy = 'Give pairs of keypoint numbers.'
        raise UserError('skeleton', where, 'the skeleton is not a list.', remedy)
    out = []
    for i, limb in enumerate(skeleton):
        pair = isinstance(limb, list | tuple) and len(limb) == 2
        if not pair or not all(type(end) is int and 1 <= end <= len(names) for end in limb):
            fault = f'{limb!r} is not a pair of keypoints.'
            remedy = f'Give two numbers from 1 to {len(names)} (the first keypoint is 1).'
            raise UserError('skeleton', f'{where}: skeleton[{i}]', fault, remedy)
        out.append((names[limb[0] - 1], names[limb[1] - 1]))
    return out


def check_keypoint(name: str, names: Sequence[str], where: str) -> None:
    """Refuse a name that no keypoint has.

    Raises:
        UserError: 'unknown-keypoint'.
    """
    if name not in names:
        raise_fault(unknown_keypoint(name, names), where)


def _joint(name: str) -> tuple[float, str]:
    """Sigma and body half by the words of a name: ``LeftKnee``, ``l_knee``, ``left knee``."""
    words = re.findall(r'[A-Z]?[a-z]+', name) + re.findall(r'[A-Z]+(?![a-z])', name)
    found = [JOINTS[word.lower()] for word in words if word.lower() in JOINTS]
    return found[0] if found else (DEFAULT_SIGMA, '')


def _colors(names: Sequence[str], partner: Mapping[str, str]) -> dict[str, list[int]]:
    """By side, as in MMPose's sets; without any pair, a colour each."""
    if not partner:
        hues = (i / len(names) for i in range(len(names)))
        return {
            n: [round(255 * v) for v in colorsys.hsv_to_rgb(h, 0.8, 1)]
            for n, h in zip(names, hues)
        }
    left = {a for a, _ in flip_pairs(names)}
    out = {}
    for i, n in enumerate(names):
        if n not in partner:
            out[n] = MIDDLE
        elif n in left or partner[n] in left:
            out[n] = LEFT if n in left else RIGHT
        else:  # a pair that the names do not show: the first is taken for the left one
            out[n] = LEFT if i < names.index(partner[n]) else RIGHT
    return out


def _link_color(colors: Mapping[str, list[int]], link: tuple[str, str]) -> list[int]:
    a, b = (colors[n] for n in link)
    return a if a == b or b == MIDDLE else b if a == MIDDLE else MIDDLE


def _call(entry: Mapping[str, Any]) -> str:
    return f'dict({", ".join(f"{key}={value!r}" for key, value in entry.items())})'
