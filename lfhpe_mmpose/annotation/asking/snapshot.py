"""Export the answers so far, also while a server takes further ones."""

import os
import tempfile
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError

from .session import AskSession


def export_now(
    plan: str | os.PathLike[str],
    journal: str | os.PathLike[str],
    out: str | os.PathLike[str],
    images: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Write a tag file of the answers in a journal, which another process may hold.

    A copy of the journal is read; a line that is just being written is left out.

    Returns:
        See ``AskSession.progress``.

    Raises:
        UserError: 'unreadable-file' if there is no journal, or as for ``AskSession``.
    """
    try:
        content = Path(journal).read_bytes()
    except OSError as error:
        fault = f'the file cannot be read ({error.strerror}).'
        remedy = 'Give the file of the answers with --journal.'
        raise UserError('unreadable-file', str(journal), fault, remedy) from None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / 'journal.jsonl'
        copy.write_bytes(content)
        with AskSession(plan, copy, images=images) as session:
            session.export(out)
            return session.progress('')
