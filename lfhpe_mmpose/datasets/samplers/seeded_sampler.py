"""The same random augmentation whatever the number of workers is."""

from collections import Counter
from collections.abc import Iterator, Sized

import numpy as np
from mmengine.dist import sync_random_seed
from mmpose.registry import DATA_SAMPLERS
from torch.utils.data import Sampler

from ..transforms import SeededIndex


@DATA_SAMPLERS.register_module()
class SeededSampler(Sampler):
    """Let each sample draw its augmentation from a seed of its own.

    MMEngine seeds workers, so which flip or rotation a person gets depends on the worker that
    loads it, and on their number. With this sampler around another one the seed is a function of
    run, epoch, index and how often the index came before in the epoch: 0, 2 or 16 workers
    give the same batches to the last bit. :class:`WithholdLocations`, the first step of a
    pipeline, sets it (our choice).

    Args:
        dataset (Sized): The data set.
        sampler (dict, optional): The sampler that says who comes when. Defaults to
            ``dict(type='DefaultSampler', shuffle=True)``.
        seed (int, optional): Seed of the run. Defaults to None (shared by all processes,
            random).
    """

    def __init__(
        self, dataset: Sized, sampler: dict | None = None, seed: int | None = None
    ) -> None:
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.sampler = DATA_SAMPLERS.build(
            sampler or dict(type='DefaultSampler', shuffle=True),
            default_args=dict(dataset=dataset, seed=self.seed),
        )

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
        """Set the epoch, on which order and augmentation depend.

        Args:
            epoch (int): The epoch.
        """
        self.epoch = epoch
        self.sampler.set_epoch(epoch)
