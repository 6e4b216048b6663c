"""Writes the reference pages of the documentation that follow from the code.

docs/commands.md has the help of every command, docs/errors.md every error code. `make docs`
calls it; a test compares the pages with what it would write.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lfhpe_mmpose.cli import GROUPS, help_of, overview  # noqa: E402
from lfhpe_mmpose.fault_codes import errors_page  # noqa: E402


def commands_page() -> str:
    """The help of every command, in the groups of `lfhpe --help`."""
    parts = ['# Commands', '', '```text', overview(), '```']
    for group, names in GROUPS.items():
        parts += ['', f'## {group}']
        for name in names:
            parts += ['', f'### lfhpe {name}', '', '```text', help_of(name).rstrip(), '```']
    return '\n'.join(parts) + '\n'


def main() -> None:
    """Write both pages."""
    (ROOT / 'docs' / 'commands.md').write_text(commands_page(), encoding='utf-8')
    (ROOT / 'docs' / 'errors.md').write_text(errors_page(), encoding='utf-8')


if __name__ == '__main__':
    os.environ['COLUMNS'] = '100'
    main()
