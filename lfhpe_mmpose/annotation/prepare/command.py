"""What ``lfhpe prepare`` does."""

from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError

from .job import Job
from .prepare import prepare_dataset


def prepare(
    name: str,
    source: Path | None,
    out: Path,
    images: str,
    missing: str,
    val_list: Path | None,
    persons: str,
    **drawn: Any,
) -> str:
    """Prepare a data set, and return the text to print.

    Args:
        drawn: Arguments of ``generate_people`` for the name 'synthetic'.

    Raises:
        UserError: If files are missing or cannot be used.
    """
    if name == 'synthetic':
        from lfhpe_mmpose.datasets.synthetic import generate_people

        lines = [f'{key}: {path}' for key, path in generate_people(out, **drawn).items()]
    elif source is None:
        raise UserError('option', '--source', f'The files of {name} are needed.', 'Give a folder.')
    else:
        lines = prepare_dataset(name, Job(source, out, images, missing, val_list, persons))
    variable = name.removesuffix('-crops').upper()
    return '\n'.join([*lines, f'Next: export LFHPE_{variable}={out.resolve()}'])
