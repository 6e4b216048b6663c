"""MMPose's inferencer behind a person detector, with the entries filled in.

To offer another detector by name, nothing is needed here: every config that MMPose
brings in ``demo/mmdetection_cfg`` is found by its base name.
"""

from pathlib import Path

import mmpose
from mmpose.apis import MMPoseInferencer

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.visualization import LocationFreeVisualizer

from lfhpe_mmpose.launch.checkpoints import load_published
from lfhpe_mmpose.launch.configs import find_config, find_weights
from .inference import fit_weights
from .inputs import resolve_device


def make_inferencer(
    pose2d: str | Path,
    weights: str | Path | None = None,
    det_model: str | Path | None = None,
    det_weights: str | Path | None = None,
    device: str | None = None,
) -> MMPoseInferencer:
    """Build MMPose's inferencer: a person detector, then our model.

    Args:
        pose2d (str | Path): A packaged config's short name, or the path of one.
        weights (str | Path, optional): A published weights file. Defaults to the one that
            comes with the package for the config's short name.
        det_model (str | Path, optional): A detector's config: a path, or the
            base name of one that comes with MMPose, e.g.
            ``'rtmdet_nano_320-8xb32_coco-person'``. Its first category must be
            the person. None takes each whole image as one person.
        det_weights (str | Path, optional): The detector's weights, which must
            load with ``weights_only=True``.
        device (str, optional): See :func:`resolve_device`. Defaults to None.

    Returns:
        MMPoseInferencer: Call it on an image, a folder or an array.

    Raises:
        UserError: If a config, weights or the device cannot be had, or do not
            belong together.
    """
    device = resolve_device(device)
    config = find_config(pose2d)
    weights = find_weights(pose2d) if weights is None else weights
    checkpoint = load_published(weights, map_location='cpu')
    det_config = None
    if det_model is not None:
        det_config = find_detector_config(det_model)
        if det_weights is None:
            raise UserError(
                f'{det_model}: a detector needs weights, or it finds nothing. Give det_weights.'
            )
        load_published(det_weights, map_location='cpu')  # its errors name the file
    elif det_weights is not None:
        raise UserError(f'{det_weights}: detector weights without a detector. Give det_model.')
    inferencer = MMPoseInferencer(
        pose2d=config,
        pose2d_weights=str(weights),
        device=device,
        det_model=det_config or 'whole_image',
        det_weights=None if det_weights is None else str(det_weights),
        det_cat_ids=[0],
    )
    # MMPose loads what fits and only logs the rest.
    pose = inferencer.inferencer
    fit_weights(pose.model, checkpoint, weights)
    visualizer = LocationFreeVisualizer(name=pose.visualizer.instance_name)
    visualizer.set_dataset_meta(pose.model.dataset_meta)
    pose.visualizer = visualizer
    return inferencer


def find_detector_config(name: str | Path) -> str:
    """Resolve a detector's config: a path, or a base name that MMPose brings.

    Args:
        name (str | Path): A path, or a base name with or without ``.py``.

    Returns:
        str: The path.

    Raises:
        UserError: If there is none.
    """
    if Path(name).is_file():
        return str(name)
    folder = Path(mmpose.__file__).parent / '.mim' / 'demo' / 'mmdetection_cfg'
    packaged = folder / f'{str(name).removesuffix(".py")}.py'
    if packaged.is_file():
        return str(packaged)
    names = ', '.join(sorted(p.stem for p in folder.glob('*person*.py')))
    raise UserError(
        f'{name}: no such detector config. '
        f'Give a path, or one of those that MMPose brings: {names}.'
    )
