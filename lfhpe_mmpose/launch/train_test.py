"""Training and testing as the commands do them.

A config is completed by the command line, checked (``lfhpe_mmpose.launch.checks``) and handed
to MMEngine's runner.
"""

import logging
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from math import isfinite
from typing import Any, cast
from urllib.error import URLError

import mmengine
import torch.distributed as dist
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import FlexibleRunner, Runner
from torch.utils.data import DataLoader

from lfhpe_mmpose.engine.hooks import ProgressHook
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.evaluation.meaning import explain
from lfhpe_mmpose.files.writing import write_json, write_whole
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.machine import has_accelerator

from .command_line import is_first_process, load_config, merge_test_args, merge_train_args
from .runner import build_runner
from .starting import start_by_names
from .threads import choose_threads
from .work_dirs import keep_earlier_run, own_work_dir

# How long the first process may check a config; the checks of a large data set take a minute.
_SECONDS_OF_CHECKS = 300


def train(args: Namespace) -> None:
    """Train as the command line says.

    Raises:
        UserError: If the config, its data or its weights are invalid, or weights cannot be
            downloaded ('download').
    """
    cfg = load_config(args.config)
    merge_train_args(cfg, args)
    if is_first_process(args.launcher, on_machine=True) and not args.skip_checks:
        check_before_run(cfg, 'train')
    _choose_threads(cfg, 'train_dataloader')
    first = is_first_process(args.launcher)
    with own_work_dir(cfg.work_dir) if first else nullcontext():
        if not cfg.get('resume') and first:
            keep_earlier_run(cfg)
        start_by_names(cfg, first)
        with _first_process_reports(args.launcher):
            _start_cpu_processes(cfg)
            runner = build_runner(cfg)
        runner.register_hook(ExplainHook(), 'LOWEST')
        try:
            with reporting(runner):
                runner.train()
        except URLError as error:
            raise UserError(
                'download',
                args.config,
                f'Pretrained weights cannot be downloaded ({error}).',
                'Download the file of init_cfg on a machine with network and add '
                '--cfg-options model.backbone.init_cfg.checkpoint=PATH, or start from random '
                'weights by model.backbone.init_cfg=None.',
            ) from None


def test(args: Namespace) -> None:
    """Test as the command line says.

    Raises:
        UserError: If the config, its data or the checkpoint is invalid.
    """
    cfg = load_config(args.config)
    merge_test_args(cfg, args)
    if is_first_process(args.launcher, on_machine=True) and not args.skip_checks:
        check_before_run(cfg, 'test')
    _choose_threads(cfg, 'test_dataloader')
    with _first_process_reports(args.launcher):
        _start_cpu_processes(cfg)
        runner = Runner.from_cfg(cfg)
    if args.out:
        runner.register_hook(SaveMetricsHook(args.out), 'LOWEST')
    runner.register_hook(ExplainHook(), 'LOWEST')
    with reporting(runner):
        runner.test()


@contextmanager
def _first_process_reports(launcher: str) -> Iterator[None]:
    """Let the first process of a machine say what is wrong, before the others fail.

    It alone checks the config. The others meet the same fault sooner, and a launcher ends all
    processes when one has failed, so they wait to be ended.
    """
    try:
        yield
    except Exception:
        if not is_first_process(launcher, on_machine=True):
            time.sleep(_SECONDS_OF_CHECKS)
        raise


@contextmanager
def reporting(
    runner: Runner | FlexibleRunner, write: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Report progress while the log is silent (``ProgressHook``) until the run ends.

    MMEngine's notes about its own old functions are left out of the log.
    """
    hook = ProgressHook(write=write)
    runner.register_hook(hook)
    runner.logger.addFilter(_is_for_the_user)
    try:
        yield
    finally:
        hook.close()
        runner.logger.removeFilter(_is_for_the_user)


def _is_for_the_user(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(('"FileClient" will be', '"HardDiskBackend" is the'))


class SaveMetricsHook(Hook):
    """Write the metrics of a test to a file.

    Args:
        path: The file. Its suffix (.json, .yaml, .pkl) decides the format.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def after_test_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Write the file."""
        if metrics is None or runner.rank != 0:
            return
        if self.path.endswith('.json'):
            # JSON does not have NaN, which a metric without persons is.
            write_json(self.path, {k: v if isfinite(v) else None for k, v in metrics.items()})
            return
        with write_whole(self.path) as part:
            mmengine.dump(metrics, str(part))


class ExplainHook(Hook):
    """Log what the metrics of an evaluation mean; see ``explain``."""

    def after_val_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Log a sentence a metric."""
        self._log(runner, metrics, runner.val_dataloader)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Log a sentence a metric."""
        self._log(runner, metrics, runner.test_dataloader)

    def _log(
        self, runner: Runner, metrics: dict[str, Any] | None, loader: DataLoader[Any]
    ) -> None:
        for line in explain(metrics or {}, len(cast(Sized, loader.dataset))):
            runner.logger.info(line)


def _choose_threads(cfg: Config, loader: str) -> None:
    workers = (cfg.get(loader) or {}).get('num_workers', 0)
    choose_threads(workers, say=is_first_process(cfg.get('launcher', 'none')))


def _start_cpu_processes(cfg: Config) -> None:
    """Connect the processes of a run on the CPU; MMEngine would choose a GPU for each first."""
    if cfg.get('launcher', 'none') != 'pytorch' or has_accelerator():
        return
    options = dict(cfg.env_cfg.dist_cfg)
    seconds = options.get('timeout')
    if seconds:
        options['timeout'] = timedelta(seconds=seconds)
    dist.init_process_group(**options)
    cfg.setdefault(
        'model_wrapper_cfg',
        dict(
            type='MMDistributedDataParallel',
            broadcast_buffers=False,
            find_unused_parameters=cfg.get('find_unused_parameters', False),
        ),
    )
    cfg.model_wrapper_cfg.setdefault('device_ids', None)
