"""Predict locations of the training persons of a config, for LoadPseudoLocations."""

import argparse

from .options import add_cfg_options, add_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument(
        '--weights',
        required=True,
        help='weights file of the teacher, or a checkpoint of `lfhpe train`',
    )
    parser.add_argument('--out', default='pseudo_locations.json', help='file to write')
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Predict, and write what was found."""
    from lfhpe_mmpose.annotation.pseudo_locations import pseudo_locate

    count = pseudo_locate(args.config, args.weights, args.out, args.cfg_options)
    print(f'\n{count} persons: {args.out}')
