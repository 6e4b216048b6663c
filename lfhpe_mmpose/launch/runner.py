"""MMEngine's runner that a config asks for, and the batch size that it learns from."""

from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import RUNNERS
from mmengine.runner import FlexibleRunner, Runner


class AccumulationRunner(Runner):
    """MMEngine's runner, whose scaled learning rate knows accumulated gradients.

    MMEngine takes the batch size of all processes for what a step learns from. With
    ``optim_wrapper.accumulative_counts=k`` a step learns from k batches of each.
    """

    def scale_lr(self, optim_wrapper: OptimWrapper, auto_scale_lr: dict | None = None) -> None:
        """Scale the learning rate by the persons of a step over ``base_batch_size``.

        Args:
            optim_wrapper (OptimWrapper): Its learning rates are changed.
            auto_scale_lr (dict, optional): ``enable`` and ``base_batch_size``.
        """
        counts = getattr(optim_wrapper, '_accumulative_counts', 1)
        if auto_scale_lr and auto_scale_lr.get('enable') and counts > 1:
            size = auto_scale_lr['base_batch_size']
            self.logger.info(
                f'A step takes the gradients of {counts} batches: base_batch_size={size} is '
                f'that of a step, {size / counts:g} that of a batch.'
            )
            auto_scale_lr = dict(auto_scale_lr, base_batch_size=size / counts)
        super().scale_lr(optim_wrapper, auto_scale_lr)


def build_runner(cfg: Config) -> Runner | FlexibleRunner:
    """Build the runner.

    Args:
        cfg (Config): The config. With ``strategy`` (FSDP and the like) or
            ``runner_type='FlexibleRunner'`` it is MMEngine's ``FlexibleRunner``;
            ``runner_type`` may name any registered one.

    Returns:
        Runner | FlexibleRunner: The runner.
    """
    if cfg.get('runner_type'):
        return RUNNERS.build(cfg)
    runner = FlexibleRunner if cfg.get('strategy') else AccumulationRunner
    return runner.from_cfg(cfg)
