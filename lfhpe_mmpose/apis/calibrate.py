"""Calibration of a model's scores from the tags of persons that it was not trained on."""

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.evaluation import Calibration, WindowAnswers, calibrate, estimate_error
from lfhpe_mmpose.launch.checkpoints import load_published
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.launch.packaged import find_weights
from lfhpe_mmpose.models.heads import ScoreCalibration
from lfhpe_mmpose.runtime.streams import group
from lfhpe_mmpose.scores import SCORE_RADIUS
from lfhpe_mmpose.tags.values import is_absent, is_visible

from .browse import check_files
from .inference import init_model
from .publish import published_meta, published_state, write_published

_BATCH = 32
# Answers about sub-crops, below which nothing can be said.
_FEWEST = 200
_HASH = re.compile(r'-[0-9a-f]{8}$')


@dataclass(frozen=True)
class CalibrationReport:
    """What ``calibrate_weights`` did.

    Attributes:
        path: The weights file.
        calibration: The function of the raw score.
        persons: Persons whose answers were used.
        answers: Known tags of their windows, those of the whole person included.
        error: Expected calibration error, estimated from the answers (``estimate_error``).
        warning: Why the scores may be too high; empty if nothing is known against them.
    """

    path: Path
    calibration: Calibration
    persons: int
    answers: int
    error: float
    warning: str


def calibrate_weights(
    config: str,
    tags: str,
    weights: str | None = None,
    out: str | None = None,
    images: str | None = None,
    views: int = 8,
    view_seed: int = 1,
    persons: int | None = None,
    options: dict[str, Any] | None = None,
) -> CalibrationReport:
    """Calibrate the scores of a model, and write its weights with the calibration.

    The persons pass ``WithholdLocations`` with fraction 0, so no coordinate is read.

    Args:
        config: The short name of a packaged config, or a config file.
        tags: Tag file, or a COCO file from whose coordinates the tags of views are simulated.
        weights: See ``init_model``.
        out: File name or folder, as for ``publish_model``. Defaults to the folder of the weights,
            or the current one for packaged weights.
        images: Folder of the images. Defaults to that of the config's training set.
        views, view_seed: Simulated views of a person who has coordinates. They should not be those
            of the training.
        persons: How many persons are used, spread over the file. Defaults to all.
        options: Changes to the config.

    Raises:
        UserError: 'no-windows' if hardly any sub-crop has a tag; 'no-calibration' if the model's
            head has none; or if a file cannot be used.
    """
    cfg = load_config(config)
    merge_options(cfg, config, options)
    source = find_weights(config) if weights is None else weights
    model: Any = init_model(cfg, source)
    module = getattr(model.head, 'calibration', None)
    if not isinstance(module, ScoreCalibration):
        raise UserError(
            'no-calibration',
            f'{config}: model.head',
            f'{type(model.head).__name__} has no calibration.',
            'Use a head of this package.',
        )
    module.forget()  # the scores of before
    warning = _warning(cfg, tags)
    held_out = _set_dataset(cfg, config, tags, images, views, view_seed)
    answers = collect_answers(model, held_out, persons)
    known = is_visible(answers.tags) | is_absent(answers.tags)
    if known[:, 1:].sum() < _FEWEST:
        raise UserError(
            'no-windows',
            tags,
            f'{known[:, 1:].sum()} answers about sub-crops are too few for a calibration; the '
            f'whole person does not say where a keypoint is.',
            f'Give persons with tagged views, at least {_FEWEST} answers (docs/scores.md).',
        )
    found = calibrate(answers)
    error = estimate_error(answers)
    note = dict(
        radius=SCORE_RADIUS,
        persons=len(answers.raw),
        answers=int(known.sum()),
        estimated_error=round(error, 4),
    )
    stem = _stem(Path(source), out, weights is None)
    path = _write(load_published(source), found, note, stem)
    return CalibrationReport(path, found, len(answers.raw), int(known.sum()), error, warning)


