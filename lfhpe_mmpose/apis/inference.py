"""What a notebook needs: a model, persons' keypoints in an image, a picture.

    model = init_model('lfhpe_res18_lspet-128x128_loc0')     # or with a weights file
    results = infer_persons(model, 'street.jpg', bboxes=[[10, 20, 110, 320]])
    picture = draw('street.jpg', results, model)

All of it is MMPose's own inference with the entries filled in and checked. To add
a function, keep to its order of arguments.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmengine.config import Config
from mmengine.runner.checkpoint import load_state_dict
from mmpose.apis import inference_topdown
from mmpose.apis import init_model as mmpose_init_model
from mmpose.structures import PoseDataSample, merge_data_samples
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.launch.checkpoints import check_state_dict, load_published
from lfhpe_mmpose.launch.command_line import load_config
from lfhpe_mmpose.launch.configs import find_weights
from lfhpe_mmpose.visualization import LocationFreeVisualizer

from .inputs import check_boxes, check_image, resolve_device

_META_ARRAYS = dict(
    keypoint_colors=np.uint8,
    skeleton_link_colors=np.uint8,
    dataset_keypoint_weights=np.float32,
    sigmas=np.float32,
)


def init_model(
    config: str | Path | Config, weights: str | Path | None = None, device: str | None = 'cpu'
) -> nn.Module:
    """Build a model from a config and a published weights file.

    Args:
        config (str | Path | Config): A packaged config's short name, the path
            of a config file, or a config.
        weights (str | Path, optional): A file that ``tools/publish_model.py`` wrote; it
            is loaded with ``weights_only=True``. Defaults to the weights that come with
            the package for the config's short name.
        device (str, optional): See :func:`resolve_device`. Defaults to ``'cpu'``.

    Returns:
        nn.Module: The model in evaluation mode, with ``dataset_meta`` (arrays as
        MMPose has them) and ``cfg``.

    Raises:
        UserError: If the config, the weights or the device cannot be had, or
            do not belong together.
    """
    device = resolve_device(device)
    if weights is None:
        name = Path(config.filename).name if isinstance(config, Config) else config
        weights = find_weights(name)
    if not isinstance(config, Config):
        config = load_config(config)
    checkpoint = load_published(weights, map_location='cpu')
    model = mmpose_init_model(config, None, device='cpu')
    fit_weights(model, checkpoint, weights)
    return model.to(device)


def fit_weights(model: nn.Module, checkpoint: dict, path: str | Path) -> None:
    """Load a published file into a model that it belongs to.

    Args:
        model (nn.Module): A pose estimator; changed in place.
        checkpoint (dict): The published file's content.
        path (str | Path): Its name, for error messages.

    Raises:
        UserError: If the file belongs to another model, or does not say which
            keypoints it finds.
    """
    check_state_dict(model, checkpoint['state_dict'], str(path))
    meta = checkpoint.get('meta', {}).get('dataset_meta')
    if meta is None:
        # MMPose would take COCO's 17 keypoints and go on.
        raise UserError(
            f'{path}: the file has no entry meta.dataset_meta, so it does not say which keypoints '
            'its model finds. Make a published file with tools/publish_model.py.'
        )
    head: Any = model.head  # only some of MMPose's heads have num_keypoints
    num_keypoints = getattr(head, 'num_keypoints', None) or head.out_channels
    if meta['num_keypoints'] != num_keypoints:
        raise UserError(
            f'{path}: meta.dataset_meta names {meta["num_keypoints"]} keypoints of '
            f'{meta["dataset_name"]!r}, and the model has {num_keypoints}. '
            'Publish the checkpoint again with tools/publish_model.py.'
        )
    # What may be absent after the check are counters of old batch norms only.
    load_state_dict(model, checkpoint['state_dict'], strict=False)
    # MMPose keeps it there, while torch's hints know tensors and modules only.
    model.dataset_meta = {  # type: ignore[assignment]
        key: np.asarray(value, dtype=_META_ARRAYS[key]) if key in _META_ARRAYS else value
        for key, value in meta.items()
    }


def infer_persons(
    model: nn.Module,
    img: str | Path | np.ndarray,
    bboxes: np.ndarray | Sequence | None = None,
    batch_size: int = 32,
) -> list[PoseDataSample]:
    """Find the keypoints of persons in an image.

    Args:
        model (nn.Module): From :func:`init_model`.
        img (str | Path | np.ndarray): An image file, or BGR uint8 (H, W, 3).
        bboxes (np.ndarray | Sequence, optional): Persons' boxes (N, 4) as
            (x1, y1, x2, y2) in pixels. None takes the whole image as one person;
            an empty list gives an empty list.
        batch_size (int): Persons that go through the network together.
            Defaults to 32.

    Returns:
        list[PoseDataSample]: One a person: ``pred_instances.keypoints``
        (1, K, 2) in pixels of the image and ``keypoint_scores`` (1, K).

    Raises:
        UserError: If the image cannot be read, or a box is none.
    """
    name = 'img' if isinstance(img, np.ndarray) else str(img)
    image = img if isinstance(img, np.ndarray) else read_image(img)
    check_image(image, name)
    if bboxes is None:
        bboxes = [[0, 0, image.shape[1], image.shape[0]]]
    boxes = check_boxes(bboxes, name)
    results: list[PoseDataSample] = []
    for start in range(0, len(boxes), batch_size):
        results += inference_topdown(model, image, boxes[start : start + batch_size])
    for sample in results:
        sample.set_metainfo(dict(img_path=None if isinstance(img, np.ndarray) else str(img)))
    return results


def draw(
    img: str | Path | np.ndarray,
    results: Sequence[PoseDataSample],
    model: nn.Module,
    kpt_thr: float = 0.3,
    draw_bbox: bool = True,
    draw_heatmap: bool = False,
) -> np.ndarray:
    """Draw persons' keypoints by MMPose's visualizer.

    Args:
        img (str | Path | np.ndarray): The image file, or BGR uint8 (H, W, 3).
        results (Sequence[PoseDataSample]): From :func:`infer_persons`.
        model (nn.Module): The model, for its keypoints and links.
        kpt_thr (float): Keypoints that score less are left out. Defaults to 0.3.
        draw_bbox (bool): Whether to draw the boxes. Defaults to True.
        draw_heatmap (bool): Whether to put the heatmaps below; the model must
            have run with ``model.test_cfg['output_heatmaps'] = True``.
            Defaults to False.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3), or (2*H, W, 3) with heatmaps.
    """
    image = mmcv.bgr2rgb(img if isinstance(img, np.ndarray) else read_image(img))
    if not results:
        return image
    visualizer = LocationFreeVisualizer(line_width=2)
    visualizer.set_dataset_meta(model.dataset_meta)
    return visualizer.add_datasample(
        'persons',
        image,
        merge_data_samples(list(results)),
        draw_gt=False,
        draw_bbox=draw_bbox,
        draw_heatmap=draw_heatmap,
        kpt_thr=kpt_thr,
    )
