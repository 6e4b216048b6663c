"""Call a tool for tag files as its command line does, in this process."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lfhpe_mmpose.commands import run_command

from .loading import load_tool


@dataclass
class Done:
    """How a call ended."""

    status: int
    out: str
    err: str


def call(name: str, *arguments, capsys: pytest.CaptureFixture) -> Done:
    """Run `tools/<name>.py` with these arguments."""
    tool = load_tool(name)
    status = 0
    before = sys.argv
    sys.argv = [f'{name}.py', *map(str, arguments)]
    try:
        run_command(tool.main, tool.parse_args())
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.argv = before
    return Done(status, *capsys.readouterr())


def files(folder: Path) -> list[str]:
    """Everything in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())