def collect_answers(model: Any, cfg: Config, persons: int | None = None) -> WindowAnswers:
    """Predict the persons of ``cfg.train_dataloader.dataset``, and collect their tagged windows.

    Args:
        model: From ``init_model``, without a calibration.
        cfg: A config whose training set is read as in a test, behind ``WithholdLocations``.
        persons: How many persons, spread over the file. Defaults to all.

    Raises:
        UserError: If the files cannot be read, or hold no person.
    """
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    check_files(cfg, 'train')
    entry = cfg.train_dataloader.dataset.copy()
    withhold, rest = Compose(entry.pipeline[:1]), Compose(entry.pipeline[1:])
    dataset = DATASETS.build({**entry, 'pipeline': []})
    if not len(dataset):
        raise UserError('no-persons', str(entry.ann_file), 'The file has no person with labels.')
    number = len(dataset) if persons is None else min(persons, len(dataset))
    chosen = np.unique(np.linspace(0, len(dataset) - 1, number).astype(int))
    rows: list[tuple[Any, ...]] = []
    for indices in group(tqdm(chosen.tolist(), 'persons', unit='person'), _BATCH):
        given = [withhold(dataset.get_data_info(i)) for i in indices]
        inputs = [rest(dict(person)) for person in given]
        with torch.no_grad():
            samples = model.test_step(pseudo_collate(inputs))
        for person, sample in zip(given, samples):
            found = sample.pred_instances
            rows.append(
                (
                    found.keypoints[0],
                    found.keypoint_scores[0],
                    person['bbox'][0],
                    person['tag_views'][0][:, [0, 2]].reshape(-1, 4),
                    person['keypoint_tags'][0],
                    person['answer_error'][0],
                )
            )
    most = max(len(row[3]) for row in rows)
    windows = [np.pad(row[3], ((0, most - len(row[3])), (0, 0))) for row in rows]
    tags = [np.pad(r[4], ((0, most - len(r[4])), (0, 0)), constant_values=-1) for r in rows]
    keypoints, raw, boxes = (
        np.stack([np.asarray(row[i], dtype=np.float64) for row in rows]) for i in range(3)
    )
    return WindowAnswers(
        keypoints,
        raw,
        boxes,
        np.stack(windows).astype(np.float64),
        np.stack(tags),
        np.array([row[5] for row in rows], dtype=np.float64),
        np.asarray(dataset.metainfo['flip_indices']),
    )


def _set_dataset(
    cfg: Config, name: str, tags: str, images: str | None, views: int, view_seed: int
) -> Config:
    """A config whose training set has the persons of ``tags``, read as in a test."""
    try:
        entry = cfg.train_dataloader.dataset.copy()
        entry.ann_file  # noqa: B018 (a set of sets has none)
        train, test = entry.pipeline, cfg.test_dataloader.dataset.pipeline
    except AttributeError as error:
        raise UserError(
            'config',
            f'{name}: train_dataloader.dataset',
            f'The entry is not one data set with a file of labels ({error}).',
            'Give a config of one data set.',
        ) from None
    own = [dict(step) for step in train if step.type == 'WithholdLocations'][:1]
    options = {k: own[0][k] for k in ('occluded', 'view_scale') if own and k in own[0]}
    withhold = dict(
        type='WithholdLocations', fraction=0.0, views=views, view_seed=view_seed, **options
    )
    rest = [step for step in test if step.type != 'WithholdLocations']
    entry.update(ann_file=str(Path(tags).absolute()), pipeline=[withhold, *rest], test_mode=True)
    if images is not None:
        entry.data_prefix = dict(img=f'{Path(images).absolute()}/')
    entry.pop('indices', None)
    out = cfg.copy()
    out.train_dataloader = dict(cfg.train_dataloader, dataset=entry)
    return out


def _warning(cfg: Config, tags: str) -> str:
    """A sentence if the file is that of the training."""
    entry = (cfg.get('train_dataloader') or {}).get('dataset') or {}
    trained = Path(entry.get('data_root') or '') / str(entry.get('ann_file', ''))
    if not Path(tags).is_file() or not trained.is_file() or not trained.samefile(tags):
        return ''
    return (
        f'{tags} is the training set of the config. If the model was trained on these persons, '
        'its scores will be too high on others.'
    )


def _stem(source: Path, out: str | None, packaged: bool) -> Path:
    """Where to write, without the hash."""
    name = f'{_HASH.sub("", source.stem)}.pth'
    if out is None:
        return Path(name) if packaged else source.with_name(name)
    return Path(out) / name if Path(out).is_dir() else Path(out)


def _write(content: dict[str, Any], found: Calibration, note: dict[str, Any], stem: Path) -> Path:
    """Write weights and calibration as a published file."""
    meta = content.get('meta', {})
    published = 'lfhpe_mmpose_version' in meta
    # A shallow copy keeps the layers' versions, an attribute that torch reads on loading.
    state = copy.copy(content['state_dict']) if published else published_state(content)
    meta = dict(meta) if published else published_meta(content)
    for name, values in (('raw', found.raw), ('probability', found.probability)):
        state[f'head.calibration.{name}'] = torch.tensor(values, dtype=torch.float32)
    return write_published(state, {**meta, 'calibration': note}, stem)
