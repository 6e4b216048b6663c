"""How many threads a run on the processor uses.

PyTorch takes one thread for each core, whoever else needs them. On busy cores its threads
then wait for one another at every operation: ten times slower than a single thread.
"""

import os
import sys
import time
from pathlib import Path

# Measured share of a core: 9 ms a sample of COCO beside 300 ms of network, 4 beside 60 on LSP.
_WORKER_SHARE = 0.25
_CGROUP = Path('/sys/fs/cgroup')
_STAT = Path('/proc/stat')


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
    from mmengine.device import get_device

    if os.environ.get('OMP_NUM_THREADS'):
        threads, why = torch.get_num_threads(), 'from OMP_NUM_THREADS'
    elif get_device() != 'cpu':
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


def usable_cores() -> int:
    """Cores that this process may use, by affinity and by the limit of its control group."""
    cores = os.cpu_count() or 1
    if hasattr(os, 'sched_getaffinity'):
        cores = len(os.sched_getaffinity(0))
    quota = _cgroup_cores()
    return cores if quota is None else max(1, min(cores, int(quota + 0.5)))


def free_cores(seconds: float = 0.3) -> float:
    """Cores that this process may use and that nobody else uses now."""
    idle = _idle_cores(seconds)
    if idle is None:
        load = os.getloadavg()[0] if hasattr(os, 'getloadavg') else 0.0
        idle = (os.cpu_count() or 1) - load
    return max(1.0, min(usable_cores(), idle))


def _idle_cores(seconds: float) -> float | None:
    """Idle cores of the whole machine during a short pause; None if it does not say."""
    try:
        before = _idle_time()
        time.sleep(seconds)
        after = _idle_time()
    except (OSError, ValueError, IndexError):
        return None
    total = after[1] - before[1]
    share = (after[0] - before[0]) / total if total > 0 else 1.0
    return share * (os.cpu_count() or 1)


def _idle_time() -> tuple[int, int]:
    """Idle and whole time of all cores since the start, in ticks."""
    ticks = [int(word) for word in _STAT.read_text().split('\n', 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def _cgroup_cores() -> float | None:
    """The processor limit of the control group (version 2 or 1); None without one."""
    try:
        quota, period = (_CGROUP / 'cpu.max').read_text().split()
    except (OSError, ValueError):
        try:
            quota = (_CGROUP / 'cpu' / 'cpu.cfs_quota_us').read_text()
            period = (_CGROUP / 'cpu' / 'cpu.cfs_period_us').read_text()
        except OSError:
            return None
    try:
        cores = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # 'max' is no limit
        return None
    return cores if cores > 0 else None


def _count(number: float, noun: str) -> str:
    return f'{number:.3g} {noun}{"" if number == 1 else "s"}'
