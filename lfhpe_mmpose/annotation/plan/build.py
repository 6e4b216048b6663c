"""Making a plan: views drawn, ordered, chosen, cut out, and written with their forms.

A plan is written twice: before the pictures are cut, so that an interrupted run is known for
what it is, and after it with ``complete``. What a finished plan asks is asked by every later plan
in the same folder, or the later one is refused: its answers could not be put back.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile, load_tag_file
from lfhpe_mmpose.tags.values import UNKNOWN

from . import forms
from .pictures import Picture, cut, draw_pictures, save_picture
from .ranking import information, picture_probabilities, rank_pictures
from .selection import not_answered, shuffled

PLAN, CONFIG, TASKS, TABLE = (
    'plan.json',
    'label_studio_config.xml',
    'label_studio_tasks.json',
    'questions.csv',
)


@dataclass(frozen=True)
class Settings:
    """What the pictures of a plan depend on; two plans in one folder must agree in it.

    Attributes:
        keypoints (list[str]): Names of the K keypoints.
        views (int): Views a person. Defaults to 4.
        seed (int): Seed of the sub-crops and of the order. Defaults to 0.
        image_size (int): Longer side of the pictures in pixels. Defaults to 512.
        boxes (str): Where the boxes come from: 'file', 'detector' or 'whole'.
            Defaults to 'whole'.
        whole_person (bool): Whether the whole person is one of the views. Defaults to True.
    """

    keypoints: list[str]
    views: int = 4
    seed: int = 0
    image_size: int = 512
    boxes: str = 'whole'
    whole_person: bool = True


@dataclass
class Planned:
    """What was planned.

    Attributes:
        plan (TagFile): As it was written.
        pictures (list[Picture]): In the order in which they are asked.
        possible (int): Pictures that could be asked, without the answered ones.
        kept (int): Pictures that were there already.
        remarks (list[str]): What was left out, and why.
        bits (np.ndarray | None): With a model: expected information of each picture.
    """

    plan: TagFile
    pictures: list[Picture]
    possible: int
    kept: int = 0
    remarks: list[str] = field(default_factory=list)
    bits: np.ndarray | None = None


def make_plan(
    folder: str | os.PathLike,
    out: str | os.PathLike,
    images: Sequence[dict],
    persons: Sequence[dict],
    settings: Settings,
    skeleton: Sequence[Sequence[int]] = (),
    model: Any = None,
    budget: int | None = None,
    done: TagFile | None = None,
    form: str = 'questions',
    prefix: str = forms.URL_PREFIX,
    progress: bool = False,
) -> Planned:
    """Plan what to ask, and write everything that asking needs.

    Args:
        folder (str | os.PathLike): The folder of the images.
        out (str | os.PathLike): The plan's folder.
        images (Sequence[dict]): Entries ``images`` of a tag file.
        persons (Sequence[dict]): Persons with ``id``, ``image_id`` and perhaps ``bbox``.
        settings (Settings): See there.
        skeleton (Sequence[Sequence[int]]): Limbs, pairs of 1-based indices. Defaults to none.
        model (Any): From ``lfhpe_mmpose.apis.init_model``: the pictures are ordered by what it
            is unsure about. Defaults to None: by chance.
        budget (int, optional): Pictures to ask at most. Defaults to None: all.
        done (TagFile, optional): Tags that there are, which are not asked again.
            Defaults to None.
        form (str): Form of the Label Studio project, see ``forms``. Defaults to 'questions'.
        prefix (str): Prefix of the pictures' addresses there.
        progress (bool): Whether to show progress bars. Defaults to False.

    Returns:
        Planned: What was written.

    Raises:
        UserError: If nothing is left to ask, or the folder holds another plan or answers.
    """
    out = Path(out)
    before = _earlier_plan(out, settings)
    config = forms.label_studio_config(settings.keypoints, form)
    persons = [dict(person) for person in persons]
    possible, remarks = draw_pictures(
        images, persons, settings.views, settings.seed, settings.whole_person
    )
    if done is not None:
        possible = not_answered(possible, persons, done)
    if not possible:
        raise UserError(
            f'{folder}: there is nothing to ask; {len(persons)} persons'
            + (f'. {remarks[0]}.' if remarks else ', all of them answered.' if persons else '.')
        )
    bits = None
    if model is None:
        chosen = [possible[i] for i in shuffled(possible, settings.seed)]
    else:
        possible, probs = _ask_model(
            model, possible, folder, settings.keypoints, remarks, progress
        )
        order = rank_pictures(possible, probs)
        chosen, bits = [possible[i] for i in order], information(probs)[order]
    chosen = chosen[:budget]
    _check_earlier(out, before, chosen)
    plan = _plan_file(images, persons, chosen, settings, skeleton)
    if before is None:
        plan.rest['plan']['complete'] = False
        plan.save(out / PLAN)
    cut_out, kept = _cut_all(chosen, folder, out, settings.image_size, remarks, progress)
    keep = np.array([p.file in cut_out for p in chosen], dtype=bool)
    chosen = [p for p in chosen if p.file in cut_out]
    if not chosen:
        raise UserError(f'{folder}: no image could be read. {remarks[-1]}')
    _check_earlier(out, before, chosen)
    plan = _plan_file(images, persons, chosen, settings, skeleton)
    files = [p.file for p in chosen]
    _write(out / CONFIG, config)
    _write(out / TASKS, forms.label_studio_tasks(files, prefix))
    _write(out / TABLE, forms.question_table(files, settings.keypoints))
    plan.save(out / PLAN)
    bits = None if bits is None else bits[: len(keep)][keep]
    return Planned(plan, chosen, len(possible), kept, remarks, bits)


def _plan_file(
    images: Sequence[dict],
    persons: Sequence[dict],
    pictures: Sequence[Picture],
    settings: Settings,
    skeleton: Sequence[Sequence[int]],
) -> TagFile:
    """The plan as a tag file that knows no tag yet."""
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
        complete=True,
    )
    return plan


def _earlier_plan(out: Path, settings: Settings) -> TagFile | None:
    """A finished plan that is there already; refuse one of other settings."""
    path = out / PLAN
    if not path.exists():
        if (out / 'views').exists():
            raise UserError(f'{out}: holds a folder views and no {PLAN}. Give another --out.')
        return None
    before = load_tag_file(path)
    about = before.rest.get('plan')
    if not isinstance(about, dict) or 'settings' not in about:
        raise UserError(f'{path}: is no plan of this tool. Give another --out.')
    # Plans of earlier versions always asked about the whole person.
    earlier = {'whole_person': True, **about['settings']}
    for key, value in asdict(settings).items():
        if earlier.get(key) != value:
            raise UserError(
                f'{path}: is a plan with {key} {earlier.get(key)!r}, not {value!r}. '
                'Give another --out, or the same setting.'
            )
    return before if about.get('complete') else None


def _check_earlier(out: Path, before: TagFile | None, chosen: Sequence[Picture]) -> None:
    """Refuse to forget pictures that somebody may be answering, or their answers."""
    table = out / TABLE
    if table.exists() and forms.holds_answers(table.read_text(encoding='utf-8-sig')):
        raise UserError(
            f'{table}: holds answers. Import it (tools/import_tags.py table {table} --plan '
            f'{out / PLAN}) and move it away, or give another --out.'
        )
    if before is None:
        return
    now = {p.file for p in chosen}
    lost = [p['file'] for p in before.rest['plan']['pictures'] if p['file'] not in now]
    if lost:
        raise UserError(
            f'{out / PLAN}: asks {len(lost)} pictures that this plan would not (the first is '
            f'{lost[0]}), and their answers could not be put back. Give another --out.'
        )


def _in_image_order(pictures: Iterable[Picture]) -> list[Picture]:
    return sorted(pictures, key=lambda p: (p.image, str(p.annotation), p.view))


def _ask_model(
    model: Any,
    pictures: Sequence[Picture],
    folder: str | os.PathLike,
    names: Sequence[str],
    remarks: list[str],
    progress: bool,
) -> tuple[list[Picture], np.ndarray]:
    """Pictures that can be read, and their probabilities (N, K)."""
    read: list[Picture] = []

    def crops() -> Iterator[np.ndarray]:
        for picture, crop in _readable(pictures, folder, remarks, progress, 'ranking'):
            read.append(picture)
            yield crop

    probs = list(picture_probabilities(model, crops(), names))
    if not read:
        raise UserError(f'{folder}: no image could be read. {remarks[-1]}')
    return read, np.stack(probs)


def _readable(
    pictures: Iterable[Picture],
    folder: str | os.PathLike,
    remarks: list[str],
    progress: bool,
    what: str,
) -> Iterator[tuple[Picture, np.ndarray]]:
    """Cut pictures image by image; an image that cannot be decoded is told and left out."""
    by_image: dict[str, list[Picture]] = {}
    for picture in _in_image_order(pictures):
        by_image.setdefault(picture.image, []).append(picture)
    total = sum(map(len, by_image.values()))
    with tqdm(total=total, desc=what, unit='picture', disable=not progress) as bar:
        for image in by_image.values():
            try:
                crops = list(cut(image, folder))
            except UserError as error:
                remarks.append(f'left out: {error}')
                crops = []
            yield from crops
            bar.update(len(image))


def _cut_all(
    pictures: Sequence[Picture],
    folder: str | os.PathLike,
    out: Path,
    size: int,
    remarks: list[str],
    progress: bool,
) -> tuple[set[str], int]:
    """Cut out and save the pictures; give the files that are there, and how many were."""
    (out / 'views').mkdir(parents=True, exist_ok=True)
    there = {p.file for p in pictures if (out / p.file).exists()}
    kept = len(there)
    missing = [p for p in pictures if p.file not in there]
    for picture, crop in _readable(missing, folder, remarks, progress, 'cutting'):
        try:
            save_picture(crop, out / picture.file, size)
        except OSError as error:
            raise UserError(f'{out / picture.file}: cannot be written ({error}).') from None
        there.add(picture.file)
    return there, kept


def _write(path: Path, text: str) -> None:
    part = path.with_name(f'.{path.name}.part')
    part.write_text(text, encoding='utf-8')
    os.replace(part, path)


def load_plan(path: str | os.PathLike) -> tuple[TagFile, Settings]:
    """Read a plan.

    Args:
        path (str | os.PathLike): ``plan.json``.

    Returns:
        tuple[TagFile, Settings]: The plan and its settings.

    Raises:
        UserError: If it is none, or its pictures were not all cut out.
    """
    plan = load_tag_file(path)
    about = plan.rest.get('plan')
    if not isinstance(about, dict) or not isinstance(about.get('settings'), dict):
        raise UserError(f'{path}: no annotation plan; give the plan.json of tools/plan_tags.py.')
    if not about.get('complete'):
        raise UserError(f'{path}: was interrupted. Run the same tools/plan_tags.py again.')
    try:
        return plan, Settings(**about['settings'])
    except TypeError:
        given = json.dumps(about['settings'])
        raise UserError(f'{path}: plan.settings is {given}, of another version.') from None
