"""A short training of a tiny model, without anything but training in it."""

import copy

import torch
from mmengine.config import Config
from mmengine.runner import Runner


def train(cfg: Config, folder, **changes) -> Runner:
    """Train one epoch on the same random numbers each time; give the runner.

    Args:
        cfg: The fixture ``tiny_cfg``.
        folder: Work folder, a name of its own for each training of a process.
        changes: By dotted key.
    """
    cfg = copy.deepcopy(cfg)
    cfg.work_dir = str(folder)
    # MMEngine keeps visualizers by name, with the folder of the first run.
    cfg.experiment_name = cfg.visualizer.name = str(folder).replace('/', '-')
    cfg.train_dataloader.dataset.pipeline[0].update(fraction=0.5, views=3)
    cfg.train_dataloader.collate_fn = dict(type='tagged_collate')
    for stage in ('val', 'test'):
        for key in ('cfg', 'dataloader', 'evaluator'):
            cfg[f'{stage}_{key}'] = None
    cfg.default_hooks.checkpoint = None
    cfg.custom_hooks = []
    cfg.randomness = dict(seed=3)
    cfg.merge_from_dict(changes)
    torch.set_num_threads(1)
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def history(runner: Runner) -> dict:
    """All numbers that the message hub keeps, without times."""
    scalars = runner.message_hub.log_scalars
    return {
        name: buffer.data[0].tolist() for name, buffer in scalars.items() if 'time' not in name
    }
