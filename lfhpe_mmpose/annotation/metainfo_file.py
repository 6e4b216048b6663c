"""What ``lfhpe metainfo`` does: read a tag file, write the metainfo file of its keypoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.flip_pairs import no_pair_fault, stated_pairs

from .metainfo import check_keypoint, make_metainfo, save_metainfo, without_partner


@dataclass(frozen=True)
class MetainfoOptions:
    """How ``lfhpe metainfo`` describes the keypoints of a file.

    Attributes:
        name: Name of the data set; without one that of the category.
        category: Name of the category, where there are several.
        swap: Pairs ``LEFT=RIGHT`` that the names do not show; ``NAME=NAME``: it has no partner.
        limbs: Pairs ``A=B`` of keypoints to join by a line, beside the skeleton of the file.
        sigma: ``NAME=VALUE`` of sigmas.
    """

    name: str | None = None
    category: str | None = None
    swap: Sequence[str] = ()
    limbs: Sequence[str] = ()
    sigma: Sequence[str] = ()


def metainfo_file(path: str, out: str, options: MetainfoOptions | None = None) -> str:
    """Write the metainfo file of a tag file, and return the text to print.

    Raises:
        UserError: As ``make_metainfo``; if a file cannot be read or written.
    """
    options = options or MetainfoOptions()
    tags = load_tag_file(path)
    if options.category is not None:
        tags.categories = [c for c in tags.categories if c.get('name') == options.category]
    names = tags.names()
    category = next(c for c in tags.categories if c.get('keypoints') is names)
    stated = stated_pairs(category)
    swaps: dict[str, str] = {}
    if stated is not None:  # the keypoints that it leaves out have no partner
        back = {right: left for left, right in stated.items()}
        swaps = {name: name for name in names} | stated | back
    swaps = _without(swaps, _pairs(options.swap, '--swap'))
    sigmas = {}
    for name, value in _pairs(options.sigma, '--sigma').items():
        try:
            sigmas[name] = float(value)
        except ValueError:
            place = f'--sigma {name}={value}'
            raise UserError('option', place, f'{value!r} is not a number.', 'Give one.') from None
    info = make_metainfo(
        names,
        [*(category.get('skeleton') or []), *_limbs(options.limbs, names)],
        options.name or str(category.get('name', 'custom')),
        swaps,
        sigmas,
        f'{path}: keypoints',
    )
    save_metainfo(info, out, Path(path).name)
    points = info['keypoint_info'].values()
    pairs = [(p['name'], p['swap']) for p in points if p['swap']]
    first = [pair for i, pair in enumerate(pairs) if pair[::-1] not in pairs[:i]]
    alone = [p['name'] for p in points if not p['swap']]
    lines = [
        f'{out}: keypoints: {len(names)}, limbs: {len(info["skeleton_info"])}',
        f'flip pairs ({len(first)}): {", ".join(f"{a} = {b}" for a, b in first) or "none"}',
        f'without a partner ({len(alone)}): {", ".join(alone) or "none"}',
    ]
    lonely = without_partner(names, swaps)
    if lonely:
        lines.append(
            f'CHECK: {", ".join(lonely)}: named after a side, but without a partner. A flipped '
            'picture would teach the other side. Name the partner by --swap A=B, or give '
            '--swap A=A if it has none.'
        )
    fault = no_pair_fault(names)
    if fault and not swaps:
        lines.append(f'CHECK: {fault.text}. {fault.remedy}')
    return '\n'.join(lines)


def _without(stated: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """The pairs of an option, and those of the file that they do not contradict."""
    taken = {*given, *given.values()}
    return given | {a: b for a, b in stated.items() if not {a, b} & taken}


def _limbs(items: Sequence[str], names: Sequence[str]) -> list[list[int]]:
    """Read ``hip=knee knee=ankle`` as pairs of 1-based indices."""
    limbs = []
    for item in items:
        ends = item.split('=')
        if len(ends) != 2 or ends[0] == ends[1]:
            raise UserError('option', f'--limbs {item}', 'it is not A=B.', 'Give two keypoints.')
        for end in ends:
            check_keypoint(end, names, f'--limbs {item}')
        limbs.append([names.index(end) + 1 for end in ends])
    return limbs


def _pairs(items: Sequence[str], option: str) -> dict[str, str]:
    """Read ``a=b c=d``."""
    out: dict[str, str] = {}
    for item in items:
        key, sign, value = item.partition('=')
        if not (sign and key and value) or key in out:
            remedy = 'Write NAME=VALUE, each name once.'
            raise UserError('option', f'{option} {item}', 'it is invalid.', remedy)
        out[key] = value
    return out
