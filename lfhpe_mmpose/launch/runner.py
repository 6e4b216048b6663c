"""The MMEngine runner of a config."""

from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.optim import OptimWrapper
from mmengine.registry import RUNNERS
from mmengine.runner import FlexibleRunner, Runner

from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.files.writing import write_whole


class WholeFiles:
    """Writes each checkpoint beside its place and renames it when it is complete.

    MMEngine writes under the final name, so that a full disk or a kill leaves a torn file there.
    """

    def save_checkpoint(self, out_dir: str, filename: str, *args: Any, **kwargs: Any) -> None:
        """Write a checkpoint; see ``mmengine.runner.Runner.save_checkpoint``.

        Raises:
            UserError: 'disk-full' or 'not-writable'.
        """
        save = super().save_checkpoint  # type: ignore[misc]
        path = Path(out_dir) / filename
        if not is_main_process() or is_remote(str(out_dir)) or _is_folder(self):
            save(out_dir, filename, *args, **kwargs)
            return
        with write_whole(path) as part:
            save(out_dir, part.name, *args, **kwargs)


class AccumulationRunner(WholeFiles, Runner):
    """MMEngine's runner, with a learning rate that scales with accumulated gradients.

    MMEngine counts the batches of all processes. With ``optim_wrapper.accumulative_counts=k`` a
    step learns from k batches of each.
    """

    def scale_lr(
        self, optim_wrapper: OptimWrapper, auto_scale_lr: dict[str, Any] | None = None
    ) -> None:
        """Scale the learning rate by the persons of a step over ``base_batch_size``."""
        counts = getattr(optim_wrapper, '_accumulative_counts', 1)
        if auto_scale_lr and auto_scale_lr.get('enable') and counts > 1:
            size = auto_scale_lr['base_batch_size']
            self.logger.info(
                f'A step accumulates {counts} batches: base_batch_size={size} refers to a step, '
                f'{size / counts:g} to a batch.'
            )
            auto_scale_lr = dict(auto_scale_lr, base_batch_size=size / counts)
        super().scale_lr(optim_wrapper, auto_scale_lr)


class WholeFlexibleRunner(WholeFiles, FlexibleRunner):
    """MMEngine's runner for a ``strategy``, with whole checkpoints."""


def _is_folder(runner: object) -> bool:
    """Whether the checkpoints of a strategy are folders with a part of each process."""
    strategy = getattr(runner, 'strategy', None)
    is_full = getattr(strategy, '_is_full_state_dict', None)
    return not is_full() if is_full else type(strategy).__name__.startswith('DeepSpeed')


def build_runner(cfg: Config) -> Runner | FlexibleRunner:
    """Build ``runner_type``, else a ``FlexibleRunner`` for a ``strategy``, else our runner."""
    if cfg.get('runner_type'):
        return RUNNERS.build(cfg)
    runner = WholeFlexibleRunner if cfg.get('strategy') else AccumulationRunner
    return runner.from_cfg(cfg)
