"""The MMEngine runner of a config."""

from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import RUNNERS
from mmengine.runner import FlexibleRunner, Runner


class AccumulationRunner(Runner):
    """MMEngine's runner, with a learning rate that scales with accumulated gradients.

    MMEngine counts the batches of all processes. With ``optim_wrapper.accumulative_counts=k`` a
    step learns from k batches of each.
    """

    def scale_lr(self, optim_wrapper: OptimWrapper, auto_scale_lr: dict | None = None) -> None:
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


def build_runner(cfg: Config) -> Runner | FlexibleRunner:
    """Build ``runner_type``, else a ``FlexibleRunner`` for a ``strategy``, else our runner."""
    if cfg.get('runner_type'):
        return RUNNERS.build(cfg)
    runner = FlexibleRunner if cfg.get('strategy') else AccumulationRunner
    return runner.from_cfg(cfg)
