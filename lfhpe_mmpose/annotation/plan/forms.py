"""The questions as forms: a Label Studio project, and a table.

Nothing in them tells where a keypoint is. To ask in another program, add a function that returns
its file's text and write it in ``build``.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from lfhpe_mmpose.errors import UserError

FORMS = ('questions', 'ticks')
URL_PREFIX = '/data/local-files/?d=views/'
# Names of Label Studio's controls; as words they say what a tick means.
VISIBLE, CANNOT_TELL, NOT_VISIBLE = 'visible', 'cannot tell', 'not visible'
TICKED, TICKED_UNKNOWN = 'visible', 'cannot_tell'
NOTHING = 'none of these'
# Keys that Label Studio does not use for its own tools.
_KEYS = '123456789qwetyiasdfgjzxcnm'


def label_studio_config(names: Sequence[str], form: str = 'questions') -> str:
    """Write the labelling interface.

    Args:
        names (Sequence[str]): Keypoint names.
        form (str): 'questions': for each keypoint one of three answers, none preselected, so
            that nothing is an answer that nobody gave. 'ticks': tick what can be seen, and
            what you cannot tell; the rest is not visible. Defaults to 'questions'.

    Returns:
        str: XML, for "Labeling Interface > Code".

    Raises:
        UserError: If a keypoint has a name that the ticks need.
    """
    taken = [name for name in names if name in (TICKED, TICKED_UNKNOWN, NOTHING)]
    if form == 'ticks' and taken:
        raise UserError(
            f'a keypoint is called {taken[0]!r}, which is an answer. Rename it, or use '
            '--form questions.'
        )
    image = 'picture' if 'picture' not in names else 'the picture'
    write = _ticks if form == 'ticks' else _questions
    lines = ['<View>']
    lines.append(
        f'  <Image name={quoteattr(image)} value="$image" zoom="true" zoomControl="true"/>'
    )
    lines += ['  ' + line for line in write(names, quoteattr(image))]
    return '\n'.join([*lines, '</View>', ''])


def _questions(names: Sequence[str], image: str) -> list[str]:
    lines = []
    for i, name in enumerate(names):
        title = f'{name}: key {_KEYS[i]} yes, shift+{_KEYS[i]} no' if i < len(_KEYS) else name
        lines.append(f'<Header size="6" value={quoteattr(title)}/>')
        lines.append(
            f'<Choices name={quoteattr(name)} toName={image} choice="single" showInline="true" '
            f'required="true" requiredMessage={quoteattr(f"Answer {name}")}>'
        )
        keys = (_KEYS[i], f'shift+{_KEYS[i]}', None) if i < len(_KEYS) else (None, None, None)
        for answer, key in zip((VISIBLE, NOT_VISIBLE, CANNOT_TELL), keys, strict=True):
            lines.append(f'  {_choice(answer, key)}')
        lines.append('</Choices>')
    return lines


def _ticks(names: Sequence[str], image: str) -> list[str]:
    lines = ['<Header size="6" value="Tick what can be seen in the picture"/>']
    lines.append(
        f'<Choices name="{TICKED}" toName={image} choice="multiple" showInline="true" '
        'required="true" requiredMessage="Tick what can be seen, or: none of these">'
    )
    for i, name in enumerate(names):
        lines.append(f'  {_choice(name, _KEYS[i] if i < len(_KEYS) else None)}')
    lines += [f'  {_choice(NOTHING, "0")}', '</Choices>']
    lines.append('<Header size="6" value="Tick what you cannot tell; the rest is not visible"/>')
    lines.append(
        f'<Choices name="{TICKED_UNKNOWN}" toName={image} choice="multiple" showInline="true">'
    )
    for i, name in enumerate(names):
        lines.append(f'  {_choice(name, f"shift+{_KEYS[i]}" if i < len(_KEYS) else None)}')
    return [*lines, '</Choices>']


def _choice(value: str, key: str | None) -> str:
    hotkey = f' hotkey="{key}"' if key else ''
    return f'<Choice value={quoteattr(value)}{hotkey}/>'


def picture_url(file: str, prefix: str = URL_PREFIX) -> str:
    """Address of a picture in Label Studio.

    Args:
        file (str): The picture's file.
        prefix (str): What stands before its base name. Defaults to Label Studio's address of
            local files, its document root being the plan's folder.

    Returns:
        str: The address.
    """
    return prefix + quote(PurePosixPath(file).name)


def label_studio_tasks(files: Iterable[str], prefix: str = URL_PREFIX) -> str:
    """Write the tasks to import.

    Args:
        files (Iterable[str]): The pictures' files, in the order to be asked.
        prefix (str): See :func:`picture_url`.

    Returns:
        str: JSON; the entry ``picture`` of the data is the base name.
    """
    tasks = [
        dict(data=dict(image=picture_url(file, prefix), picture=PurePosixPath(file).name))
        for file in files
    ]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + '\n'


def question_table(files: Iterable[str], names: Sequence[str]) -> str:
    """Write the questions as a table with an empty column for each keypoint.

    Args:
        files (Iterable[str]): The pictures' files, in the order to be asked.
        names (Sequence[str]): Keypoint names.

    Returns:
        str: CSV.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(['image', *names])
    writer.writerows([file, *[''] * len(names)] for file in files)
    return out.getvalue()


def holds_answers(text: str) -> bool:
    """Whether somebody has written into the table.

    Args:
        text (str): A file that :func:`question_table` wrote, perhaps changed.

    Returns:
        bool: True if a cell beside the picture's is filled.
    """
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return any(cell.strip() for row in rows for cell in row[1:])
