"""Label Studio: its JSON export and JSON-MIN read, tasks with answers written.

Three labelling interfaces are understood (docs/annotate.md shows them):

- choices about the whole picture: for each keypoint a ``Choices`` of its name with one answer; or
  ticks, a ``Choices`` named like an answer (``visible``, ``cannot_tell``, ``not_visible``) whose
  choices are keypoints. Keypoints not ticked in ``visible`` are not visible.
- rectangles with such choices ``perRegion``: tagged persons. A rectangle labelled ``view`` below
  a person in the region list (``parentID``) is a tagged view of that person.
- ``KeyPointLabels`` below a person's rectangle: a located person.

Answers of several annotators about one picture are merged. An annotation starred as ground truth
decides alone. Skipped annotations, drafts and predictions do not count.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, Answered, AnswerWords, agree
from .builder import TagFileBuilder, check_names, set_keypoints
from .label_studio_answers import controls_of, find_names, tags_of
from .label_studio_regions import (
    add_regions,
    has_regions,
    person_label,
    picture_points,
    region_size,
)
from .label_studio_tasks import Annotated, file_name_of, load_tasks, plan_picture, size_of
from .label_studio_write import write
from .plan_answers import plan_pictures, put_back

__all__ = ['read', 'write']


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
) -> TagFile:
    """Read the file of "Export > JSON" or "JSON-MIN".

    ``image_root`` is the folder of the images, to read the sizes that the export does not give.
    """
    tasks = load_tasks(path)
    if plan is not None:
        return _read_plan(tasks, path, names, plan, words, conflicts)
    known = check_names(list(names), path) if names else find_names(tasks, path, words)
    builder = TagFileBuilder(known, path, person_label(tasks) or 'person')
    by_file: dict[str, list[Annotated]] = {}
    urls: dict[str, tuple[str, str]] = {}
    for task in tasks:
        name, url = file_name_of(task)
        first, where = urls.setdefault(name, (url, task.where))
        if first != url:
            fault = f'the images {url!r} and {first!r} ({where}) would both be {name!r}.'
            raise UserError('duplicate-image', task.where, fault, 'Rename one of them.')
        by_file.setdefault(name, []).append(task)
    ids = _image_ids(by_file)
    for name, answers in by_file.items():
        _add_image(builder, name, ids.get(name), answers, words, conflicts, image_root)
    return builder.tags


def _image_ids(by_file: dict[str, list[Annotated]]) -> dict[str, int | str]:
    """The ids in the tasks' data, if each image has its own."""
    ids = {name: answers[0].data.get('image_id') for name, answers in by_file.items()}
    good: dict[str, Any] = {name: v for name, v in ids.items() if type(v) in (int, str)}
    return good if len(set(good.values())) == len(ids) else {}


def _read_plan(
    tasks: Sequence[Annotated],
    path: str,
    names: Sequence[str] | None,
    plan: TagFile,
    words: AnswerWords,
    conflicts: str,
) -> TagFile:
    """Answers about the pictures of a plan."""
    known = list(plan.names())
    if names is not None and list(names) != known:
        fault = f'{", ".join(names)} are not the keypoints of the plan {plan.path}.'
        remedy = f'Leave --keypoints out; they are {", ".join(known)}.'
        raise UserError('keypoint-names', path, fault, remedy)
    pictures = plan_pictures(plan)
    answers = []
    for task in tasks:
        if has_regions(task):
            fault = 'it holds rectangles or points, but a plan asks about whole pictures.'
            raise UserError(
                'region', task.where, fault, 'Import it without --plan, or remove them.'
            )
        picture = plan_picture(task, pictures, plan.path)
        tags = tags_of(controls_of(task), known, words, conflicts)
        if tags is not None:
            answers.append((picture, tags, task.where))
    return put_back(plan, answers, conflicts)


def _add_image(
    builder: TagFileBuilder,
    name: str,
    number: int | str | None,
    tasks: Sequence[Annotated],
    words: AnswerWords,
    conflicts: str,
    image_root: str | None,
) -> None:
    """Add an image and its persons: the whole image, and one for each rectangle."""
    names = builder.names
    found = [(tags_of(controls_of(task), names, words, conflicts), task.where) for task in tasks]
    tagged = [Answered(tags, where) for tags, where in found if tags is not None]
    placed = [p for p in [picture_points(task, names) for task in tasks] if p is not None]
    drawn = [task for task in tasks if has_regions(task)]
    if not tagged and not drawn:
        return
    if len(drawn) > 1:
        raise UserError(
            'region',
            drawn[1].where,
            f'{name} has rectangles or points of two annotations, also of {drawn[0].where}.',
            'Star one of them as ground truth, or delete the other.',
        )
    size = region_size(drawn[0]) if drawn else None
    size = size or size_of(tasks[0], name, image_root)
    image_id = builder.image(name, size, tasks[0].where, number)
    if tagged or placed:
        person = builder.person(image_id)
        if tagged:
            merged = reduce(lambda a, b: agree(a, b, names, name, conflicts), tagged)
            person['keypoint_tags'] = merged.tags
        if placed:
            set_keypoints(person, placed[0])
    for task in drawn:
        add_regions(builder, task, image_id, words, conflicts)
