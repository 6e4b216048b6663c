"""How many threads a run takes."""

import os

import cv2
import pytest
import torch

from lfhpe_mmpose import machine
from lfhpe_mmpose.launch.threads import choose_threads


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch, tmp_path):
    """Eight idle cores without a GPU; torch and OpenCV are restored afterwards."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    monkeypatch.setattr(os, 'cpu_count', lambda: 8)
    monkeypatch.setattr(os, 'sched_getaffinity', lambda _: set(range(8)), raising=False)
    monkeypatch.setattr('mmengine.device.get_device', lambda: 'cpu')
    monkeypatch.setattr(machine, '_CGROUP', tmp_path)
    busy(monkeypatch, 0)
    for name in ('OMP_NUM_THREADS', 'LOCAL_WORLD_SIZE'):
        monkeypatch.delenv(name, raising=False)
    yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


def busy(monkeypatch, cores: float) -> None:
    """Let so many of the eight cores be busy."""
    times = iter([(0, 0), (round(100 * (8 - cores)), 800)] * 9)
    monkeypatch.setattr(machine, '_idle_time', lambda: next(times))
    monkeypatch.setattr(machine.time, 'sleep', lambda _: None)


class TestChooseThreads:
    """The number, and the line about it."""

    @pytest.mark.parametrize(
        ('others', 'workers', 'detector', 'expected'),
        [
            (0, 0, False, 8),
            (0, 4, False, 7),
            (0, 0, True, 4),
            (6, 0, False, 2),
            (6, 1, False, 2),
            (6, 2, False, 2),
            (6, 4, False, 1),
            (8, 0, False, 1),
            (8, 8, True, 1),
        ],
    )
    def test_number(self, monkeypatch, others, workers, detector, expected):
        """Other processes, loader workers and the detector leave fewer; one thread remains."""
        busy(monkeypatch, others)
        assert choose_threads(workers, detector) == expected
        assert torch.get_num_threads() == cv2.getNumThreads() == expected

    def test_line(self, monkeypatch, capsys):
        """One line says the number and why; `say=False` says nothing."""
        busy(monkeypatch, 6)
        choose_threads(1)
        out, err = capsys.readouterr()
        assert (out, err) == ('', 'Using 2 threads (2 cores of 8 free, 1 loader worker).\n')
        choose_threads(say=False)
        assert capsys.readouterr() == ('', '')

    def test_the_user_decides(self, monkeypatch, capsys):
        """OMP_NUM_THREADS is left as it is."""
        torch.set_num_threads(3)
        monkeypatch.setenv('OMP_NUM_THREADS', '3')
        assert choose_threads(9) == torch.get_num_threads() == 3
        assert 'OMP_NUM_THREADS' in capsys.readouterr().err

    def test_accelerator(self, monkeypatch, capsys):
        """With a GPU the processor is not the bottleneck, and nothing changes."""
        torch.set_num_threads(3)
        monkeypatch.setattr('mmengine.device.get_device', lambda: 'cuda')
        assert choose_threads() == 3
        assert capsys.readouterr().err == ''

    def test_several_processes(self, monkeypatch):
        """Processes of one machine share its cores."""
        monkeypatch.setenv('LOCAL_WORLD_SIZE', '4')
        assert choose_threads() == 2
