"""The questions as forms: a Label Studio project, and a table.

No form says where a keypoint is. To support another program, add a function that returns the text
of its file and write it in ``make.py``.
"""

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from lfhpe_mmpose.errors import UserError

FORMS = ('questions', 'ticks')
# Names of Label Studio's controls; as words they say what a tick means.
VISIBLE, CANNOT_TELL, NOT_VISIBLE = 'visible', 'cannot tell', 'not visible'
TICKED, TICKED_UNKNOWN = 'visible', 'cannot_tell'
NOTHING = 'none of these'
_OUTLINED = 'Visible means: inside the outline, if there is one'
# A question is one line, so that some twenty of them fit on a screen.
_ROW = 'display: flex; align-items: center; justify-content: space-between; height: 38px'
# Keys that Label Studio does not use for its own tools.
_KEYS = '123456789qwetyiasdfgjzxcnm'


def image_control(names: Sequence[str]) -> str:
    """Name of the picture's control, which must differ from the keypoints' names."""
    return 'picture' if 'picture' not in names else 'the picture'


def label_studio_config(
    names: Sequence[str], form: str = 'questions', outlined: bool = False
) -> str:
    """Write the XML for "Labeling Interface > Code".

    Args:
        names: Keypoint names.
        form: 'questions' asks one of three answers per keypoint, none preselected. With
            'ticks' the annotator ticks what is visible and what is unknown; the rest is not
            visible.
        outlined: Whether windows are outlined in the pictures, and only what lies inside counts.

    Raises:
        UserError: If a keypoint has a name that the ticks need.
    """
    taken = [name for name in names if name in (TICKED, TICKED_UNKNOWN, NOTHING)]
    if form == 'ticks' and taken:
        fault = 'the name is an answer of the form.'
        remedy = 'Rename the keypoint, or use --form questions.'
        raise UserError('keypoint-names', f'keypoint {taken[0]!r}', fault, remedy)
    image = quoteattr(image_control(names))
    lines = (_ticks if form == 'ticks' else _questions)(names, image)
    if outlined:
        lines = [f'<Header size="6" value={quoteattr(_OUTLINED)}/>', *lines]
    width = 380 if form == 'ticks' else 480
    # Side by side: below the picture, most answers would be off the screen.
    return '\n'.join(
        [
            '<View style="display: flex; align-items: flex-start; gap: 16px">',
            '  <View style="flex: 1 1 0; min-width: 0">',
            f'    <Image name={image} value="$image" zoom="true" zoomControl="true"/>',
            '  </View>',
            f'  <View style="flex: 0 0 {width}px; max-height: 85vh; overflow-y: auto">',
            *('    ' + line for line in lines),
            '  </View>',
            '</View>',
            '',
        ]
    )


def _questions(names: Sequence[str], image: str) -> list[str]:
    lines = []
    for i, name in enumerate(names):
        lines += [
            f'<View style="{_ROW}">',
            f'  <Header size="6" value={quoteattr(name)}/>',
            f'  <Choices name={quoteattr(name)} toName={image} choice="single" showInline="true" '
            f'required="true" requiredMessage={quoteattr(f"Answer {name}")}>',
            f'    {_choice(VISIBLE, i)}',
            f'    {_choice(NOT_VISIBLE, i, "shift+")}',
            f'    {_choice(CANNOT_TELL)}',
            '  </Choices>',
            '</View>',
        ]
    return lines


def _ticks(names: Sequence[str], image: str) -> list[str]:
    return [
        '<Header size="6" value="Tick what can be seen in the picture"/>',
        f'<Choices name="{TICKED}" toName={image} choice="multiple" showInline="true" '
        'required="true" requiredMessage="Tick what can be seen, or: none of these">',
        *(f'  {_choice(name, i)}' for i, name in enumerate(names)),
        f'  <Choice value={quoteattr(NOTHING)} hotkey="0"/>',
        '</Choices>',
        '<Header size="6" value="Tick what you cannot tell; the rest is not visible"/>',
        f'<Choices name="{TICKED_UNKNOWN}" toName={image} choice="multiple" showInline="true">',
        *(f'  {_choice(name, i, "shift+")}' for i, name in enumerate(names)),
        '</Choices>',
    ]


def _choice(value: str, number: int | None = None, shift: str = '') -> str:
    key = number is not None and number < len(_KEYS)
    hotkey = f' hotkey="{shift}{_KEYS[number]}"' if key else ''  # type: ignore[index]
    return f'<Choice value={quoteattr(value)}{hotkey}/>'


def url_prefix(out: str | os.PathLike[str]) -> str:
    """Prefix of the pictures of the plan in ``out``.

    Label Studio's document root is the folder that holds ``out``, so that it serves all rounds.
    """
    return f'/data/local-files/?d={quote(os.fsencode(Path(out).resolve().name))}/views/'


def picture_url(file: str, prefix: str) -> str:
    """URL of a picture: the prefix and its base name."""
    return prefix + quote(os.fsencode(PurePosixPath(file).name))


def label_studio_tasks(files: Iterable[str], prefix: str) -> str:
    """Write the JSON of the tasks; ``picture`` of the data is the base name."""
    tasks = [
        dict(data=dict(image=picture_url(file, prefix), picture=PurePosixPath(file).name))
        for file in files
    ]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + '\n'


def question_table(files: Iterable[str], names: Sequence[str]) -> str:
    """Write the questions as CSV, with an empty column per keypoint."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(['image', *names])
    writer.writerows([file, *[''] * len(names)] for file in files)
    return out.getvalue()


def holds_answers(text: str) -> bool:
    """Whether the text of a ``question_table`` was filled in.

    A spreadsheet may have saved it with other delimiters, so all that is not the picture's name
    or a delimiter is an answer.
    """
    rows = text.splitlines()[1:]
    return any(re.sub(r'^[^,;\t]*', '', row).strip('",; \t') for row in rows)
