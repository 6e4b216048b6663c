"""Random numbers that belong to a sample; ``SeededSampler`` gives the seeds."""

import random
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform


class SeededIndex(int):
    """An index of a data set that carries the seed of its sample, 32 bits."""

    seed: int

    def __new__(cls, index: int, seed: int) -> 'SeededIndex':
        """Make an index; an int has no ``__init__`` of its own."""
        self = super().__new__(cls, index)
        self.seed = seed
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the seed on the way to a worker."""
        return SeededIndex, (int(self), self.seed)


class SeedSample(BaseTransform):
    """Seed the random numbers of Python and NumPy, which transforms use, for one sample.

    ``SeededSampler`` puts this step in front of the pipeline. A sample whose ``sample_idx`` is
    not a ``SeededIndex`` passes unchanged.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Seed, and return the same results."""
        index = results.get('sample_idx')
        if isinstance(index, SeededIndex):
            random.seed(index.seed)
            np.random.seed(index.seed)
        return results
