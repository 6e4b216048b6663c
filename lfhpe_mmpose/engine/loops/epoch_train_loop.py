"""Training by epochs that continues in the middle of an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from mmengine.runner import EpochBasedTrainLoop
from mmpose.registry import LOOPS
from torch.utils.data import DataLoader, Sampler


@LOOPS.register_module()
class ResumableEpochTrainLoop(EpochBasedTrainLoop):
    """MMEngine's loop, which starts an epoch at the batch where a checkpoint was written.

    MMEngine repeats the epoch from its first batch, and so trains on more batches than without
    the interruption. ``resumed_batch`` is the number of batches of the current epoch that are
    done; ``RepeatableHook`` sets it from the checkpoint.
    """

    resumed_batch = 0

    def run_epoch(self) -> None:
        """Train on the rest of an epoch."""
        done, self.resumed_batch = self.resumed_batch, 0
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        with skipping(self.dataloader, done):
            for idx, data_batch in enumerate(self.dataloader, done):
                self.run_iter(idx, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1


class _Rest(Sampler[Any]):
    """What another sampler gives after its first samples or batches."""

    def __init__(self, sampler: Any, done: int) -> None:
        self.sampler = sampler
        self.done = done

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.sampler), self.done, None)

    def __len__(self) -> int:
        return len(self.sampler)  # the length of the epoch, which hooks ask for


@contextmanager
def skipping(loader: DataLoader[Any], batches: int) -> Iterator[None]:
    """Let a loader leave out its first batches, without loading them."""
    inner: Any = loader.batch_sampler
    if not batches:
        yield
    elif hasattr(inner, 'sampler') and hasattr(inner, 'batch_size'):
        sampler = inner.sampler
        inner.sampler = _Rest(sampler, batches * inner.batch_size)
        try:
            yield
        finally:
            inner.sampler = sampler
    else:
        # DataLoader forbids to replace the attribute after its construction.
        object.__setattr__(loader, 'batch_sampler', _Rest(inner, batches))
        try:
            yield
        finally:
            object.__setattr__(loader, 'batch_sampler', inner)
