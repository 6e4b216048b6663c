"""List the packaged weights, and the packaged configs."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('--configs', action='store_true', help='list all packaged configs as well')


def run(args: argparse.Namespace) -> None:
    """Print the names."""
    from lfhpe_mmpose.launch.packaged import list_configs, list_weights

    for name, path in list_weights().items():
        print(f'{name}: {path}')
    if args.configs:
        print('\n'.join(['', 'configs (data, keypoints: configs/*/*.md):', *list_configs()]))
