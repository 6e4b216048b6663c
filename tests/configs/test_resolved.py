"""Inheriting from a family's fraction 0 gives the config that was written out before."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config

from .recipes import LAYOUTS, PACKAGED

# Recorded from the configs when each was a flat file; `python -m tests.configs.test_resolved`
# records again after an intended change.
RECORD = Path(__file__).with_name('resolved.json')


def digest(path: Path) -> str:
    """A hash of everything that a config resolves to, without its data folder."""
    cfg = Config.fromfile(path, import_custom_modules=False)
    return hashlib.sha256(json.dumps(plain(cfg.to_dict())).encode()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """Sorted and with lists for tuples."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value, key=str)}
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


RECORDED = [path for path in PACKAGED if path.stem in json.loads(RECORD.read_text())]


@pytest.mark.parametrize('path', RECORDED, ids=[path.stem for path in RECORDED])
def test_resolved(path, monkeypatch):
    """Not one entry differs."""
    for layout in [*LAYOUTS.values(), dict(variable='LFHPE_OCHUMAN')]:
        monkeypatch.delenv(layout['variable'], raising=False)
    monkeypatch.delenv('LFHPE_RESNET18', raising=False)
    assert digest(path) == json.loads(RECORD.read_text())[path.stem]


if __name__ == '__main__':
    digests = {path.stem: digest(path) for path in PACKAGED}
    RECORD.write_text(json.dumps(digests, indent=1) + '\n')
