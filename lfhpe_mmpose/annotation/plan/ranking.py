"""The order of the pictures: those first that a model is least sure of, or at random.

Uncertainty sampling (Lewis and Gale, "A sequential algorithm for training text classifiers",
SIGIR 1994). The expected information of a yes-no answer of probability p is the binary entropy
of p; a picture's is the sum over its keypoints, as if they were independent. The model sees the
same crop as the annotator.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.runtime.results import FoundPerson
from lfhpe_mmpose.tags.located import person_hash

from .pictures import Picture


def information(probs: np.ndarray) -> np.ndarray:
    """Expected information in bits, (N, ), of answers of probabilities (N, K)."""
    p = np.clip(np.asarray(probs, dtype=np.float64), 0, 1)
    with np.errstate(divide='ignore', invalid='ignore'):
        bits = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    return np.asarray(np.nan_to_num(bits, nan=0.0).sum(axis=-1))


def rank_pictures(pictures: Sequence[Picture], probs: np.ndarray) -> list[int]:
    """Indices of N pictures by information, the highest first; ties by file name."""
    # The last digits depend on the batch.
    bits = information(probs).round(9)
    return sorted(range(len(pictures)), key=lambda i: (-bits[i], pictures[i].file))


def shuffled(pictures: Sequence[Picture], seed: int) -> list[int]:
    """Indices in a random order that does not depend on the other pictures."""

    def number(i: int) -> tuple[int, str]:
        p = pictures[i]
        return person_hash(seed, p.image_id, p.annotation, f'picture {p.view}'), p.file

    return sorted(range(len(pictures)), key=number)


def keypoint_columns(model: Any, names: Sequence[str]) -> list[int]:
    """Indices of the named keypoints in the output of a model.

    Raises:
        UserError: If the model has no such keypoint.
    """
    known = model.dataset_meta['keypoint_name2id']
    unknown = [name for name in names if name not in known]
    if unknown:
        fault = (
            f'the model does not find the keypoints {", ".join(unknown)}; it finds '
            f'{", ".join(known)}.'
        )
        raise UserError('unknown-keypoint', 'model', fault, 'Give a model of these keypoints.')
    return [int(known[name]) for name in names]


def keypoint_probs(person: FoundPerson, columns: Sequence[int]) -> np.ndarray:
    """Probabilities (K, ) that keypoints are visible, of a predicted person.

    Raises:
        UserError: If the model predicts no probabilities.
    """
    if person.probs is None:
        fault = 'the model predicts where keypoints are, not whether they are visible.'
        remedy = 'Give a model with a LocationFreeHead.'
        raise UserError('no-probabilities', 'model', fault, remedy)
    return np.asarray(person.probs, dtype=np.float64)[list(columns)]


def picture_probabilities(
    model: Any, crops: Iterable[np.ndarray], names: Sequence[str], batch_size: int = 32
) -> Iterator[np.ndarray]:
    """Predict which of K named keypoints are visible in BGR pictures: (K, ) each, in order.

    Raises:
        UserError: If the model does not know a keypoint, or predicts no probabilities.
    """
    from lfhpe_mmpose.apis import PosePredictor

    columns = keypoint_columns(model, names)
    for result in PosePredictor(model, batch_size=batch_size)(crops):
        yield keypoint_probs(result.persons[0], columns)
