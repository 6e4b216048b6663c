"""The catalogue of fault codes: severity, meaning and remedy of each, read from fault_codes.md.

``UserError``, the findings of ``lfhpe check`` and the checks before a run use the same codes. To
add one, add its row to fault_codes.md; `make docs` writes the page of the docs.
"""

from pathlib import Path
from typing import NamedTuple

ERROR, WARNING = 'error', 'warning'
# The file cannot be read, so that nothing else is checked and these cannot be ignored.
FATAL = ('empty-file', 'encoding', 'cut-off', 'not-json', 'nesting', 'structure', 'version')


class Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        code: Its stable name.
        severity: ``'error'`` or ``'warning'`` of a finding; ``'stop'`` if it only ends a command.
        meaning: What is wrong.
        remedy: What the user can do.
    """

    code: str
    severity: str
    meaning: str
    remedy: str


def _rows() -> list[Kind]:
    text = Path(__file__).with_suffix('.md').read_text(encoding='utf-8')
    rows = [line.strip('| ').split(' | ') for line in text.splitlines() if line.startswith('| `')]
    return [Kind(code.strip('`'), *rest) for code, *rest in rows]


CATALOGUE: dict[str, Kind] = {kind.code: kind for kind in _rows()}
# What ``lfhpe check`` can find, in the order of its report.
KINDS = {code: kind for code, kind in CATALOGUE.items() if kind.severity in (ERROR, WARNING)}


def errors_page() -> str:
    """The page of the docs, in Markdown."""
    table = Path(__file__).with_suffix('.md').read_text(encoding='utf-8')
    return f"""# Error codes

Every message ends with a code in brackets, such as `[box]`. The code is stable, the wording may
change. `lfhpe check` reports the severities *error* and *warning*; `--ignore CODE` turns a finding
off. The severity *stop* is a fault that ends a command before it writes anything.

{table}"""
