"""What the machine says of itself."""

import os

import pytest

from lfhpe_mmpose import machine
from lfhpe_mmpose.machine import free_cores, is_busy, usable_cores


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch, tmp_path):
    """Eight cores, and no control group."""
    monkeypatch.setattr(os, 'cpu_count', lambda: 8)
    monkeypatch.setattr(os, 'sched_getaffinity', lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(machine, '_CGROUP', tmp_path)


class TestCores:
    """Cores that are there, and that are free."""

    def test_affinity(self, monkeypatch):
        """A process that is bound to three cores has three."""
        monkeypatch.setattr(os, 'sched_getaffinity', lambda _: {1, 2, 5}, raising=False)
        assert usable_cores() == 3

    @pytest.mark.parametrize(
        ('limit', 'cores'), [('200000 100000', 2), ('max 100000', 8), ('50000 100000', 1), ('', 8)]
    )
    def test_container(self, tmp_path, limit, cores):
        """A container's limit counts (cgroup version 2)."""
        (tmp_path / 'cpu.max').write_text(limit)
        assert usable_cores() == cores

    @pytest.mark.parametrize(('quota', 'cores'), [('300000', 3), ('-1', 8)])
    def test_old_container(self, tmp_path, quota, cores):
        """A container's limit counts (cgroup version 1)."""
        (tmp_path / 'cpu').mkdir()
        (tmp_path / 'cpu' / 'cpu.cfs_quota_us').write_text(quota)
        (tmp_path / 'cpu' / 'cpu.cfs_period_us').write_text('100000')
        assert usable_cores() == cores

    def test_without_proc(self, monkeypatch):
        """Elsewhere the load average decides."""

        def fail():
            raise OSError

        monkeypatch.setattr(machine, '_idle_time', fail)
        monkeypatch.setattr(os, 'getloadavg', lambda: (5.0, 0, 0), raising=False)
        assert free_cores() == 3

    @pytest.mark.parametrize(('load', 'busy'), [(0.0, False), (4.0, False), (4.1, True)])
    def test_busy(self, monkeypatch, load, busy):
        """More than half of the cores are taken; a system without a load average is not busy."""
        monkeypatch.setattr(os, 'getloadavg', lambda: (load, 0, 0), raising=False)
        assert is_busy() is busy
        monkeypatch.delattr(os, 'getloadavg')
        assert is_busy() is False
