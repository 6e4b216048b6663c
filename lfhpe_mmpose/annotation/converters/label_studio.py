"""Label Studio: its JSON export and JSON-MIN read, tasks with answers written.

What is understood (docs/annotate.md shows the labelling interfaces):

- choices about the whole picture: for each keypoint a ``Choices`` called like it with one answer;
  or ticks, a ``Choices`` called like an answer (``visible``, ``cannot_tell``, ``not_visible``)
  whose choices are keypoints: what is not ticked in ``visible`` is not visible;
- rectangles with such choices ``perRegion``: tagged persons. A rectangle labelled ``view`` that
  lies inside a person in the region list (``parentID``) is a tagged view of that person;
- ``KeyPointLabels`` inside a person's rectangle: a located person.

Answers of several annotators about one picture are put together; an annotation starred as ground
truth decides alone; skipped ones, drafts and predictions are no answers. ``label_studio_tasks``
reads the file, ``label_studio_answers`` choices, ``label_studio_regions`` rectangles and points,
``label_studio_write`` writes.
"""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import TagFileBuilder, check_names
from .label_studio_answers import controls_of, find_names, merge_tags, tags_of
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
    """Read an export.

    Args:
        path (str): The file of "Export > JSON" or "JSON-MIN".
        names (Sequence[str], optional): Keypoint names. Defaults to None: the plan's, or those
            of the controls in the order in which they occur.
        plan (TagFile, optional): The plan whose pictures were answered. Defaults to None: the
            tasks are about images.
        words (AnswerWords): Which words mean what. Defaults to :data:`DEFAULT_WORDS`.
        conflicts (str): What becomes of two different answers: 'error' or 'unknown'.
            Defaults to 'error'.
        image_root (str, optional): Folder of the images, for the size of those of which the
            export does not tell it. Defaults to None.

    Returns:
        TagFile: The answered persons.

    Raises:
        UserError: If the file is no export, an answer is none, or answers differ.
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
        first = urls.setdefault(name, (url, task.where))
        if first[0] != url:
            raise UserError(
                f'{task.where}: data image {url!r} and {first[0]!r} ({first[1]}) would both be '
                f'{name!r}. Rename one of the images.'
            )
        by_file.setdefault(name, []).append(task)
    ids = _image_ids(by_file)
    for name, answers in by_file.items():
        _add_image(builder, name, ids.get(name), answers, known, words, conflicts, image_root)
    return builder.tags


def _image_ids(by_file: dict[str, list[Annotated]]) -> dict[str, int | str]:
    """Ids that the tasks' data give, if they give one to each image."""
    ids = {name: answers[0].data.get('image_id') for name, answers in by_file.items()}
    good = all(isinstance(v, int | str) and not isinstance(v, bool) for v in ids.values())
    return ids if good and len(set(ids.values())) == len(ids) else {}  # type: ignore[return-value]


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
        raise UserError(
            f'{path}: the keypoints {", ".join(names)} are not those of the plan {plan.path}: '
            f'{", ".join(known)}. Leave --keypoints out.'
        )
    pictures = plan_pictures(plan)
    answers = []
    for task in tasks:
        if has_regions(task):
            raise UserError(
                f'{task.where}: holds rectangles or points, and the pictures of a plan are '
                'answered as a whole. Import it without --plan, or remove them.'
            )
        picture = plan_picture(task, pictures, plan.path)
        tags = tags_of(controls_of(task), known, words)
        if tags is not None:
            answers.append((picture, tags, task.where))
    return put_back(plan, answers, conflicts)


def _add_image(
    builder: TagFileBuilder,
    name: str,
    number: int | str | None,
    answers: Sequence[Annotated],
    names: Sequence[str],
    words: AnswerWords,
    conflicts: str,
    image_root: str | None,
) -> None:
    """Add an image and its persons: the whole image, and one a rectangle."""
    found = [(task, tags_of(controls_of(task), names, words)) for task in answers]
    tagged = [(tags, task.where) for task, tags in found if tags is not None]
    points = [(picture_points(task, names), task) for task in answers]
    placed = [(xyv, task) for xyv, task in points if xyv is not None]
    drawn = [task for task in answers if has_regions(task)]
    if not tagged and not drawn:
        return
    if len(drawn) > 1:
        raise UserError(
            f'{drawn[1].where}: {name} has rectangles or points of two annotations, also of '
            f'{drawn[0].where}, and boxes of two people cannot be put together. Star one of them '
            'as ground truth, or delete the other.'
        )
    sizes = [region_size(task) for task in drawn]
    size = next((s for s in sizes if s), None)
    width, height = size or size_of(answers[0], name, image_root)
    image_id = builder.image(name, width, height, answers[0].where, number)
    if tagged or placed:
        person = builder.person(image_id)
        if tagged:
            person['keypoint_tags'] = merge_tags(tagged, names, name, conflicts)
        if placed:
            _locate(person, placed[0][0])
    for task in drawn:
        add_regions(builder, task, image_id, names, words)


def _locate(person: dict, points: list[float]) -> None:
    person['keypoints'] = points
    person['num_keypoints'] = sum(flag > 0 for flag in points[2::3])
