"""Which pictures to ask about first: those that a model is least sure of.

Uncertainty sampling (Lewis and Gale, "A sequential algorithm for training text classifiers",
SIGIR 1994): an answer is worth what it is expected to tell. For a yes-no question whose answer
the model expects with probability p that is the binary entropy of p, and for a picture the sum
over its keypoints, as if they were independent. The model looks at the very crop that the
annotator gets.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope

from lfhpe_mmpose.errors import UserError

from .pictures import Picture


def information(probs: np.ndarray) -> np.ndarray:
    """Expected information of the answers about pictures.

    Args:
        probs (np.ndarray): Probabilities (N, K) that a keypoint is seen.

    Returns:
        np.ndarray: Bits (N, ), from 0 to K.
    """
    p = np.clip(np.asarray(probs, dtype=np.float64), 0, 1)
    with np.errstate(divide='ignore', invalid='ignore'):
        bits = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    return np.nan_to_num(bits, nan=0.0).sum(axis=-1)


def rank_pictures(pictures: Sequence[Picture], probs: np.ndarray) -> list[int]:
    """Order pictures by the information that their answers are expected to give.

    Args:
        pictures (Sequence[Picture]): N pictures.
        probs (np.ndarray): Probabilities (N, K).

    Returns:
        list[int]: Indices, the most informative first; equal ones by their file names.
    """
    # The last digits are chance.
    bits = information(probs).round(9)
    return sorted(range(len(pictures)), key=lambda i: (-bits[i], pictures[i].file))


def keypoint_columns(model: Any, names: Sequence[str]) -> list[int]:
    """Where a model has the keypoints that are asked about.

    Args:
        model (Any): From ``lfhpe_mmpose.apis.init_model``.
        names (Sequence[str]): Keypoint names.

    Returns:
        list[int]: The model's index of each.

    Raises:
        UserError: If it does not know one.
    """
    known = model.dataset_meta['keypoint_name2id']
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UserError(
            f'the model does not know the keypoints {", ".join(unknown)}; it finds '
            f'{", ".join(known)}. Give a model of these keypoints.'
        )
    return [int(known[name]) for name in names]


def picture_probabilities(
    model: Any,
    crops: Iterable[np.ndarray],
    names: Sequence[str],
    batch_size: int = 32,
) -> Iterator[np.ndarray]:
    """Let a model say what can be seen in pictures, many at a time.

    Args:
        model (Any): From ``lfhpe_mmpose.apis.init_model``.
        crops (Iterable[np.ndarray]): Pictures, BGR uint8 (h, w, 3) each.
        names (Sequence[str]): Names of K keypoints that the model knows.
        batch_size (int): Pictures that go through the network together. Defaults to 32.

    Yields:
        np.ndarray: Probabilities (K, ) of each picture, in order.

    Raises:
        UserError: If the model does not know a keypoint, or gives no probabilities.
    """
    columns = keypoint_columns(model, names)
    init_default_scope(model.cfg.get('default_scope', 'mmpose'))
    pipeline = Compose(model.cfg.test_dataloader.dataset.pipeline)
    batch: list = []
    for crop in crops:
        height, width = crop.shape[:2]
        box = np.array([[0, 0, width, height]], dtype=np.float32)
        entry = dict(img=crop, bbox=box, bbox_score=np.ones(1, dtype=np.float32))
        batch.append(pipeline({**entry, **model.dataset_meta}))
        if len(batch) == batch_size:
            yield from _probs(model, batch, columns)
            batch = []
    if batch:
        yield from _probs(model, batch, columns)


def _probs(model: Any, batch: list, columns: list[int]) -> Iterator[np.ndarray]:
    with torch.no_grad():
        samples = model.test_step(pseudo_collate(batch))
    for sample in samples:
        if 'keypoint_probs' not in sample.pred_instances:
            raise UserError(
                'the model says where keypoints are and not whether they can be seen '
                '(no keypoint_probs). Give a model with a LocationFreeHead.'
            )
        yield np.asarray(sample.pred_instances.keypoint_probs[0], dtype=np.float64)[columns]
