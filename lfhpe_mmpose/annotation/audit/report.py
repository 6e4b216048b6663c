"""The suspects of an audit as a table, a page with pictures, and a summary."""

import csv
import html
import io
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.files.writing import write_bytes, write_text
from lfhpe_mmpose.tags import SEEN

from .audit import Audit
from .ranking import Suspect

COLUMNS = ('rank', 'kind', 'bits', 'person', 'image', 'keypoints', 'view', 'tag', 'says')
_SIDE = 420
# BGR: the person's left, its right, neither; the window of a view.
_COLOURS = {'left': (171, 88, 21), 'right': (11, 81, 168), '': (60, 60, 60)}
_WINDOW = (31, 210, 255)
_STYLE = """body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:1rem;
color:#1c2127;background:#fff}ul{list-style:none;padding:0;display:grid;gap:1rem;
grid-template-columns:repeat(auto-fill,minmax(240px,1fr))}li{border:1px solid #c9d1d9;
border-radius:6px;padding:.6rem}img{width:100%;height:240px;object-fit:contain;background:#eef1f4}
h2{font-size:1rem;margin:.4rem 0}p{margin:.2rem 0}small{color:#57606a}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}img{background:#161b22}
small{color:#9198a1}}"""


def write_report(audit: Audit, out: Path, shown: int) -> str:
    """Write ``suspects.csv``, ``index.html`` and its pictures; return a summary.

    Args:
        audit: The result.
        out: Folder.
        shown: Number of suspects on the page.
    """
    rows = [_row(audit, number, s) for number, s in enumerate(audit.suspects, 1)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    write_text(out / 'suspects.csv', text.getvalue())
    items = []
    for row, suspect in zip(rows[:shown], audit.suspects):
        name = f'pictures/{row[0]:04}.jpg'
        try:
            write_bytes(out / name, _picture(audit, suspect))
        except UserError as error:
            name = ''
            row = (*row[:-1], f'{row[-1]} ({error.fault})')
        items.append(_item(row, name))
    write_text(out / 'index.html', _page(audit, items))
    kinds = Counter(s.kind for s in audit.suspects)
    found = ', '.join(f'{number} {kind}' for kind, number in kinds.most_common()) or 'none'
    return (
        f'{audit.labels} labels of {len(audit.plan.persons)} persons; suspects: {found}\n'
        f'{out / "index.html"}: the first {len(items)}; {out / "suspects.csv"}: all'
    )


def explain(plan: AskPlan, suspect: Suspect) -> str:
    """What is suspected, in a sentence."""
    names = [plan.keypoints[k].replace('_', ' ') for k in suspect.keypoints]
    listed = ', '.join(names)
    if suspect.kind == 'sides':
        return f'Left and right seem exchanged: {listed}.'
    if suspect.kind == 'box':
        return f'The box seems to cut off: {listed}.'
    if suspect.kind == 'location':
        return f'The {listed} was placed elsewhere than the model finds it.'
    where = 'in this view' if suspect.view else 'in the picture'
    if suspect.tag == SEEN:
        return f'The {listed} was tagged as visible {where}, and seems not to be.'
    return f'The {listed} was tagged as not visible {where}, and seems to be there.'


def _row(audit: Audit, number: int, suspect: Suspect) -> tuple[object, ...]:
    plan = audit.plan
    return (
        number,
        suspect.kind,
        f'{suspect.bits:.1f}',
        suspect.person,
        plan.persons[suspect.person].file,
        ' '.join(plan.keypoints[k] for k in suspect.keypoints),
        '' if suspect.view < 0 else suspect.view,
        '' if suspect.tag < 0 else suspect.tag,
        explain(plan, suspect),
    )


def _picture(audit: Audit, suspect: Suspect) -> bytes:
    """The person, the window of the view, and where the model has the keypoints concerned."""
    plan = audit.plan
    grid = plan.persons[suspect.person].grid()
    image = read_image(plan.image_path(suspect.person))
    x, y, w, h = grid.window
    left, top = max(0, int(x - 0.1 * w)), max(0, int(y - 0.1 * h))
    part = image[top : int(y + 1.1 * h) + 1, left : int(x + 1.1 * w) + 1]
    factor = _SIDE / max(part.shape[:2])
    picture = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)

    def at(point: np.ndarray) -> tuple[int, int]:
        return round(float(point[0] - left) * factor), round(float(point[1] - top) * factor)

    if suspect.window is not None and suspect.view > 0:
        a, b, wide, high = suspect.window
        corners = at(np.array([a, b])), at(np.array([a + wide, b + high]))
        cv2.rectangle(picture, *corners, 0, 5)
        cv2.rectangle(picture, *corners, _WINDOW, 2)
    for k in suspect.keypoints:
        place = at(audit.places[suspect.person][k])
        cv2.circle(picture, place, 11, (255, 255, 255), 5, cv2.LINE_AA)
        cv2.circle(picture, place, 11, _COLOURS[plan.sides[k]], 3, cv2.LINE_AA)
    return bytes(cv2.imencode('.jpg', picture, (cv2.IMWRITE_JPEG_QUALITY, 88))[1].tobytes())


def _item(row: tuple[object, ...], picture: str) -> str:
    rank, _, bits, person, image, *_, says = (html.escape(str(value)) for value in row)
    shown = f'<img src="{picture}" alt="" loading="lazy">' if picture else ''
    return (
        f'<li>{shown}<h2>{rank}. {says}</h2>'
        f'<p><small>person {person}, {image}, {bits} bits</small></p></li>'
    )


def _page(audit: Audit, items: list[str]) -> str:
    title = f'{len(audit.suspects)} suspect labels'
    intro = (
        'Each picture shows where a model has the keypoints of a label that it contradicts: '
        "blue rings are the person's left, brown ones its right. The yellow frame is the view "
        'that was asked about. A label is suspect, not wrong: look, and correct it in your tag '
        'file or in the program that it came from. The most certain come first.'
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{title}</title><style>{_STYLE}</style></head><body><main>'
        f'<h1>{title}</h1><p>{intro}</p><ul>{"".join(items)}</ul></main></body></html>\n'
    )
