"""Pictures of single persons, from the worst to the best predicted ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.runner import Runner
from mmpose.models.pose_estimators.base import BasePoseEstimator

from lfhpe_mmpose.apis import init_model
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.evaluation import People, load_people, predict_dataset
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.visualization import sample_panel, save_picture, stack_panels


def write_cases(
    config: str,
    weights: str | None,
    out: str,
    ranks: Sequence[float],
    photo: bool = True,
    options: dict[str, Any] | None = None,
) -> int:
    """Predict the test set of a config, draw persons into ``out``, return the set's size.

    See ``draw_cases``; ``options`` are those of ``--cfg-options``.
    """
    if not all(0 <= rank <= 1 for rank in ranks):
        raise UserError('option', '--ranks', f'They must lie between 0 and 1, got {ranks}.')
    cfg = load_config(config)
    merge_options(cfg, config, options)
    model = init_model(cfg, weights)
    check_before_run(cfg, 'test')
    loader = Runner.build_dataloader(cfg.test_dataloader)
    predictions = predict_dataset(model, loader, progress=True)
    people = load_people(loader.dataset)
    picture = draw_cases(model, loader.dataset, predictions.keypoints, people, ranks, photo)
    save_picture(picture, out)
    return len(people.boxes)


def rank_persons(keypoints: np.ndarray, people: People, threshold: float = 0.2) -> np.ndarray:
    """Indices of persons, (N, ), by the share of their keypoints within PCK's threshold.

    The worst person is first; ties keep the dataset's order. ``keypoints`` are predictions in
    pixels, (N, K, 2).
    """
    longer = people.sizes.max(axis=1)[:, None]
    near = np.linalg.norm(keypoints - people.keypoints, axis=-1) < threshold * longer
    labelled = people.visibility > 0
    share = (near & labelled).sum(1) / np.maximum(labelled.sum(1), 1)
    return np.argsort(share, kind='stable')


def draw_cases(
    model: BasePoseEstimator,
    dataset: BaseDataset,
    keypoints: np.ndarray,
    people: People,
    ranks: Sequence[float],
    photo: bool = True,
) -> np.ndarray:
    """Draw persons of given ranks: input, CAM, refined CAM, prediction, truth.

    The ranks decide which persons are shown, so none is chosen by hand.

    Args:
        model (BasePoseEstimator): A top-down estimator with a ``LocationFreeHead``.
        dataset (BaseDataset): With the validation pipeline.
        keypoints (np.ndarray): The model's predictions in pixels, (N, K, 2).
        people (People): The N persons, of ``load_people``.
        ranks (Sequence[float]): From 0, the worst person, to 1, the best.
        photo (bool): False draws on grey, for photographs that may not be passed on.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3), one row per person.
    """
    order = rank_persons(keypoints, people)
    before = model.test_cfg.get('output_heatmaps', False)
    model.test_cfg['output_heatmaps'] = True
    rows = []
    for rank in ranks:
        index = int(order[int(rank * (len(order) - 1))])
        packed = dataset[index]
        with torch.no_grad():
            sample = model.test_step(
                dict(inputs=[packed['inputs']], data_samples=[packed['data_samples']])
            )[0]
        truth, visible = people.keypoints[index], people.visibility[index]
        rows.append(sample_panel(packed, sample, dataset.metainfo, truth, visible, photo))
    model.test_cfg['output_heatmaps'] = before
    return stack_panels(rows)
