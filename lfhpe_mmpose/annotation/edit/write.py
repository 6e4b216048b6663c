"""Read and write files of a task: lists of image names; several outputs together or none."""

import os
from collections.abc import Mapping
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files import writing
from lfhpe_mmpose.tags import TagFile


def read_list(path: str | os.PathLike) -> list[str]:
    """Read a list of image names, one ``file_name`` a line. Empty lines are skipped.

    Args:
        path (str | os.PathLike): The list.

    Returns:
        list[str]: The names, each once, in order.

    Raises:
        UserError: If it cannot be read, or names nothing.
    """
    try:
        text = Path(path).read_text(encoding='utf-8-sig')
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None
    except UnicodeDecodeError:
        raise UserError(f'{path}: is not UTF-8 text; give one file name a line.') from None
    names = [line.strip() for line in text.splitlines()]
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        raise UserError(f'{path}: names no image; give one file name a line.')
    return names


def write_together(outputs: Mapping[str | os.PathLike, TagFile | str]) -> None:
    """Write files: all of them or none.

    Args:
        outputs (Mapping[str | os.PathLike, TagFile | str]): Path and content, a tag file or
            text.

    Raises:
        UserError: If one cannot be written.
    """
    with writing.write_together(list(outputs)) as parts:
        for part, content in zip(parts, outputs.values(), strict=True):
            if isinstance(content, TagFile):
                content.dump(part)
            else:
                part.write_text(content, encoding='utf-8')


def refuse_inputs(inputs: list[str], outputs: list[str]) -> None:
    """Refuse to write over what is read.

    Args:
        inputs (list[str]): Files that were read.
        outputs (list[str]): Files to be written.

    Raises:
        UserError: If a file is in both.
    """
    read = {os.path.realpath(path): path for path in inputs}
    for path in outputs:
        if os.path.realpath(path) in read:
            raise UserError(f'{path}: would be written over, but it is an input. Choose another.')
