"""``plan.json``: a tag file without tags, and an entry ``plan`` with pictures and settings.

It is written before the pictures are cut and again, with ``complete``, after it, so that an
interrupted run is recognised. A later plan in the same folder must ask every picture of a
complete one, or its answers could not be imported.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file
from lfhpe_mmpose.tags.values import UNKNOWN
from lfhpe_mmpose.tags.views import ASKED_VIEWS

from . import forms
from .pictures import Picture

PLAN, TABLE = 'plan.json', 'questions.csv'


@dataclass(frozen=True)
class Settings:
    """What the pictures of a plan depend on. Two plans in one folder must agree in it.

    ``image_size`` is the longer side of a picture; ``boxes`` is 'file', 'detector' or 'whole';
    ``show`` is 'crop', or 'window' for windows outlined in pictures of the whole person.
    """

    keypoints: list[str]
    views: int = ASKED_VIEWS
    seed: int = 0
    image_size: int = 512
    boxes: str = 'whole'
    whole_person: bool = True
    show: str = 'crop'


def new_plan(
    images: Sequence[dict[str, Any]],
    persons: Sequence[dict[str, Any]],
    pictures: Sequence[Picture],
    settings: Settings,
    skeleton: Sequence[Sequence[int]],
    complete: bool,
) -> TagFile:
    """Make the plan of the pictures, with the persons and images that they show."""
    names = settings.keypoints
    asked = {p.annotation for p in pictures}
    shown = {p.image_id for p in pictures}
    plan = TagFile.new(names, skeleton)
    plan.images = [image for image in images if image['id'] in shown]
    for person in persons:
        if person['id'] not in asked:
            continue
        views = [
            dict(bbox=view['bbox'], keypoint_tags=[UNKNOWN] * len(names))
            for view in person['tag_views']
        ]
        entry = dict(person, category_id=1, tag_views=views)
        if not views:
            del entry['tag_views']
        plan.annotations.append(entry)
    plan.rest['plan'] = dict(
        pictures=[p.entry() for p in pictures],
        seed=settings.seed,
        views=settings.views,
        settings=asdict(settings),
        complete=complete,
    )
    return plan


def _about(plan: TagFile, path: object, remedy: str) -> dict[str, Any]:
    """The entry ``plan`` of a plan, or raise if it is damaged."""
    about = plan.rest.get('plan')
    pictures = about.get('pictures') if isinstance(about, dict) else None
    if (
        not isinstance(about, dict)
        or not isinstance(about.get('settings'), dict)
        or not isinstance(pictures, list)
        or not all(isinstance(p, dict) and isinstance(p.get('file'), str) for p in pictures)
    ):
        raise UserError('plan', str(path), 'not an annotation plan.', remedy)
    return about


def load_plan(path: str | os.PathLike[str]) -> tuple[TagFile, Settings]:
    """Read a complete plan.

    Raises:
        UserError: If the file is not a plan, or its pictures were not all cut out.
    """
    plan = load_tag_file(path)
    about = _about(plan, path, 'Give a plan.json.')
    if not about.get('complete'):
        raise UserError(
            'plan-incomplete', str(path), 'the plan was interrupted.', 'Repeat its `lfhpe plan`.'
        )
    try:
        return plan, Settings(**about['settings'])
    except TypeError:
        given = json.dumps(about['settings'])
        raise UserError(
            'version', str(path), f'plan.settings {given} are of another version.'
        ) from None


def earlier_plan(out: Path, settings: Settings) -> TagFile | None:
    """Load the complete plan of a folder, if any, and refuse one of other settings."""
    path = out / PLAN
    if not path.exists():
        if (out / 'views').exists():
            raise UserError(
                'in-the-way', str(out), f'a folder views without {PLAN}.', 'Give another --out.'
            )
        return None
    before = load_tag_file(path)
    about = _about(before, path, 'Give another --out.')
    # Plans of earlier versions always asked about the whole person, and always cut out.
    earlier = {'whole_person': True, 'show': 'crop', **about['settings']}
    for key, value in asdict(settings).items():
        if earlier.get(key) != value:
            fault = f'a plan with {key} {earlier.get(key)!r}, not {value!r}.'
            remedy = 'Give another --out, or the same setting.'
            raise UserError('plan-settings', str(path), fault, remedy)
    return before if about.get('complete') else None


def refuse_loss(out: Path, before: TagFile | None, chosen: Sequence[Picture]) -> None:
    """Refuse to overwrite answers, or to drop pictures that someone may be answering."""
    table = out / TABLE
    # A spreadsheet may have saved it in another encoding.
    if table.exists() and forms.holds_answers(table.read_text('utf-8-sig', errors='replace')):
        remedy = (
            f'Import it (lfhpe import table {table} --plan {out / PLAN}) and move it away, or '
            'give another --out.'
        )
        raise UserError('answers-lost', str(table), 'the table holds answers.', remedy)
    if before is None:
        return
    now = {p.file for p in chosen}
    lost = [p['file'] for p in before.rest['plan']['pictures'] if p['file'] not in now]
    if lost:
        fault = (
            f'{len(lost)} pictures of this plan (the first is {lost[0]}) would not be asked any '
            'more, and their answers could not be imported.'
        )
        raise UserError('answers-lost', str(out / PLAN), fault, 'Give another --out.')
