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
        models (Sequence[str]): Names, see :func:`load_subject`.
        reference (str): The one of them that ratios are to.
        modes (Sequence[Mode]): One block of the table each.
        device (str): ``'cpu'`` or ``'cuda'``.
        measures (Sequence[str]): Some of :data:`MEASURES`.
        batch_sizes (Sequence[int]): Of the throughput.
        train_batch_size (int): Of the training step.
        input_size (tuple[int, int], optional): Width and height; None is each config's.
        rounds (int): Rounds over all models.
        seconds (float): About how long each model is timed for each figure in a round.
        threads (int): Of PyTorch on the CPU.
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
