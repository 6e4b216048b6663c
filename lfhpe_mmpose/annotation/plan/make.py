"""Making a plan: draw the views, order them, choose, cut out, write the forms."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_text
from lfhpe_mmpose.tags import TagFile

from . import forms
from .cutting import cut_all, readable
from .pictures import Picture, draw_pictures
from .plan_file import PLAN, TABLE, Settings, earlier_plan, new_plan, refuse_loss
from .ranking import information, picture_probabilities, rank_pictures, shuffled
from .selection import not_answered

CONFIG, TASKS = 'label_studio_config.xml', 'label_studio_tasks.json'


@dataclass
class Planned:
    """A written plan: ``possible`` pictures were not answered yet, ``kept`` existed already.

    ``pictures`` are in the order in which they are asked. ``bits`` is their expected information,
    with a model. ``remarks`` say what was left out, and why.
    """

    plan: TagFile
    pictures: list[Picture]
    possible: int
    kept: int = 0
    remarks: list[str] = field(default_factory=list)
    bits: np.ndarray | None = None


def make_plan(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    images: Sequence[dict[str, Any]],
    persons: Sequence[dict[str, Any]],
    settings: Settings,
    skeleton: Sequence[Sequence[int]] = (),
    model: Any = None,
    budget: int | None = None,
    done: TagFile | None = None,
    form: str = 'questions',
    prefix: str | None = None,
    progress: bool = False,
) -> Planned:
    """Choose what to ask, and write the plan with its pictures and forms.

    Args:
        folder: Folder of the images.
        out: Folder of the plan.
        images: Entries ``images`` of a tag file.
        persons: Persons with ``id``, ``image_id`` and perhaps ``bbox``.
        settings: What the pictures depend on.
        skeleton: Limbs as pairs of 1-based indices.
        model: Pictures are ordered by its uncertainty. None orders them at random.
        budget: Maximum number of pictures.
        done: Tags that are known and not asked again.
        form: Form of the Label Studio project.
        prefix: Prefix of the pictures' URLs in Label Studio. None takes ``forms.url_prefix``.
        progress: Whether to show progress bars.

    Raises:
        UserError: If nothing is left to ask, or the folder holds another plan or answers.
    """
    out = Path(out)
    # Mistakes are reported before a model is run.
    earlier_plan(out, settings)
    forms.label_studio_config(settings.keypoints, form)
    persons = [dict(person) for person in persons]
    possible, remarks = draw_pictures(
        images, persons, settings.views, settings.seed, settings.whole_person
    )
    if done is not None:
        possible = not_answered(possible, persons, done)
    if not possible:
        reason = f'; {remarks[0]}' if remarks else ', all answered' if persons else ''
        raise UserError(
            'nothing-to-ask', str(folder), f'nothing to ask: {len(persons)} persons{reason}.'
        )
    chosen, bits = _ordered(possible, folder, settings, model, remarks, progress)
    planned = write_plan(
        folder, out, images, persons, chosen[:budget], settings, skeleton, form, prefix, progress
    )
    planned.possible, planned.remarks = len(chosen), remarks + planned.remarks
    if bits is not None:
        there = {p.file for p in planned.pictures}
        planned.bits = bits[: len(chosen[:budget])][[p.file in there for p in chosen[:budget]]]
    return planned


def write_plan(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    images: Sequence[dict[str, Any]],
    persons: Sequence[dict[str, Any]],
    chosen: Sequence[Picture],
    settings: Settings,
    skeleton: Sequence[Sequence[int]] = (),
    form: str = 'questions',
    prefix: str | None = None,
    progress: bool = False,
) -> Planned:
    """Cut out chosen pictures and write their plan and forms; see ``make_plan``.

    Args:
        folder: Folder of the images.
        out: Folder of the plan.
        images: Entries ``images`` of a tag file.
        persons: Persons with ``tag_views``, each with its ``bbox``.
        chosen: Pictures in the order in which they are asked.
        settings: What the pictures depend on.
        skeleton: Limbs as pairs of 1-based indices.
        form: Form of the Label Studio project.
        prefix: Prefix of the pictures' URLs in Label Studio. None takes ``forms.url_prefix``.
        progress: Whether to show progress bars.

    Raises:
        UserError: If no image is readable, or the folder holds another plan or answers.
    """
    out = Path(out)
    before = earlier_plan(out, settings)
    outlined = settings.show == 'window'
    config = forms.label_studio_config(settings.keypoints, form, outlined)
    remarks: list[str] = []

    def plan_of(pictures: Sequence[Picture], complete: bool) -> TagFile:
        refuse_loss(out, before, pictures)
        return new_plan(images, persons, pictures, settings, skeleton, complete)

    plan = plan_of(chosen, complete=False)
    if before is None:
        plan.save(out / PLAN)
    there, kept = cut_all(chosen, folder, out, settings.image_size, remarks, progress)
    chosen = [p for p in chosen if p.file in there]
    if not chosen:
        raise UserError('unreadable-image', str(folder), f'no image is readable. {remarks[-1]}')
    plan = plan_of(chosen, complete=True)
    files = [p.file for p in chosen]
    write_text(out / CONFIG, config)
    write_text(out / TASKS, forms.label_studio_tasks(files, prefix or forms.url_prefix(out)))
    write_text(out / TABLE, forms.question_table(files, settings.keypoints))
    plan.save(out / PLAN)
    return Planned(plan, list(chosen), len(chosen), kept, remarks)


def _ordered(
    pictures: Sequence[Picture],
    folder: str | os.PathLike[str],
    settings: Settings,
    model: Any,
    remarks: list[str],
    progress: bool,
) -> tuple[list[Picture], np.ndarray | None]:
    """Pictures at random, or those that are readable by the information that a model expects."""
    if model is None:
        return [pictures[i] for i in shuffled(pictures, settings.seed)], None
    read: list[Picture] = []

    def crops() -> Iterator[np.ndarray]:
        for picture, crop in readable(pictures, folder, remarks, progress, 'ranking'):
            read.append(picture)
            yield crop

    rows = list(picture_probabilities(model, crops(), settings.keypoints))
    if not read:
        raise UserError('unreadable-image', str(folder), f'no image is readable. {remarks[-1]}')
    probs = np.stack(rows)
    order = rank_pictures(read, probs)
    return [read[i] for i in order], information(probs)[order]
