"""Reading MATLAB files: with a clear message where one is not what was expected."""

from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from lfhpe_mmpose.errors import UserError


def load_variable(path: Path, name: str, structs: bool = False) -> Any:
    """Read one variable of a ``.mat`` file.

    Args:
        path (Path): The file.
        name (str): The variable.
        structs (bool): Give structs as objects with attributes, and what has one element
            without its array. Defaults to False: plain arrays.

    Returns:
        Any: The variable.

    Raises:
        UserError: If the file cannot be read, or has no such variable.
    """
    try:
        content = scipy.io.loadmat(
            path, struct_as_record=not structs, squeeze_me=structs, variable_names=[name]
        )
    except NotImplementedError:
        raise UserError(
            f'{path}: MATLAB 7.3 files are not read, and the original file is not one. Download '
            'it again, or save it by save(..., "-v7").'
        ) from None
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror or error}).') from None
    except Exception as error:  # scipy raises many kinds for a damaged file
        raise UserError(
            f'{path}: no MATLAB file, or cut off ({type(error).__name__}: {error}). Download it '
            'again.'
        ) from None
    if name not in content:
        raise UserError(
            f'{path}: has no variable {name!r}. Give the file of the data set itself, not one '
            'that another program wrote.'
        )
    return content[name]


def items(value: Any) -> list:
    """The elements of what was a struct array, a cell or a vector in MATLAB.

    Args:
        value (Any): With ``structs=True`` one element stands for itself, none is an empty array.

    Returns:
        list: The elements.
    """
    if value is None:
        return []
    if isinstance(value, np.ndarray):
        return list(value.ravel())
    return [value]


def number(value: Any) -> float | None:
    """A number, None where MATLAB's field is empty.

    Args:
        value (Any): A field.

    Returns:
        float | None: Its value.
    """
    found = items(value)
    if len(found) != 1:
        return None
    try:
        out = float(found[0])
    except (TypeError, ValueError):
        return None
    return out if np.isfinite(out) else None
