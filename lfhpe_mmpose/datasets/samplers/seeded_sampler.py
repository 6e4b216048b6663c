"""The same random augmentation for every number of workers."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np
from mmengine.dist import sync_random_seed
from mmpose.registry import DATA_SAMPLERS
from torch.utils.data import Sampler


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


class SeededItems:
    """Loads samples, and seeds Python and NumPy, which transforms use, before each of them.

    torch's loader calls ``dataset.__getitems__`` with the indices of a batch. Seeding there
    includes everything that the data set does, its wrappers and their pipelines too.

    Args:
        dataset: The data set.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __call__(self, indices: Sequence[int]) -> list[Any]:
        """Load the samples of a batch."""
        samples = []
        for index in indices:
            if isinstance(index, SeededIndex):
                random.seed(index.seed)
                np.random.seed(index.seed)
            samples.append(self.dataset[index])
        return samples


@DATA_SAMPLERS.register_module()
class SeededSampler(Sampler[Any]):
    """Seed the augmentation of each sample on its own.

    MMEngine seeds the workers, so the flip or rotation of a person depends on the worker that
    loads it, and on their number. With this sampler around another one, the seed is a function of
    run, epoch, index and how often the index came before in the epoch: 0, 2 or 16 workers give
    the same batches to the last bit. The sampler gives the data set ``SeededItems``, which sets
    it (our choice).

    Args:
        dataset: The data set.
        sampler: The sampler that gives the order. Defaults to
            ``dict(type='DefaultSampler', shuffle=True)``.
        seed: Seed of the run. Defaults to None: random, shared by all processes.
    """

    def __init__(
        self, dataset: Sized, sampler: dict[str, Any] | None = None, seed: int | None = None
    ) -> None:
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.sampler = DATA_SAMPLERS.build(
            sampler or dict(type='DefaultSampler', shuffle=True),
            default_args=dict(dataset=dataset, seed=self.seed),
        )
        if hasattr(dataset, '__dict__'):  # not a range; MMEngine's wrappers are plain classes
            dataset.__getitems__ = SeededItems(dataset)  # type: ignore[attr-defined]

    def __iter__(self) -> Iterator[SeededIndex]:
        """Iterate over the indices of this process in this epoch."""
        seen: Counter[int] = Counter()
        for index in self.sampler:
            words = [self.seed, self.epoch, index, seen[index]]
            seen[index] += 1
            seed = int(np.random.SeedSequence(words).generate_state(1)[0])
            yield SeededIndex(index, seed)

    def __len__(self) -> int:
        """Samples of this process in an epoch."""
        return len(self.sampler)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, on which order and augmentation depend."""
        self.epoch = epoch
        if hasattr(self.sampler, 'set_epoch'):
            self.sampler.set_epoch(epoch)
