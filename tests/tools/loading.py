"""The commands under the names that they had as scripts of `tools/`."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from lfhpe_mmpose.cli import make_parser

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
COMMANDS = {
    'browse_dataset': 'browse',
    'check_tags': 'check',
    'export_tags': 'export-labels',
    'import_tags': 'import',
    'make_metainfo': 'metainfo',
    'merge_tags': 'merge',
    'plan_tags': 'plan',
    'prepare_dataset': 'prepare',
    'publish_model': 'publish',
    'show_cases': 'cases',
    'split_tags': 'split',
    'subset_tags': 'subset',
    'tag_statistics': 'stats',
}


def command_of(name: str) -> str:
    """The sub-command that a script has become."""
    return COMMANDS.get(name, name.replace('_', '-'))


def load_tool(name: str) -> SimpleNamespace:
    """A command with the functions that its script had, beside those of its module."""
    command = command_of(name)
    file = 'import_' if command == 'import' else command.replace('-', '_')
    module = importlib.import_module(f'lfhpe_mmpose.cli.{file}')

    def parse_args(argv: Sequence[str] | None = None):
        return make_parser(command, module).parse_args(sys.argv[1:] if argv is None else argv)

    return SimpleNamespace(**{**vars(module), 'parse_args': parse_args, 'main': module.run})
