"""Write the MMPose metainfo file of the keypoints of a tag file."""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--out', required=True, help='file to write, *.py')
    parser.add_argument('--name', help='name of the data set; default: that of the category')
    parser.add_argument('--category', help='name of the category, where there are several')
    parser.add_argument(
        '--swap',
        nargs='+',
        default=[],
        metavar='LEFT=RIGHT',
        help='pairs that the names do not tell; NAME=NAME: it has no partner',
    )
    parser.add_argument(
        '--limbs',
        nargs='+',
        default=[],
        metavar='A=B',
        help='keypoints to join by a line, beside the skeleton of the file',
    )
    parser.add_argument(
        '--sigma', nargs='+', default=[], metavar='NAME=VALUE', help="sigmas for COCO's AP"
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Describe the keypoints and write the file."""
    from lfhpe_mmpose.annotation.metainfo import make_metainfo, save_metainfo, without_partner
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags import load_tag_file

    tags = load_tag_file(args.file)
    if args.category is not None:
        tags.categories = [c for c in tags.categories if c.get('name') == args.category]
    names = tags.names()
    category = next(c for c in tags.categories if c.get('keypoints') is names)
    swaps = read_pairs(args.swap, '--swap')
    sigmas = {}
    for name, value in read_pairs(args.sigma, '--sigma').items():
        try:
            sigmas[name] = float(value)
        except ValueError:
            raise UserError(f'--sigma {name}={value}: {value!r} is no number.') from None
    info = make_metainfo(
        names,
        [*(category.get('skeleton') or []), *read_limbs(args.limbs, names)],
        args.name or str(category.get('name', 'custom')),
        swaps,
        sigmas,
        f'{args.file}: keypoints',
    )
    save_metainfo(info, args.out, Path(args.file).name)
    points = info['keypoint_info'].values()
    pairs = [(p['name'], p['swap']) for p in points if p['swap']]
    first = [pair for i, pair in enumerate(pairs) if pair[::-1] not in pairs[:i]]
    print(f'{args.out}: keypoints: {len(names)}, limbs: {len(info["skeleton_info"])}')
    print(f'flip pairs ({len(first)}): {", ".join(f"{a} = {b}" for a, b in first) or "none"}')
    alone = [p['name'] for p in points if not p['swap']]
    print(f'without a partner ({len(alone)}): {", ".join(alone) or "none"}')
    lonely = without_partner(names, swaps)
    if lonely:
        print(
            f'CHECK: {", ".join(lonely)}: named after a side, but without a partner. A flipped '
            'picture would teach it as the other side. Name the partner by --swap A=B, or say '
            'that there is none by --swap A=A.'
        )


def read_limbs(items: list[str], names: list[str]) -> list[list[int]]:
    """Read ``hip=knee knee=ankle`` as pairs of 1-based indices."""
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags.entries import raise_fault, unknown_keypoint

    limbs = []
    for item in items:
        ends = item.split('=')
        if len(ends) != 2 or ends[0] == ends[1]:
            raise UserError(f'--limbs {item}: write A=B, two keypoints.')
        for end in ends:
            if end not in names:
                raise_fault(unknown_keypoint(end, names), f'--limbs {item}')
        limbs.append([names.index(end) + 1 for end in ends])
    return limbs


def read_pairs(items: list[str], option: str) -> dict[str, str]:
    """Read ``a=b c=d``."""
    from lfhpe_mmpose.errors import UserError

    out: dict[str, str] = {}
    for item in items:
        key, sign, value = item.partition('=')
        if not (sign and key and value) or key in out:
            raise UserError(f'{option} {item}: write NAME=VALUE, each name once.')
        out[key] = value
    return out


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
