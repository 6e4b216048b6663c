"""MATLAB files, with a message that says what is wrong with one."""

from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError


def load_variable(path: Path, name: str, structs: bool = False) -> Any:
    """Read one variable of a ``.mat`` file.

    ``structs`` returns structs as objects with attributes, and single elements without array.

    Raises:
        UserError: If the file cannot be read, or has no such variable.
    """
    import scipy.io

    try:
        content = scipy.io.loadmat(
            path, struct_as_record=not structs, squeeze_me=structs, variable_names=[name]
        )
    except NotImplementedError:
        fault = 'MATLAB 7.3 files are not supported, and the original file is not one.'
        remedy = 'Download it again, or save it by save(..., "-v7").'
        raise UserError('mat-file', str(path), fault, remedy) from None
    except OSError as error:
        raise UserError(
            'unreadable-file', str(path), f'cannot be read ({error.strerror or error}).'
        ) from None
    except Exception as error:  # scipy raises many kinds for a damaged file
        fault = f'the file is cut off or not from MATLAB ({type(error).__name__}: {error}).'
        raise UserError('mat-file', str(path), fault, 'Download it again.') from None
    if name not in content:
        raise UserError(
            'mat-file', str(path), f'the variable {name!r} is missing.', 'Give the original file.'
        )
    return content[name]


def items(value: Any) -> list[Any]:
    """Elements of a struct array, cell or vector, read with ``structs=True``."""
    if value is None:
        return []
    return list(value.ravel()) if isinstance(value, np.ndarray) else [value]


def number(value: Any) -> float | None:
    """A field as a finite number; None if it is empty or something else."""
    found = items(value)
    try:
        out = float(found[0]) if len(found) == 1 else np.nan
    except (TypeError, ValueError):
        return None
    return out if np.isfinite(out) else None
