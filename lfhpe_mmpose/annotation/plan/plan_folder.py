"""The whole of ``lfhpe plan``: options in, a written plan and a summary out."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.annotation.keypoint_names import read_names
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_images, unread_images
from lfhpe_mmpose.files.writing import lock_folder
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.views import ASKED_VIEWS

from .images import image_entries
from .make import Planned, make_plan
from .persons import boxed_persons, persons_from_file, whole_images
from .plan_file import Settings
from .ranking import keypoint_columns


@dataclass(frozen=True)
class PlanOptions:
    """The options of ``lfhpe plan``, whose ``--help`` explains them."""

    images: str
    out: str
    keypoints: str | None = None
    metainfo: str | None = None
    like: str | None = None
    boxes: str | None = None
    whole_images: bool = False
    detector: str | None = None
    detector_weights: str | None = None
    det_cat_ids: Sequence[int] = (0,)
    bbox_thr: float = 0.3
    views: int = ASKED_VIEWS
    whole_person: bool = True
    seed: int = 0
    image_size: int = 512
    rank: str | None = None
    weights: str | None = None
    budget: int | None = None
    done: str | None = None
    limit: int | None = None
    form: str = 'questions'
    image_url_prefix: str | None = None
    device: str | None = None
    progress: bool = True


def plan_folder(options: PlanOptions) -> Planned:
    """Plan what to ask about a folder of images.

    Raises:
        UserError: If an option or a file is invalid, nothing is left to ask, or another process
            writes to the folder ('locked').
    """
    _check(options)
    with lock_folder(options.out):
        return _plan(options)


def _plan(options: PlanOptions) -> Planned:
    names, skeleton = read_names(options.keypoints, options.metainfo, options.like)
    done = load_tag_file(options.done) if options.done else None
    model = _model(options, names)
    files = find_images(options.images, without=options.out)[: options.limit]
    images, remarks = image_entries(options.images, _bar(files, 'images', options))
    unread = unread_images(options.images, without=options.out)
    remarks += [f'{options.images}: {unread}'] if unread else []
    source, images, persons, more = _persons(options, images)
    planned = make_plan(
        options.images,
        options.out,
        images,
        persons,
        Settings(
            names, options.views, options.seed, options.image_size, source, options.whole_person
        ),
        skeleton,
        model,
        options.budget,
        done,
        options.form,
        options.image_url_prefix,
        options.progress,
    )
    planned.remarks[:0] = remarks + more
    return planned


def _check(options: PlanOptions) -> None:
    if sum(map(bool, (options.boxes, options.detector, options.whole_images))) != 1:
        place = '--boxes, --detector, --whole-images'
        raise UserError('option', place, 'one of these is needed.', 'Give one.')
    if (options.detector is None) != (options.detector_weights is None):
        raise UserError('option', '--detector, --detector-weights', 'a detector needs both.')
    if options.weights and not options.rank:
        raise UserError('option', '--weights', 'these belong to a model.', 'Give --rank CONFIG.')


def _model(options: PlanOptions, names: list[str]) -> Any:
    if not options.rank:
        return None
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.inputs import resolve_device

    model = init_model(options.rank, options.weights, resolve_device(options.device))
    keypoint_columns(model, names)
    return model


def _persons(
    options: PlanOptions, images: list[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Source of the boxes, images, persons and remarks."""
    if options.boxes:
        return 'file', *persons_from_file(options.boxes, options.images, images)
    if options.whole_images:
        return 'whole', images, whole_images(images), []
    from .detector import PersonDetector, detect

    detector = PersonDetector(
        str(options.detector),
        str(options.detector_weights),
        options.det_cat_ids,
        options.bbox_thr,
        options.device,
    )
    names = _bar([i['file_name'] for i in images], 'detecting', options)
    found = detect(detector, options.images, names, Path(options.out) / 'detections.jsonl')
    nobody = sum(not boxes for boxes in found.values())
    remarks = [f'{nobody} images: left out, no person was found'] if nobody else []
    return 'detector', images, boxed_persons(images, found), remarks


def _bar(names: list[str], what: str, options: PlanOptions) -> Any:
    return tqdm(names, what, unit='image', file=sys.stderr, disable=not options.progress)


def describe(planned: Planned, out: str) -> str:
    """Summarise a plan and list the commands that come next."""
    count, number = len(planned.pictures), len(planned.plan.names())
    lines = [
        f'{count} of {planned.possible} pictures ({planned.kept} existed) of '
        f'{len(planned.plan.annotations)} persons in {len(planned.plan.images)} images; '
        f'{count} x {number} = {count * number} questions'
    ]
    if planned.bits is not None:
        lines.append(
            f'expected information: {planned.bits.sum():.0f} bits, from {planned.bits[0]:.2f} to '
            f'{planned.bits[-1]:.2f} a picture of {number} questions'
        )
    root = f'LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={Path(out).resolve().parent}'
    plan = f'--plan {out}/plan.json --out tags.json'
    lines += [
        'Next, with Label Studio (docs/annotate.md lists the steps):',
        f'  LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true {root} label-studio start '
        '--internal-host 127.0.0.1',
        f'  lfhpe import label-studio export.json {plan}',
        f'Or fill in {out}/questions.csv (1 visible, 0 not visible, empty unknown), and',
        f'  lfhpe import table {out}/questions.csv {plan}',
    ]
    return '\n'.join(lines)
