"""Peak memory of a model in a process of its own."""

import numpy as np
import pytest

from lfhpe_mmpose.benchmark import memory
from lfhpe_mmpose.benchmark.memory import measure_memory
from lfhpe_mmpose.errors import UserError


def question(name: str) -> dict:
    """What is asked about a tiny model."""
    return dict(name=name, input_size=None, mode='float32', device='cpu', batch_size=8,
                train_batch_size=8, threads=1)  # fmt: skip


def test_measures(configs):
    """Some memory, more in training; that of the asking process does not count."""
    mine = np.ones(400 * 2**20, dtype=np.uint8)
    found = measure_memory(question(configs[0]))
    assert mine.sum() == len(mine)
    assert 1 < found['inference'] < found['training'] < 300


def test_failure(monkeypatch):
    """A process that fails says why; one that is killed is skipped."""
    monkeypatch.setattr(memory.sys, 'executable', '/bin/false')
    with pytest.raises(UserError, match='was not measured'):
        measure_memory(question('ours'))
    monkeypatch.setattr(
        memory.subprocess, 'run', lambda *a, **k: type('Done', (), dict(returncode=-9))
    )
    assert measure_memory(question('ours')) == dict(skipped='ended by signal 9')
