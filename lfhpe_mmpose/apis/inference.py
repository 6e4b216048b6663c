"""A model, the keypoints of persons in an image, and a picture, as a notebook needs them.

model = init_model('lfhpe_res18_lspet-128x128_loc0')     # or with a weights file
results = infer_persons(model, 'street.jpg', bboxes=[[10, 20, 110, 320]])
picture = draw('street.jpg', results, model)
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.runner.checkpoint import load_state_dict
from mmpose.apis import init_model as mmpose_init_model
from mmpose.structures import PoseDataSample, merge_data_samples
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.launch.checkpoints import check_state_dict, load_published
from lfhpe_mmpose.launch.command_line import load_config
from lfhpe_mmpose.launch.packaged import find_weights
from lfhpe_mmpose.runtime.inputs import check_boxes, check_image
from lfhpe_mmpose.scores import NOT_CALIBRATED, SCORE_THRESHOLD
from lfhpe_mmpose.visualization import LocationFreeVisualizer

from .inputs import resolve_device

_META_ARRAYS = dict(
    keypoint_colors=np.uint8,
    skeleton_link_colors=np.uint8,
    dataset_keypoint_weights=np.float32,
    sigmas=np.float32,
)
_visualizers = threading.local()  # matplotlib needs 10 ms to make one


def init_model(
    config: str | Path | Config, weights: str | Path | None = None, device: str | None = 'cpu'
) -> nn.Module:
    """Build a model from a config and a weights file.

    Args:
        config: The short name of a packaged config, the path of a config file, or a config.
        weights: A weights file or a checkpoint of a run; it is loaded with
            ``weights_only=True``. Defaults to the packaged weights of the config.
        device: See ``resolve_device``. Defaults to ``'cpu'``.

    Returns:
        nn.Module: The model in evaluation mode, with ``dataset_meta`` (arrays as MMPose has
        them) and ``cfg``.

    Raises:
        UserError: If the config, the weights or the device cannot be used, or do not match.
    """
    device = resolve_device(device)
    if weights is None:
        name = Path(config.filename).name if isinstance(config, Config) else config
        weights = find_weights(name)
    if not isinstance(config, Config):
        config = load_config(config)
    checkpoint = load_published(weights, map_location='cpu')
    try:
        model = mmpose_init_model(config, None, device='cpu')
    except UserError:
        raise
    except Exception as error:  # building a config's model may raise anything
        raise UserError(
            'config',
            f'{config.filename}: model',
            f'The model cannot be built ({type(error).__name__}: {error}).',
            'Correct the entry that is named.',
        ) from error
    fit_weights(model, checkpoint, weights)
    return model.to(device)


def fit_weights(model: nn.Module, checkpoint: dict[str, Any], path: str | Path) -> None:
    """Load the content of a weights file into the model it was made from, in place.

    Raises:
        UserError: 'other-model' or 'other-keypoints' if the file is of another model;
            'no-dataset-meta' if its keypoints are unknown.
    """
    check_state_dict(model, checkpoint['state_dict'], str(path))
    meta = checkpoint.get('meta', {}).get('dataset_meta')
    if meta is None:
        # MMPose would assume the 17 keypoints of COCO.
        raise UserError(
            'no-dataset-meta',
            str(path),
            'The file has no entry meta.dataset_meta, so its keypoints are unknown.',
            'Make a weights file with `lfhpe publish`.',
        )
    head: Any = model.head  # only some heads of MMPose have num_keypoints
    num_keypoints = getattr(head, 'num_keypoints', None) or head.out_channels
    if meta['num_keypoints'] != num_keypoints:
        raise UserError(
            'other-keypoints',
            str(path),
            f'meta.dataset_meta has {meta["num_keypoints"]} keypoints of '
            f'{meta["dataset_name"]!r}, and the model {num_keypoints}.',
            'Publish the checkpoint again with `lfhpe publish`.',
        )
    # Only counters of old batch norms may be missing after the check.
    load_state_dict(model, checkpoint['state_dict'], strict=False)
    # MMPose keeps it there; torch's hints know tensors and modules only.
    model.dataset_meta = {  # type: ignore[assignment]
        key: np.asarray(value, dtype=_META_ARRAYS[key]) if key in _META_ARRAYS else value
        for key, value in meta.items()
    }


def infer_persons(
    model: nn.Module,
    img: str | Path | np.ndarray,
    bboxes: np.ndarray | Sequence[Any] | None = None,
    batch_size: int = 32,
) -> list[PoseDataSample]:
    """Find the keypoints of persons in an image.

    Args:
        model: From ``init_model``.
        img: An image file, or BGR uint8 (H, W, 3).
        bboxes: Boxes of the persons (N, 4) as (x1, y1, x2, y2) in pixels. None assumes one person
            who fills the image; an empty list gives an empty list.
        batch_size: Persons that go through the network together. Defaults to 32.

    Returns:
        list[PoseDataSample]: One a person: ``pred_instances.keypoints`` (1, K, 2) in pixels of the
        image and ``keypoint_scores`` (1, K).

    Raises:
        UserError: If the image cannot be read, or a box is invalid.
    """
    from .predictor import PosePredictor  # which imports this module

    name = None if isinstance(img, np.ndarray) else str(img)
    image = img if isinstance(img, np.ndarray) else read_image(img)
    check_image(image, name or 'img')
    if bboxes is None:
        bboxes = [[0, 0, image.shape[1], image.shape[0]]]
    boxes = check_boxes(bboxes, name or 'img')
    predictor = PosePredictor(model, batch_size=batch_size, workers=1)
    (result,) = predictor([(image, boxes)])
    samples = [person.sample for person in result.persons]
    for sample in samples:
        sample.set_metainfo(dict(img_path=name))
    return samples


def is_calibrated(model: nn.Module) -> bool:
    """Whether the scores of a model are probabilities; see ``ScoreCalibration``."""
    calibration = getattr(model.head, 'calibration', None)
    return bool(getattr(calibration, 'is_set', False))


def note_scores(model: nn.Module) -> None:
    """Warn, once a model, that a threshold on its scores is not a probability."""
    if is_calibrated(model) or getattr(model, 'scores_noted', False):
        return
    model.scores_noted = True  # type: ignore[assignment]
    print_log(NOT_CALIBRATED, 'current', level=logging.WARNING)


def draw(
    img: str | Path | np.ndarray,
    results: Sequence[PoseDataSample],
    model: nn.Module,
    kpt_thr: float = SCORE_THRESHOLD,
    draw_bbox: bool = True,
    draw_heatmap: bool = False,
) -> np.ndarray:
    """Draw the keypoints of persons with MMPose's visualizer.

    Args:
        img: The image file, or BGR uint8 (H, W, 3).
        results: From ``infer_persons``.
        model: The model, for its keypoints and links.
        kpt_thr: Minimum score of a drawn keypoint. Defaults to
            ``lfhpe_mmpose.scores.SCORE_THRESHOLD``.
        draw_bbox: Draw the boxes. Defaults to True.
        draw_heatmap: Put the heatmaps below; the model must have run with
            ``model.test_cfg['output_heatmaps'] = True``. Defaults to False.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3), or (2*H, W, 3) with heatmaps.
    """
    image = mmcv.bgr2rgb(img if isinstance(img, np.ndarray) else read_image(img))
    if not results:
        return image
    note_scores(model)
    if getattr(_visualizers, 'model', None) is not model:
        _visualizers.model = model
        _visualizers.visualizer = LocationFreeVisualizer(line_width=2)
        _visualizers.visualizer.set_dataset_meta(model.dataset_meta)
    return _visualizers.visualizer.add_datasample(
        'persons',
        image,
        merge_data_samples(list(results)),
        draw_gt=False,
        draw_bbox=draw_bbox,
        draw_heatmap=draw_heatmap,
        kpt_thr=kpt_thr,
    )
