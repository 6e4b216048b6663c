"""Clocks, and the order in which things are measured.

A shared machine is slower at one time than at another. So in each round every model has its
turn, one right after the other, and models are compared within a round only.
"""

import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch

K = TypeVar('K', bound=Hashable)
T = TypeVar('T')


class Clock:
    """Marks in time: on a GPU events in its queue, so that nothing waits for them."""

    def __init__(self, device: str) -> None:
        self.cuda = torch.device(device).type == 'cuda'

    def mark(self) -> Any:
        """The present point in time of the device's work, for ``seconds``."""
        if not self.cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, start: Any, end: Any) -> float:
        """Seconds between two marks, after ``wait``."""
        return start.elapsed_time(end) / 1000 if self.cuda else end - start

    def wait(self) -> None:
        """Wait until the device has done all its work."""
        if self.cuda:
            torch.cuda.synchronize()


def time_calls(call: Callable[[], object], number: int, clock: Clock) -> list[float]:
    """Seconds of each of several calls, including the wait for its result."""
    seconds = []
    for _ in range(number):
        clock.wait()
        start = time.perf_counter()
        call()
        clock.wait()
        seconds.append(time.perf_counter() - start)
    return seconds


def time_stream(call: Callable[[], object], number: int, clock: Clock) -> float:
    """Mean seconds of several calls in a row: the device's queue stays full."""
    clock.wait()
    start = time.perf_counter()
    for _ in range(number):
        call()
    clock.wait()
    return (time.perf_counter() - start) / number


def calls_for(seconds: float, one: float, least: int = 1, most: int = 1000) -> int:
    """Number of calls of ``one`` second that fill a time, within bounds."""
    return max(least, min(most, math.ceil(seconds / max(one, 1e-9))))


def interleave(
    tasks: Mapping[K, Callable[[], T]],
    rounds: int,
    after_round: Callable[[int, dict[K, list[T]]], None] | None = None,
) -> dict[K, list[T]]:
    """Run every task once per round.

    Args:
        tasks (Mapping[K, Callable[[], T]]): In the order of a round.
        rounds (int): Number of rounds.
        after_round (Callable[[int, dict], None], optional): Called with the number of the
            round, from 1, and the results so far.

    Returns:
        dict[K, list[T]]: The results of each task, one per round.
    """
    results: dict[K, list[T]] = {name: [] for name in tasks}
    for number in range(1, rounds + 1):
        for name, task in tasks.items():
            results[name].append(task())
        if after_round is not None:
            after_round(number, results)
    return results


def ratios(values: Sequence[float], reference: Sequence[float]) -> dict[str, float] | None:
    """Median, min and max of the quotients within each round; None without any."""
    quotients = [v / r for v, r in zip(values, reference)]
    if not quotients:
        return None
    return dict(
        median=float(np.median(quotients)),
        min=float(np.min(quotients)),
        max=float(np.max(quotients)),
    )
