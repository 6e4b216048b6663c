"""The whole of ``lfhpe export-predictions``: read or make predictions, write them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lfhpe_mmpose.annotation.converters import label_studio_write, table
from lfhpe_mmpose.annotation.keypoint_names import read_names
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.scores import SCORE_THRESHOLD
from lfhpe_mmpose.tags import TagFile, load_tag_file

from .mmpose_json import read_mmpose_json
from .preannotate import preannotate_plan
from .run_model import predict_tag_file
from .tag_file import predicted_tag_file

FORMATS = ('coco', 'csv', 'label-studio')


@dataclass(frozen=True)
class ExportOptions:
    """The options of ``lfhpe export-predictions``, whose ``--help`` explains them."""

    source: str
    format: str
    out: str
    images: str | None = None
    model: str | None = None
    weights: str | None = None
    keypoints: str | None = None
    metainfo: str | None = None
    like: str | None = None
    score_thr: float = SCORE_THRESHOLD
    sure: float = 0.8
    tags_only: bool = False
    form: str = 'questions'
    image_url_prefix: str | None = None
    device: str | None = None
    progress: bool = True


def export_predictions(options: ExportOptions) -> list[str]:
    """Write predictions as COCO, as a table, or as answers to correct in Label Studio.

    Returns:
        Lines that say what was written.

    Raises:
        UserError: If an option or a file is invalid.
    """
    lines: list[str] = []
    if options.model is None:
        version = 'mmpose'
        out = _from_json(options, version, lines)
    else:
        if options.keypoints or options.metainfo or options.like:
            fault = 'with --model the keypoints are those of the tag file.'
            raise UserError('option', '--keypoints, --metainfo, --like', fault, 'Leave them out.')
        version = Path(options.model).stem
        tags = load_tag_file(options.source)
        if 'plan' in tags.rest and options.format == 'label-studio':
            return [_write_plan(options, version)]
        out = _from_model(options, tags, version)
    _write(out, options, version)
    given = [t for a in out.annotations for t in a.get('keypoint_tags', [])]
    places = sum(a.get('num_keypoints', 0) for a in out.annotations)
    lines.append(
        f'{len(out.annotations)} persons in {len(out.images)} images, {places} located keypoints, '
        f'tags: {given.count(1)} visible, {given.count(0)} not visible, {given.count(-1)} '
        f'unknown: {options.out}'
    )
    return lines


def _from_json(options: ExportOptions, version: str, lines: list[str]) -> TagFile:
    if options.weights:
        raise UserError('option', '--weights', 'these belong to a model.', 'Give --model CONFIG.')
    if not options.images:
        raise UserError(
            'option', '--images', f'{options.source} names no image.', 'Give --images FOLDER.'
        )
    names, skeleton = read_names(options.keypoints, options.metainfo, options.like)
    persons, empty = read_mmpose_json(options.source, options.images, len(names))
    if empty:
        lines.append(f'warning: {len(empty)} images without a person, e.g. {empty[0]}')
    return _tag_file(options, persons, names, version, skeleton)


def _from_model(options: ExportOptions, tags: TagFile, version: str) -> TagFile:
    model = _load(options)
    if not options.images:
        raise UserError(
            'option', '--images', f'{options.source} needs its images.', 'Give --images FOLDER.'
        )
    category = next((c for c in tags.categories if c.get('keypoints')), {})
    persons = predict_tag_file(model, tags, options.images, options.progress)
    return _tag_file(options, persons, tags.names(), version, category.get('skeleton', []))


def _tag_file(
    options: ExportOptions, persons: list[Any], names: list[str], version: str, skeleton: list[Any]
) -> TagFile:
    # A table holds tags and no coordinates.
    tags_only = options.tags_only or options.format == 'csv'
    return predicted_tag_file(
        persons, names, version, skeleton, options.score_thr, options.sure, tags_only
    )


def _load(options: ExportOptions) -> Any:
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.inference import note_scores
    from lfhpe_mmpose.apis.inputs import resolve_device

    model = init_model(str(options.model), options.weights, resolve_device(options.device))
    if not options.tags_only and options.format != 'csv':
        note_scores(model)
    return model


def _write_plan(options: ExportOptions, version: str) -> str:
    tasks = preannotate_plan(
        options.source,
        _load(options),
        version,
        options.sure,
        options.form,
        options.image_url_prefix,
        options.progress,
    )
    label_studio_write.save_json(tasks, options.out)
    answers = sum(len(p['result']) for t in tasks for p in t['predictions'])
    return f'{len(tasks)} pictures, {answers} answers to correct: {options.out}'


def _write(out: TagFile, options: ExportOptions, version: str) -> None:
    if options.format == 'coco':
        out.save(options.out)
    elif options.format == 'csv':
        table.write(out, options.out)
    else:
        prefix = options.image_url_prefix
        label_studio_write.write(
            out,
            options.out,
            keypoints=not options.tags_only,
            prefix=label_studio_write.PREFIX if prefix is None else prefix,
            model_version=version,
        )
