"""What a run of the benchmark measures, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import NICKNAMES, REFERENCE
from .modes import Mode

MEASURES = ('latency', 'throughput', 'training', 'memory')


@dataclass(frozen=True)
class Settings:
    """Settings of a run.

    Attributes:
        models: Names; see ``load_subject``.
        reference: The model that ratios are to.
        modes: A block of the table for each.
        device: ``'cpu'`` or ``'cuda'``.
        measures: Some of ``MEASURES``.
        batch_sizes: Batch sizes of the throughput.
        train_batch_size: Batch size of the training step.
        input_size: Width and height; None is each config's own.
        rounds: Rounds over all models.
        seconds: Approximate time per model, figure and round.
        threads: PyTorch's threads on the CPU.
    """

    models: Sequence[str] = tuple(NICKNAMES)
    reference: str = REFERENCE
    modes: Sequence[Mode] = (Mode(),)
    device: str = 'cpu'
    measures: Sequence[str] = MEASURES
    batch_sizes: Sequence[int] = (1, 4, 16)
    train_batch_size: int = 16
    input_size: tuple[int, int] | None = None
    rounds: int = 5
    seconds: float = 1.0
    threads: int = 1
