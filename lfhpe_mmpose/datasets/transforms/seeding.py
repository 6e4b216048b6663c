"""Random numbers of a sample's own; see ``SeededSampler``, which gives the seeds."""

import random

import numpy as np


class SeededIndex(int):
    """An index of a data set that carries the seed of its sample.

    Args:
        index (int): The index.
        seed (int): Seed of the sample's random numbers, 32 bits.
    """

    seed: int

    def __new__(cls, index: int, seed: int) -> 'SeededIndex':
        """Make an index; an int has no ``__init__`` of its own."""
        self = super().__new__(cls, index)
        self.seed = seed
        return self

    def __reduce__(self) -> tuple:
        """Keep the seed on the way to a worker."""
        return SeededIndex, (int(self), self.seed)


def seed_sample(index: object) -> None:
    """Set the random numbers of Python and NumPy, which transforms use, for one sample.

    Args:
        index (object): ``results['sample_idx']``; anything but a :class:`SeededIndex`
            changes nothing.
    """
    if isinstance(index, SeededIndex):
        random.seed(index.seed)
        np.random.seed(index.seed)
