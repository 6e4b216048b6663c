"""How many samples a data loader gives in a second.

Anything that is a ``train_dataloader`` of a config can be measured: another way to load (a
cache, another collate function) is another config in ``--loaders``.
"""

import copy
import time
from collections.abc import Callable, Iterable
from itertools import islice

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError

from .models import find_any_config, quiet

_PREFETCH = 2


def loader_config(name: str, data_root: str | None) -> dict:
    """The training loader of a config.

    Args:
        name (str): Its path, or the base name of a config of ours or of MMPose.
        data_root (str, optional): Folder of the data, in the place of the config's.

    Returns:
        dict: The loader's config.

    Raises:
        UserError: If there is no such config, or it has no training loader.
    """
    cfg = Config.fromfile(find_any_config(name))
    if 'train_dataloader' not in cfg:
        raise UserError(f'{name}: the config has no train_dataloader to measure.')
    loader = cfg.train_dataloader.to_dict()
    if data_root is not None:
        loader['dataset']['data_root'] = data_root
    return loader


class LoaderRun:
    """A loader whose data set is read once and whose speed is measured with any workers.

    Args:
        cfg (dict): A ``train_dataloader``. Its sampler is replaced by an endless one, so
            that the ends of epochs do not count.

    Raises:
        UserError: If the data set cannot be read.
    """

    def __init__(self, cfg: dict) -> None:
        init_default_scope('mmpose')
        self.cfg = copy.deepcopy(cfg)
        self.cfg['sampler'] = dict(type='InfiniteSampler', shuffle=True)
        self.cfg.pop('batch_sampler', None)
        try:
            with quiet():
                self.dataset = DATASETS.build(self.cfg.pop('dataset'))
                self.dataset.full_init()
        # MMPose's data sets assert that the file is there.
        except (OSError, AssertionError) as error:
            raise UserError(
                f'{error}\nThe data of --loaders cannot be read. Give their folder by --data-root.'
            ) from None

    def measure(self, workers: int, seconds: float, batches: int = 10**9) -> float:
        """Measure the speed once the workers are at work.

        Args:
            workers (int): Worker processes; 0 loads in this one.
            seconds (float): How long, at least two batches.
            batches (int): Batches at most. Defaults to no bound.

        Returns:
            float: Samples a second.
        """
        cfg = dict(self.cfg, dataset=self.dataset, num_workers=workers)
        cfg['persistent_workers'] = workers > 0
        cfg['prefetch_factor'] = _PREFETCH if workers else None
        with quiet():
            stream = iter(Runner.build_dataloader(cfg, seed=0))
        # What the workers had ready before the clock started would count as loaded in no time.
        for _ in islice(stream, max(1, workers * _PREFETCH)):
            pass
        return rate(stream, cfg['batch_size'], seconds, batches)


def rate(
    stream: Iterable,
    batch_size: int,
    seconds: float,
    batches: int,
    now: Callable[[], float] = time.perf_counter,
) -> float:
    """Samples a second of a stream of batches.

    Args:
        stream (Iterable): Endless.
        batch_size (int): Samples in a batch.
        seconds (float): How long to read, at least two batches.
        batches (int): Batches at most.
        now (Callable[[], float]): The clock.

    Returns:
        float: Samples a second.
    """
    start, count = now(), 0
    for _ in stream:
        count += 1
        if count >= 2 and (count >= batches or now() - start >= seconds):
            break
    return count * batch_size / (now() - start)
