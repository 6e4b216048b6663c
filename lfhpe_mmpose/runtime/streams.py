"""Lazy streams: threads work a few items ahead, and the results come in order.

A stage is a generator over another one; a chain of them is a pipeline. Reading at its end keeps
all stages busy, and no stage runs further ahead than it allows. A stage closes what it started
when it is closed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

In = TypeVar('In')
Out = TypeVar('Out')


def map_ahead(
    function: Callable[[In], Out], items: Iterable[In], workers: int, ahead: int
) -> Iterator[Out]:
    """Call a function in threads, a few items ahead of the reader.

    Threads suffice, since torch, OpenCV and NumPy release Python's lock while they compute. The
    items are drawn in the reader's thread: a generator need not be thread-safe.

    Args:
        function: Called with one item. What it raises is raised to the reader at that item's turn.
        items: Drawn one by one, as they are needed.
        workers: Threads. They end with the stream, also if it is closed early.
        ahead: Items that are in work, or wait done, beyond the one that is read.

    Yields:
        Out: The results, in the order of the items.
    """
    waiting: deque[Future[Out]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix='lfhpe')
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        close(items)


def group(items: Iterable[In], size: int) -> Iterator[list[In]]:
    """Make lists of ``size`` items; the last may be shorter."""
    iterator = iter(items)
    try:
        while some := list(islice(iterator, size)):
            yield some
    finally:
        close(items)


def flat(groups: Iterator[list[In]]) -> Iterator[In]:
    """The items of lists, one by one."""
    try:
        for items in groups:
            yield from items
    finally:
        close(groups)


def close(items: object) -> None:
    """End a generator now, not when Python collects it; leave anything else alone."""
    end = getattr(items, 'close', None)
    if end is not None and isinstance(items, Iterator):
        end()
