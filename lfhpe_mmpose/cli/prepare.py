"""Prepare a public data set for the packaged configs, from its authors' files."""

import argparse
from pathlib import Path

NAMES = (
    *('aic', 'animalpose', 'animalpose-crops', 'ap10k', 'coco', 'crowdpose'),
    *('lsp', 'lspet', 'mpii', 'ochuman'),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('name', choices=NAMES, help='the data set')
    parser.add_argument('--source', required=True, type=Path, help='folder of the unpacked files')
    parser.add_argument('--out', required=True, type=Path, help='folder for the configs to read')
    parser.add_argument(
        '--images',
        choices=['link', 'copy'],
        default='link',
        help='link to the folder of images (default), or copy those that are used',
    )
    parser.add_argument(
        '--missing',
        choices=['error', 'skip'],
        default='error',
        help='stop where an image is missing (default), or leave it out',
    )
    parser.add_argument(
        '--val-list',
        type=Path,
        help='animalpose, lspet, mpii: file with the names of the validation images',
    )
    parser.add_argument(
        '--persons',
        choices=['all', 'single'],
        default='all',
        help='mpii: all persons (default), or those that stand apart from others',
    )


def run(args: argparse.Namespace) -> None:
    """Prepare, and say how to go on."""
    from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset

    options = {key: value for key, value in vars(args).items() if key != 'name'}
    lines = prepare_dataset(args.name, Job(**options))
    print('\n'.join(lines))
    variable = args.name.removesuffix('-crops').upper()
    print(f'Now: export LFHPE_{variable}={args.out.resolve()}')
