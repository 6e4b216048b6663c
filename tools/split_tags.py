"""Split a tag file by image: by fractions that stay when images are added, or by lists."""

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
    parser.add_argument(
        '--out', required=True, help='folder; a part is written to OUT/<part>.json'
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument('--fractions', help='e.g. train=0.8,val=0.1,test=0.1; order counts')
    how.add_argument(
        '--lists', nargs='+', help='<part>.txt with a file_name a line, each a part of that name'
    )
    parser.add_argument('--seed', type=int, default=0, help='of parts and located persons; 0')
    parser.add_argument(
        '--group-by',
        default='image',
        help='what stays in one part: image (default), folder, or an entry of the images',
    )
    parser.add_argument('--write-lists', action='store_true', help='write OUT/<part>.txt too')
    located = parser.add_argument_group('remove coordinates')
    located.add_argument(
        '--located-fraction',
        type=float,
        help='persons that stay located; of the others the coordinates are removed',
    )
    located.add_argument(
        '--located-parts', nargs='+', help="parts it is for; default: the part called 'train'"
    )
    located.add_argument(
        '--occluded',
        choices=['positive', 'negative', 'unknown'],
        default='positive',
        help='tag of a keypoint with visibility 1 (default positive)',
    )
    located.add_argument('--views', type=int, default=1, help='views a tagged person; 1')
    located.add_argument('--view-seed', type=int, default=0, help='seed of the views; 0')
    located.add_argument(
        '--no-whole-person',
        dest='whole_person',
        action='store_false',
        help='all views are sub-crops; the whole person has no tags',
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Split, remove coordinates where asked, and write all parts or none."""
    from lfhpe_mmpose.annotation.edit import (
        count_located,
        file_lists,
        locate_fraction,
        read_list,
        split_by_fraction,
        split_by_lists,
        write_together,
    )
    from lfhpe_mmpose.annotation.edit.write import refuse_inputs
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags import load_tag_file

    tags = load_tag_file(args.file)
    if args.fractions is not None:
        fractions = read_fractions(args.fractions)
        parts = split_by_fraction(tags, fractions, args.seed, args.group_by)
    else:
        lists: dict[str, list[str]] = {}
        for path in args.lists:
            if Path(path).stem in lists:
                raise UserError(f"{path}: two lists are called so; a part has its list's name.")
            lists[Path(path).stem] = read_list(path)
        parts = split_by_lists(tags, lists)
    if args.located_fraction is not None:
        chosen = args.located_parts or [name for name in parts if name == 'train']
        for name in chosen or ['train']:
            if name not in parts:
                raise UserError(
                    f'--located-fraction: there is no part {name!r} ({", ".join(parts)}). Name '
                    'parts by --located-parts.'
                )
            parts[name] = locate_fraction(
                parts[name],
                args.located_fraction,
                args.seed,
                args.occluded,
                args.views,
                args.view_seed,
                args.whole_person,
            )
    elif args.located_parts or args.views != 1 or not args.whole_person:
        raise UserError('--located-parts, --views and --no-whole-person need --located-fraction.')
    out = Path(args.out)
    outputs: dict = {out / f'{name}.json': part for name, part in parts.items()}
    if args.write_lists:
        outputs.update({out / f'{n}.txt': text for n, text in file_lists(parts).items()})
    refuse_inputs([args.file, *(args.lists or [])], list(map(str, outputs)))
    lines = []
    for name, part in parts.items():
        lines.append(
            f'{out / name}.json: {len(part.images)} images, {len(part.annotations)} persons'
        )
        if args.located_fraction is not None:
            lines[-1] += f', {count_located(part)} located'
    write_together(outputs)
    print('\n'.join(lines))
    left = len(tags.images) - sum(len(part.images) for part in parts.values())
    if left:
        print(f'{left} of {len(tags.images)} images are in no part.')


def read_fractions(text: str) -> dict[str, float]:
    """Read ``train=0.8,val=0.2``."""
    from lfhpe_mmpose.errors import UserError

    out: dict[str, float] = {}
    for item in text.split(','):
        name, _, number = (part.strip() for part in item.partition('='))
        try:
            fraction = float(number)
        except ValueError:
            fraction = -1.0
        if not name or name in out or name != Path(name).name or name == '..' or fraction < 0:
            raise UserError(
                f'--fractions: {item.strip()!r} in {text!r}; write each part once, as '
                'train=0.8,val=0.2.'
            )
        out[name] = fraction
    return out


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
