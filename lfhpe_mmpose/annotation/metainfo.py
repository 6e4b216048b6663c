"""MMPose's description of a keypoint set (``metainfo``), made from the names in a tag file.

Left/right pairs come from the names (:mod:`.flip_pairs`), sigmas and body halves from the words
in them (:data:`JOINTS`, where a new word goes), colours from the sides.
"""

import colorsys
import math
import os
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_text
from lfhpe_mmpose.tags.flip_pairs import flip_pairs, unpaired

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
# Of a keypoint without such a word: the median of COCO's 17.
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
    """Describe a keypoint set.

    Args:
        names (Sequence[str]): Names of the K keypoints, in order.
        skeleton (Sequence[Sequence[int]]): Limbs as pairs of 1-based indices, as COCO has
            them. Defaults to none.
        name (str): Name of the data set. Defaults to 'custom'.
        swaps (Mapping[str, str], optional): Pairs that the names do not tell, or tell wrongly;
            a keypoint paired with itself has no partner. Defaults to none.
        sigmas (Mapping[str, float], optional): Sigmas that are not the defaults, by keypoint.
            Defaults to none.
        where (str): File and entry, for messages.

    Returns:
        dict[str, Any]: ``dataset_info`` as MMPose's ``parse_pose_metainfo`` reads it.

    Raises:
        UserError: If a name is unknown, in two pairs or double, a limb is no pair of
            keypoints, or a sigma is not above 0.
    """
    _check_names(names, where)
    partner = swap_partners(names, swaps)
    links = _links(names, skeleton, where)
    given = dict(sigmas or {})
    for key, value in given.items():
        _known(key, names)
        if not (0 < value < math.inf):
            raise UserError(f'sigma {key}={value:g}: give one above 0.')
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
    """The mirror image of each keypoint that has one.

    Args:
        names (Sequence[str]): Keypoint names.
        swaps (Mapping[str, str], optional): Pairs that go before those of the names.
            Defaults to none.

    Returns:
        dict[str, str]: Left to right and right to left.

    Raises:
        UserError: If a name is unknown or in two pairs.
    """
    told: dict[str, str] = {}
    for a, b in (swaps or {}).items():
        for one, other in {(a, b), (b, a)}:
            _known(one, names)
            if told.setdefault(one, other) != other:
                raise UserError(
                    f'{one!r} is swapped with {told[one]!r} and with {other!r}; name it once.'
                )
    out = {a: b for a, b in told.items() if a != b}
    for left, right in flip_pairs(names):
        if left not in told and right not in told:
            out.update({left: right, right: left})
    return out


def without_partner(names: Sequence[str], swaps: Mapping[str, str] | None = None) -> list[str]:
    """Keypoints whose names tell a side, but that have no mirror image.

    Args:
        names (Sequence[str]): Keypoint names.
        swaps (Mapping[str, str], optional): As for :func:`swap_partners`.

    Returns:
        list[str]: Their names; those that ``swaps`` pairs with themselves are meant so.
    """
    partner = swap_partners(names, swaps)
    told = {*(swaps or {}), *(swaps or {}).values()}
    sided = {*unpaired(names), *(n for pair in flip_pairs(names) for n in pair)}
    return [n for n in names if n in sided and n not in partner and n not in told]


def metainfo_text(info: Mapping[str, Any], source: str = '') -> str:
    """Write a description as the Python file that ``dict(from_file=...)`` names.

    Args:
        info (Mapping[str, Any]): Result of :func:`make_metainfo`.
        source (str): What it was made from, for the first line. Defaults to none.

    Returns:
        str: The file.
    """
    made = f', made from {source} by tools/make_metainfo.py' if source else ''
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


def save_metainfo(info: Mapping[str, Any], path: str | os.PathLike, source: str = '') -> None:
    """Write the file: whole or not at all.

    Args:
        info (Mapping[str, Any]): Result of :func:`make_metainfo`.
        path (str | os.PathLike): The file, ``*.py``.
        source (str): What it was made from. Defaults to none.

    Raises:
        UserError: If it is no ``.py`` file, or cannot be written.
    """
    target = Path(path)
    if target.suffix != '.py':
        raise UserError(f'{path}: MMPose reads a metainfo file by the suffix .py; add it.')
    write_text(target, metainfo_text(info, source))


def _check_names(names: Sequence[str], where: str) -> None:
    for i, name in enumerate(names):
        if name == '' or name in names[:i]:
            state = 'double' if name else 'empty'
            raise UserError(f'{where}[{i}] is {name!r}, {state}; give each keypoint a name.')
        if '{{' in name:
            raise UserError(f'{where}[{i}] is {name!r}; configs replace {{{{...}}}}: rename it.')
    if not names:
        raise UserError(f'{where}: there is no keypoint.')


def _links(names: Sequence[str], skeleton: object, where: str) -> list[tuple[str, str]]:
    if not isinstance(skeleton, list | tuple):
        raise UserError(f'{where}: the skeleton is no list; give pairs of keypoint numbers.')
    out = []
    for i, limb in enumerate(skeleton):
        pair = isinstance(limb, list | tuple) and len(limb) == 2
        if not pair or not all(
            isinstance(end, int) and not isinstance(end, bool) and 1 <= end <= len(names)
            for end in limb
        ):
            raise UserError(
                f'{where}: skeleton[{i}] is {limb!r}; give two keypoint numbers from 1 to '
                f'{len(names)} (the first keypoint is 1, as in COCO).'
            )
        out.append((names[limb[0] - 1], names[limb[1] - 1]))
    return out


def _known(name: str, names: Sequence[str]) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, 1)
    remedy = f'did you mean {near[0]!r}?' if near else f'there are {", ".join(names)}.'
    raise UserError(f'no keypoint is called {name!r}; {remedy}')


def _joint(name: str) -> tuple[float, str]:
    """Sigma and body half by the words of a name: ``LeftKnee``, ``l_knee``, ``left knee``."""
    words = re.findall(r'[A-Z]?[a-z]+', name) + re.findall(r'[A-Z]+(?![a-z])', name)
    found = [JOINTS[word.lower()] for word in words if word.lower() in JOINTS]
    return found[0] if found else (DEFAULT_SIGMA, '')


def _colors(names: Sequence[str], partner: Mapping[str, str]) -> dict[str, list[int]]:
    """By side, as MMPose's sets have them; where nothing is paired, a colour each."""
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
        else:  # a pair that was told: the first is taken for the left one
            out[n] = LEFT if i < names.index(partner[n]) else RIGHT
    return out


def _link_color(colors: Mapping[str, list[int]], link: tuple[str, str]) -> list[int]:
    a, b = (colors[n] for n in link)
    return a if a == b or b == MIDDLE else b if a == MIDDLE else MIDDLE


def _call(entry: Mapping[str, Any]) -> str:
    return f'dict({", ".join(f"{key}={value!r}" for key, value in entry.items())})'
