"""Lazy streams: work done ahead by threads, handed on in order, never more than a few items.

A stage is a generator over another one, so that a chain of them is a pipeline: whoever
pulls at its end keeps all stages busy, and nothing runs further ahead than each stage
allows. To add a kind of stage, write a generator that closes what it started when it is
closed itself.
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

    Torch, OpenCV and NumPy leave Python's lock while they compute, so threads do. The
    items are drawn in the reader's thread: a generator need not be made for threads.

    Args:
        function (Callable): Called with one item. What it raises is raised to the reader,
            when its item's turn comes.
        items (Iterable): Drawn one by one, as they are needed.
        workers (int): Threads. They end with the stream, also when it is closed early.
        ahead (int): Items that are worked on, or wait done, beyond the one that is read.

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
    """Make lists of items.

    Args:
        items (Iterable): N items.
        size (int): Length of a list.

    Yields:
        list: ``size`` items, the last list perhaps fewer.
    """
    iterator = iter(items)
    try:
        while some := list(islice(iterator, size)):
            yield some
    finally:
        close(items)


def close(items: object) -> None:
    """End a generator now, not when Python happens to collect it.

    Args:
        items (object): A generator; anything else is left alone.
    """
    end = getattr(items, 'close', None)
    if end is not None and isinstance(items, Iterator):
        end()
