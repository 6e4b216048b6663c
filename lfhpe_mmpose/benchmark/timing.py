"""Clocks, and the order in which things are measured.

A machine that others use is slower at one time than at another. So nothing is measured to
its end before the next begins: in each round every model has its turn, one right after the
other, and two models are compared within a round only.
"""

import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import torch

K = TypeVar('K', bound=Hashable)
T = TypeVar('T')


class Clock:
    """Marks in time; on a GPU they are events in its queue, so that nothing waits for them.

    Args:
        device (str): ``'cpu'`` or ``'cuda'``.
    """

    def __init__(self, device: str) -> None:
        self.cuda = torch.device(device).type == 'cuda'

    def mark(self):
        """The present point in time, of the device's work.

        Returns:
            float | torch.cuda.Event: For :meth:`seconds`.
        """
        if not self.cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, start, end) -> float:
        """Seconds between two marks, after :meth:`wait`.

        Args:
            start (float | torch.cuda.Event): The earlier mark.
            end (float | torch.cuda.Event): The later mark.

        Returns:
            float: Seconds.
        """
        return start.elapsed_time(end) / 1000 if self.cuda else end - start

    def wait(self) -> None:
        """Wait until the device has done all its work."""
        if self.cuda:
            torch.cuda.synchronize()


def time_calls(call: Callable[[], object], number: int, clock: Clock) -> list[float]:
    """Time each of several calls, with the wait for its result.

    Args:
        call (Callable[[], object]): What is timed.
        number (int): Calls.
        clock (Clock): Of the device.

    Returns:
        list[float]: Seconds of each.
    """
    seconds = []
    for _ in range(number):
        clock.wait()
        start = time.perf_counter()
        call()
        clock.wait()
        seconds.append(time.perf_counter() - start)
    return seconds


def time_stream(call: Callable[[], object], number: int, clock: Clock) -> float:
    """Time several calls in a row, waiting at the end alone: the device's queue stays full.

    Args:
        call (Callable[[], object]): What is timed.
        number (int): Calls.
        clock (Clock): Of the device.

    Returns:
        float: Seconds of one call, the mean.
    """
    clock.wait()
    start = time.perf_counter()
    for _ in range(number):
        call()
    clock.wait()
    return (time.perf_counter() - start) / number


def calls_for(seconds: float, one: float, least: int = 1, most: int = 1000) -> int:
    """How many calls fill a time.

    Args:
        seconds (float): The time to fill.
        one (float): Seconds of one call.
        least (int): Lower bound. Defaults to 1.
        most (int): Upper bound. Defaults to 1000.

    Returns:
        int: The number.
    """
    return max(least, min(most, math.ceil(seconds / max(one, 1e-9))))


def interleave(
    tasks: Mapping[K, Callable[[], T]],
    rounds: int,
    after_round: Callable[[int, dict[K, list[T]]], None] | None = None,
) -> dict[K, list[T]]:
    """Run every task once a round.

    Args:
        tasks (Mapping[str, Callable[[], T]]): By name, in the order of a round.
        rounds (int): Rounds.
        after_round (Callable[[int, dict], None], optional): Called with the number of the
            round, from 1, and what there is so far.

    Returns:
        dict[str, list[T]]: By name, what each round gave.
    """
    results: dict[K, list[T]] = {name: [] for name in tasks}
    for number in range(1, rounds + 1):
        for name, task in tasks.items():
            results[name].append(task())
        if after_round is not None:
            after_round(number, results)
    return results


def ratios(values: Sequence[float], reference: Sequence[float]) -> dict[str, float]:
    """Compare a model with the reference, round by round.

    Args:
        values (Sequence[float]): One of each round.
        reference (Sequence[float]): The reference's of the same rounds.

    Returns:
        dict[str, float]: ``median``, ``min`` and ``max`` of value over reference, each
        quotient taken within its round. Rounds that one of the two lacks do not count.
    """
    quotients = [v / r for v, r in zip(values, reference)]
    return dict(
        median=float(np.median(quotients)),
        min=float(np.min(quotients)),
        max=float(np.max(quotients)),
    )
