"""What is wrong with a text that should be JSON."""

import json
import os
import re

from lfhpe_mmpose.errors import UserError

AGAIN = 'Copy or write it again.'
# What may stand at the end of a text that was cut off within a word, a number or an escape.
TORN = re.compile(r'[-+.\w\\]{0,12}')


def check_begin(raw: bytes, path: str | os.PathLike[str]) -> None:
    """Refuse a file whose first bytes are not those of UTF-8 text.

    Raises:
        UserError: If the file is empty, has a byte order mark, is UTF-16 or UTF-32, or compressed.
    """
    place = str(path)
    if not raw:
        raise UserError('empty-file', place, 'the file is empty (0 bytes).', AGAIN)
    for magic, name in ((b'\x1f\x8b', 'gzip'), (b'PK\x03\x04', 'zip'), (b'BZh', 'bzip2')):
        if raw.startswith(magic):
            raise UserError(
                'encoding', place, f'the file is compressed ({name}).', 'Unpack it first.'
            )
    encoding = json.detect_encoding(raw[:4])
    if encoding != 'utf-8':
        text = f'the file is {encoding.removesuffix("-sig").upper()} text'
        text += ' that begins with a byte order mark.' if encoding == 'utf-8-sig' else '.'
        raise UserError('encoding', place, text, 'Save it as UTF-8 without a byte order mark.')


def is_cut_off(error: json.JSONDecodeError) -> bool:
    """Whether a text is faulty at its end alone, so that it may go on."""
    end = error.doc[error.pos : error.pos + 14].rstrip()
    torn = bool(TORN.fullmatch(end)) and error.msg != 'Extra data'
    return torn or error.msg.startswith('Unterminated')
