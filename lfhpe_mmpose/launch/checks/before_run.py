"""All checks of a run, in order."""

import os
import time
from collections.abc import Mapping
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.paths import is_remote

from .annotations import Annotations, check_coco, read_json
from .arguments import check_arguments
from .devices import check_devices
from .geometry import check_geometry
from .images import check_images
from .keypoints import check_annotated, check_head
from .learnable import warn_of_little
from .pipelines import check_pipelines
from .report import PreflightError, problem
from .selection import check_selection
from .sources import Source, find_sources
from .weights import check_weights


def check_before_run(cfg: Config, mode: str = 'train', image_seconds: float = 10.0) -> None:
    """Refuse a run that cannot succeed, before anything is written.

    Args:
        cfg: The config as it goes into ``Runner.from_cfg``, command line options merged.
        mode: ``'train'`` (with validation, if the config has it) or ``'test'``.
        image_seconds: Time budget for opening the images of one data set.

    Raises:
        PreflightError: With all problems.
        ValueError: If ``mode`` is invalid.
    """
    if mode not in ('train', 'test'):
        raise ValueError(f"mode must be 'train' or 'test', got {mode!r}.")
    start = time.monotonic()
    init_default_scope(cfg.get('default_scope') or 'mmpose')
    loaders = ['test_dataloader']
    if mode == 'train':
        loaders = ['train_dataloader'] + (
            ['val_dataloader'] if cfg.get('val_cfg') is not None else []
        )

    problems: list[UserError] = []
    if not cfg.get(loaders[0]):
        remedy = f'Add {loaders[0]}, which `lfhpe {mode}` needs.'
        problems.append(problem('config', loaders[0], 'The config has no such entry.', remedy))
    problems += check_devices(cfg)
    sources = find_sources(cfg, loaders)
    problems += check_pipelines(cfg, sources)
    problems += check_arguments(cfg, loaders, sources)
    sources = [s for s in sources if s.kind is not None]
    problems += check_head(cfg, sources)
    problems += check_weights(cfg, mode)
    read: dict[str, Annotations | None] = {}
    problems += _check_files(sources, read, image_seconds)
    for source in sources:
        problems += check_selection(source, read.get(source.path('ann_file') or ''))
    problems += _check_batch_size(cfg, sources, read)
    problems += _check_evaluators(cfg, loaders, read)
    if mode == 'test':
        problems = [_point_to_predict(error) for error in problems]
    if mode == 'train' and not problems:
        warn_of_little(cfg, sources, read)
    if problems:
        raise PreflightError(list({str(error): error for error in problems}.values()))
    print_log(f'Config, data and weights checked in {time.monotonic() - start:.1f} s.', 'current')


def _check_files(
    sources: list[Source], read: dict[str, Annotations | None], image_seconds: float
) -> list[UserError]:
    """Read each annotation file once into ``read``, and check it for each data set."""
    seen_images: set[tuple[str, str]] = set()
    said: set[tuple[str, str]] = set()
    out = []
    for source in sources:
        path = source.path('ann_file')
        if path is None or is_remote(path):
            continue
        boxes = source.path('bbox_file')
        if boxes and not is_remote(boxes):
            out += _check_bbox_file(boxes, f'{source.entry}.bbox_file')
        if not source.reads_coco and not source.reads_tags:
            continue
        if path not in read:
            print_log(f'Checking {path} ...', 'current')
            entry = f'{source.entry}.ann_file'
            data, found = read_json(path, entry)
            # With detector boxes the file may be COCO's list of test images.
            if not found and not boxes:
                read[path], found = check_coco(data, path, entry, source.reads_tags)
            out += found
        annotations = read.setdefault(path, None)
        if annotations is None:
            continue
        found = check_annotated(annotations, source)
        # Two loaders may read one file.
        out += [error for error in found if (error.code, error.fault) not in said]
        said |= {(error.code, error.fault) for error in found}
        if any(error.code == 'malformed' for error in found):
            continue
        out += check_geometry(annotations, source)
        if (path, source.image_root) not in seen_images:
            seen_images.add((path, source.image_root))
            out += check_images(annotations, source, image_seconds)
    return out


def _check_batch_size(
    cfg: Mapping[str, Any], sources: list[Source], read: Mapping[str, Annotations | None]
) -> list[UserError]:
    """Refuse a training without a single full batch."""
    loader = cfg.get('train_dataloader') or {}
    asked = [read.get(s.path('ann_file') or '') for s in sources if s.training]
    files = [f for f in asked if f is not None]
    if not loader.get('drop_last') or not files or len(files) < len(asked):
        return []
    total = sum(len(f.persons) for f in files)
    processes = int(os.environ.get('WORLD_SIZE', 1))
    if -(-total // processes) >= loader.get('batch_size', 1):
        return []
    fault = (
        f'{total} persons ({", ".join(f.path for f in files)}) in {processes} process(es) do not '
        f'fill one batch of {loader["batch_size"]}, and drop_last leaves out what is not full.'
    )
    remedy = 'Lower train_dataloader.batch_size, or set train_dataloader.drop_last=False.'
    return [problem('batch-size', 'train_dataloader.batch_size', fault, remedy)]


def _check_bbox_file(path: str, entry: str) -> list[UserError]:
    data, out = read_json(path, entry)
    if not out and not (isinstance(data, list) and all(isinstance(d, Mapping) for d in data)):
        remedy = 'Give a JSON list of {image_id, category_id, bbox, score}.'
        fault = 'The file is not a list of detections.'
        out = [problem('structure', f'{entry} = {path}', fault, remedy)]
    return out


def _check_evaluators(
    cfg: Mapping[str, Any], loaders: list[str], read: Mapping[str, Annotations | None]
) -> list[UserError]:
    """Check the annotation files that metrics read themselves."""
    out = []
    for loader in loaders:
        if loader.startswith('train'):
            continue
        name = loader.replace('_dataloader', '_evaluator')
        metrics = cfg.get(name) or []
        several = isinstance(metrics, list | tuple)
        for i, metric in enumerate(metrics if several else [metrics]):
            path = metric.get('ann_file') if isinstance(metric, Mapping) else None
            if path and not is_remote(path) and path not in read:
                entry = f'{name}[{i}].ann_file' if several else f'{name}.ann_file'
                out += read_json(path, entry)[1]
    return out


def _point_to_predict(error: UserError) -> UserError:
    if error.code != 'no-persons':
        return error
    remedy = f'{error.remedy} To predict images without labels use `lfhpe predict`.'
    return UserError(error.code, error.place, error.fault, remedy)
