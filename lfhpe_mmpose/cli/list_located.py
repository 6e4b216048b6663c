"""List the located persons of a config, one "image id, annotation id" per line."""

import argparse

from .options import add_cfg_options, add_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument('--out', help='CSV file to write (default: print the list)')
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """List the located persons of the training set."""
    from lfhpe_mmpose.annotation.pseudo_locations import list_located

    list_located(args.config, args.out, args.cfg_options)
