"""List the packaged models: what they find, how well, from which labels, on which terms.

`weights/README.md` has their cards.
"""

import argparse

# Rows of a model's card that are printed, besides its results.
_SHOWN = ('finds', 'trained on', 'labels seen', 'terms')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('--configs', action='store_true', help='list all packaged configs as well')


def run(args: argparse.Namespace) -> None:
    """Print the names."""
    from textwrap import fill

    from lfhpe_mmpose.launch.packaged import list_configs, list_weights, read_card

    for name, path in list_weights().items():
        print(f'{name}\n  {path}, {path.stat().st_size / 1e6:.1f} MB')
        for key, text in read_card(name).items():
            if key in _SHOWN or 'PCK' in text:
                print(fill(f'{key}: {text}', 99, initial_indent='  ', subsequent_indent='    '))
        print()
    if args.configs:
        print('\n'.join(['configs (data, keypoints: configs/*/*.md):', *list_configs()]))
