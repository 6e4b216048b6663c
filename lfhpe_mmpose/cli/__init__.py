"""The ``lfhpe`` command: a module a sub-command, imported when it is asked for.

To add a command, write ``cli/<name>.py`` with ``add_arguments(parser)`` and ``run(args)``, and
add its name to ``GROUPS``. The module's docstring is the help: the first line is listed by
``lfhpe --help``. Import torch, mmpose and the rooms that need them inside ``run`` only.
"""

import argparse
import ast
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from lfhpe_mmpose.commands import run_command
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.version import __version__

# Commands by what a person wants to do.
GROUPS = {
    'Label': (
        *('plan', 'ask', 'loop', 'import', 'check', 'audit', 'stats', 'split', 'merge'),
        *('subset', 'metainfo', 'export-labels', 'export-predictions', 'prepare'),
    ),
    'Train': (
        *('new-config', 'train', 'test', 'calibrate', 'publish'),
        *('curves', 'browse', 'list-located', 'pseudo-locate'),
    ),
    'Use': ('predict', 'models', 'export', 'demo'),
    'Measure': ('benchmark', 'measure-predict', 'study', 'cases'),
}
COMMANDS = tuple(name for names in GROUPS.values() for name in names)


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command; ``argv`` defaults to the words after ``lfhpe``.

    Raises:
        SystemExit: See ``lfhpe_mmpose.commands.run_command``; 2 for a wrong command line.
    """
    words = sys.argv[1:] if argv is None else [str(word) for word in argv]
    if '_ARGCOMPLETE' in os.environ:
        complete()
    if not words or words[0] in ('-h', '--help'):
        print(overview())
    elif words[0] == '--version':
        print(f'lfhpe_mmpose {__version__}')
    elif words[0] not in COMMANDS:
        run_command(_refuse, words[0])
    else:
        module = _module(words[0])
        args = make_parser(words[0], module).parse_args(words[1:])
        run_command(module.run, args, if_interrupted=getattr(module, 'IF_INTERRUPTED', ''))


def overview() -> str:
    """The commands in groups, each with the first line of its help."""
    lines = ['usage: lfhpe COMMAND ...', '']
    lines += ['Pose estimation from keypoint tags, without locations.']
    for group, names in GROUPS.items():
        lines += ['', f'{group}:', *(f'  {name:<20}{_first_line(name)}' for name in names)]
    return '\n'.join([*lines, '', '`lfhpe COMMAND --help` lists the options of a command.'])


def make_parser(name: str, module: ModuleType) -> argparse.ArgumentParser:
    """The parser of a command."""
    parser = argparse.ArgumentParser(
        f'lfhpe {name}',
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return parser


def help_of(name: str) -> str:
    """The help of a command, as ``lfhpe NAME --help`` prints it."""
    return make_parser(name, _module(name)).format_help()


def complete() -> None:
    """Answer the shell by ``argcomplete`` (the extra ``completion``), and exit."""
    import argcomplete

    words = os.environ.get('COMP_LINE', '').split()[1:]
    parser = argparse.ArgumentParser('lfhpe')
    commands = parser.add_subparsers()
    for name in COMMANDS:
        command = commands.add_parser(name, help=_first_line(name))
        if words[:1] == [name]:
            _module(name).add_arguments(command)
    argcomplete.autocomplete(parser)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f'{__name__}.{_file(name)}')


def _file(name: str) -> str:
    return name.replace('-', '_') + '_' * (name == 'import')  # a keyword of Python


def _first_line(name: str) -> str:
    source = (Path(__file__).parent / f'{_file(name)}.py').read_text(encoding='utf-8')
    return (ast.get_docstring(ast.parse(source)) or '').partition('\n')[0].rstrip('.')


def _refuse(name: str) -> None:
    near = difflib.get_close_matches(name, COMMANDS, 1)
    remedy = f'Did you mean {near[0]!r}?' if near else '`lfhpe --help` lists the commands.'
    raise UserError('command', name, 'There is no such command.', remedy)
