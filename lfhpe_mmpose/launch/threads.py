"""How many threads a run on the processor uses.

PyTorch takes one thread for each core, whoever else needs them. On busy cores its threads
then wait for one another at every operation: ten times slower than a single thread.
"""

import os
import sys

from lfhpe_mmpose.machine import free_cores, has_accelerator, usable_cores

# Measured share of a core: 9 ms a sample of COCO beside 300 ms of network, 4 beside 60 on LSP.
_WORKER_SHARE = 0.25


def choose_threads(workers: int = 0, detector: bool = False, say: bool = True) -> int:
    """Set the threads of torch and OpenCV to the cores that are free for this process.

    ``OMP_NUM_THREADS`` decides if it is set, and so does torch if there is an accelerator.
    Call it before the first computation.

    Args:
        workers: Loader workers, which need a part of a core each.
        detector: Whether a detector computes at the same time. It gets half of the threads.
        say: Write one line about it to standard error.

    Returns:
        The number of threads.
    """
    import cv2
    import torch

    if os.environ.get('OMP_NUM_THREADS'):
        threads, why = torch.get_num_threads(), 'from OMP_NUM_THREADS'
    elif has_accelerator():
        return torch.get_num_threads()
    else:
        cores, free = usable_cores(), free_cores()
        # Processes of one machine share its cores.
        free /= int(os.environ.get('LOCAL_WORLD_SIZE') or 1)
        left = (free - workers * _WORKER_SHARE) / (2 if detector else 1)
        threads = max(1, int(left + 0.5))
        torch.set_num_threads(threads)
        why = f'{_count(free, "core")} of {cores} free'
    cv2.setNumThreads(threads)
    if say:
        parts = [why]
        parts += [_count(workers, 'loader worker')] if workers else []
        parts += ['a detector beside'] if detector else []
        print(f'Using {_count(threads, "thread")} ({", ".join(parts)}).', file=sys.stderr)
    return threads


def _count(number: float, noun: str) -> str:
    return f'{number:.3g} {noun}{"" if number == 1 else "s"}'
