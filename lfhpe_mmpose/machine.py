"""What the machine has: cores, how many of them are free, and an accelerator."""

import os
import time
from pathlib import Path

_CGROUP = Path('/sys/fs/cgroup')
_STAT = Path('/proc/stat')


def has_accelerator() -> bool:
    """Whether MMEngine would run on anything but the CPU."""
    from mmengine.device import get_device

    return bool(get_device() != 'cpu')


def is_busy() -> bool:
    """Whether other work takes more than half of the cores; answered without a pause."""
    return _load() > (os.cpu_count() or 1) / 2


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
        idle = (os.cpu_count() or 1) - _load()
    return max(1.0, min(usable_cores(), idle))


def _load() -> float:
    """Processes that ran or waited for a core in the last minute; 0 if the system does not say."""
    return os.getloadavg()[0] if hasattr(os, 'getloadavg') else 0.0


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
