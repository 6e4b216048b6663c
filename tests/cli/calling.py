"""Call ``lfhpe`` in this process, as its command line does."""

from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from lfhpe_mmpose.cli import main
from tests.conftest import ROOT, shrink


@dataclass
class Done:
    """How a call ended."""

    status: int
    out: str
    err: str


def status_of(*words: object) -> int:
    """Run ``lfhpe WORDS`` and return its exit status."""
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def write_tiny_cfg(folder: Path, people: Path, fraction: float = 0.25) -> Path:
    """Write the demo's config, made tiny, as a file that stands alone."""
    cfg = Config.fromfile(ROOT / 'configs' / 'synthetic' / 'lfhpe_synthetic-96x96_loc0.py')
    shrink(cfg, people, folder / 'work_dir')
    cfg.train_dataloader.dataset.pipeline[0].fraction = fraction
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1)
    cfg.log_level = 'INFO'
    path = folder / 'tiny.py'
    cfg.dump(path)
    return path
