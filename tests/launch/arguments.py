"""Command lines of ``train`` and ``test``, as their own parsers complete them."""

from argparse import Namespace
from importlib import import_module

from lfhpe_mmpose.cli import make_parser


def arguments(command: str, *words: str, **changes) -> Namespace:
    """The words of a command line, completed and then changed."""
    parser = make_parser(command, import_module(f'lfhpe_mmpose.cli.{command}'))
    return Namespace(**{**vars(parser.parse_args(words)), **changes})
