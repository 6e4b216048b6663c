"""Located and tagged persons in one batch, in a chosen proportion."""

import math
from collections.abc import Iterator, Sized
from typing import Any

import torch
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from mmpose.registry import DATA_SAMPLERS
from torch import Tensor
from torch.utils.data import Sampler

from lfhpe_mmpose.errors import UserError

from ..transforms import WithholdLocations


@DATA_SAMPLERS.register_module()
class LocatedShareSampler(Sampler[Any]):
    """Give located persons at least a share of every batch (our choice).

    With 1% located, most batches of 32 have no located person, and the others have one, whose
    location loss then weighs as much as the tags of all. This sampler repeats located persons
    within an epoch and spreads them evenly over it until they have their share: by default the
    square root of their fraction of the data, between that fraction (they would hardly count)
    and one half (a few persons would be overfitted). MMPose's ``MultiSourceSampler`` does this
    for two data sets; here ``WithholdLocations`` divides one. Only ids are read.

    Several processes are dealt the epoch in turn, as by MMEngine's ``DefaultSampler``: their
    batches together hold the persons of one process's batch of that total size. Each process
    has the share. An epoch has as many samples as persons. With ``share=1.0`` it consists of
    located persons only: the baseline of training on these alone.

    Args:
        dataset: The data set; the first step of its pipeline is ``WithholdLocations``.
        share: Least share of the located persons in an epoch, in [0, 1]; a larger share in the
            data stays. Defaults to None, the square root of their fraction of the data: 10% of a
            batch for 1% located, half for 25%.
        seed: Seed of the order. Defaults to None: random, shared by all processes.
        shuffle: MMEngine's loader builder may pass it; only True is supported.

    Raises:
        UserError: 'option' if an argument is out of range, 'pipeline' without
            ``WithholdLocations``, 'none-located' if no person is located although a share
            is asked for.
    """

    def __init__(
        self,
        dataset: Sized,
        share: float | None = None,
        seed: int | None = None,
        shuffle: bool = True,
    ) -> None:
        if share is not None and not 0 <= share <= 1:
            raise UserError(
                'option',
                'LocatedShareSampler.share',
                f'{share!r} is invalid.',
                'Give a number in [0, 1].',
            )
        if not shuffle:
            raise UserError(
                'option',
                'LocatedShareSampler.shuffle',
                'the order is always random.',
                'Remove shuffle=False.',
            )
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.located, self.tagged = _divide(dataset)
        size = len(self.located) + len(self.tagged)
        if share != 0 and not self.located:
            raise UserError(
                'none-located',
                'LocatedShareSampler',
                'no person of the data set is located.',
                'Increase fraction of WithholdLocations, or use DefaultSampler.',
            )
        if share is None:
            share = math.sqrt(len(self.located) / size)
        self.num_located = max(round(share * size), len(self.located))
        self.num_samples = math.ceil(size / self.world_size)
        self.total_size = size

    def __iter__(self) -> Iterator[int]:
        """Iterate over the indices of this process in this epoch."""
        generator = torch.Generator()
        generator.manual_seed(self.seed + self.epoch)
        located = _draw(self.located, self.num_located, generator)
        tagged = _draw(self.tagged, self.total_size - self.num_located, generator)
        shift = torch.rand(1, generator=generator, dtype=torch.float64).item()
        places = _spread(self.num_located, self.total_size, self.world_size, shift)
        order = torch.empty(places.shape, dtype=torch.long)
        # If persons do not divide evenly, the first of the lists come once more.
        order[places] = _repeat(located, int(places.sum()))
        order[~places] = _repeat(tagged, int((~places).sum()))
        return iter(order[:, self.rank].tolist())

    def __len__(self) -> int:
        """Samples of this process in an epoch."""
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, on which the order depends."""
        self.epoch = epoch


def _divide(dataset: Sized) -> tuple[list[int], list[int]]:
    """Indices of the located and of the tagged persons."""
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', [])
    if not isinstance(dataset, BaseDataset) or not isinstance(
        (steps or [None])[0], WithholdLocations
    ):
        raise UserError(
            'pipeline',
            'LocatedShareSampler',
            'the first step of train_dataloader.dataset.pipeline is not WithholdLocations, which '
            'decides who is located.',
            'Put it first, on a data set that is not wrapped.',
        )
    located: list[int] = []
    tagged: list[int] = []
    for i in range(len(dataset)):
        (located if steps[0].locates(dataset.get_data_info(i)) else tagged).append(i)
    return located, tagged


def _draw(indices: list[int], number: int, generator: torch.Generator) -> list[int]:
    """Draw indices in random order; each once before any is drawn again."""
    drawn: list[int] = []
    while len(drawn) < number:
        order = torch.randperm(len(indices), generator=generator).tolist()
        drawn += [indices[i] for i in order]
    return drawn[:number]


def _spread(number: int, size: int, world_size: int, shift: float) -> Tensor:
    """Whether a located person comes, bool (turns, world_size), from a start in [0, 1).

    The batches of one process differ by one located person at most, and so do those of all
    processes together: the starts of the processes divide the interval between two located
    persons evenly, so the rounded numbers of the processes add up to the rounded number of all
    (Hermite's identity).
    """
    turns = math.ceil(size / world_size)
    starts = (torch.arange(world_size, dtype=torch.float64) + shift) / world_size
    nth = torch.arange(number // world_size + 2, dtype=torch.float64)
    places = ((nth[:, None] + starts) / max(number, 1) * size).long()
    turn, rank = torch.nonzero(places < turns, as_tuple=True)
    spread = torch.zeros(turns, world_size, dtype=torch.bool)
    if number:
        spread[places[turn, rank], rank] = True
    return spread


def _repeat(indices: list[int], number: int) -> Tensor:
    """Take ``number`` indices, starting again at the end."""
    if not number:
        return torch.empty(0, dtype=torch.long)
    return torch.tensor(indices)[torch.arange(number) % len(indices)]
