"""Several processes in a test: on the CPU, talking by gloo.

They are forked, so that nobody imports the stack again, and each gets what
``torch.distributed.run`` puts into the environment.
"""

import os
import socket
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import multiprocessing

on_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason='CUDA does not survive a fork')


def in_processes(function: Callable, world_size: int, *args: Any, seconds: int = 120) -> list:
    """Call a function in several processes at once.

    Args:
        function (Callable): Called with ``args``. It finds its rank in the environment.
        world_size (int): Number of processes.
        args (Any): Arguments.
        seconds (int): They are ended after that time. Defaults to 120.

    Returns:
        list: What each returned, by rank.
    """
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
        free.close()
        context = multiprocessing.start_processes(
            _call,
            (world_size, port, folder, function, args),
            world_size,
            join=False,
            start_method='fork',
        )
        deadline = time.monotonic() + seconds
        try:
            # It returns as well when one of several has ended.
            while not context.join(max(deadline - time.monotonic(), 0)):
                if time.monotonic() > deadline:
                    raise TimeoutError(f'{function.__name__} took more than {seconds} s')
        finally:
            for process in context.processes:
                process.kill()
        return [
            torch.load(Path(folder) / f'{rank}.pt', weights_only=False)
            for rank in range(world_size)
        ]


def connected(function: Callable, *args: Any) -> Any:
    """Call a function between joining the processes and leaving them."""
    dist.init_process_group('gloo', timeout=timedelta(seconds=60))
    try:
        return function(*args)
    finally:
        dist.destroy_process_group()


def _call(
    rank: int, world_size: int, port: int, folder: str, function: Callable, args: tuple
) -> None:
    torch.set_num_threads(1)
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE=str(world_size),
        LOCAL_WORLD_SIZE=str(world_size),
        MASTER_ADDR='127.0.0.1',
        MASTER_PORT=str(port),
    )
    torch.save(function(*args), Path(folder) / f'{rank}.pt')
