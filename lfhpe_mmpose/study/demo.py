"""The demo: train without locations on generated people, test, and draw."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from lfhpe_mmpose.apis.publish import publish_model
from lfhpe_mmpose.datasets.synthetic import generate_people
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.evaluation import (
    blind_baselines,
    format_pck_table,
    load_people,
    pck,
    predict_dataset,
)
from lfhpe_mmpose.files.writing import write_json
from lfhpe_mmpose.launch.packaged import find_config
from lfhpe_mmpose.launch.runner import build_runner
from lfhpe_mmpose.launch.threads import choose_threads
from lfhpe_mmpose.launch.train_test import reporting
from lfhpe_mmpose.launch.work_dirs import latest_checkpoint
from lfhpe_mmpose.scores import NOT_CALIBRATED, SCORE_THRESHOLD, count_above
from lfhpe_mmpose.visualization import save_picture

from .cases import draw_cases

CONFIG = 'lfhpe_synthetic-96x96_loc0'
# Persons of the picture by their rank in the model's PCK, from bad to good.
_RANKS = (0.1, 0.3, 0.5, 0.7, 0.9)
# The recipe was tuned on the generator's people of seed 0; the demo uses others.
_FIRST_SEED = 1000


class EpochLineHook(Hook):
    """Print a line per epoch: loss, time since ``started``, and the time left."""

    priority = 'VERY_LOW'

    def __init__(self, started: float) -> None:
        self.started = started
        self.first_epoch: int | None = None

    def before_train_epoch(self, runner: Runner) -> None:
        """Remember the first epoch, which is not 0 for a resumed run."""
        if self.first_epoch is None:
            self.first_epoch = runner.epoch

    def after_train_epoch(self, runner: Runner) -> None:
        """Print the line."""
        done = runner.epoch + 1
        passed = time.time() - self.started
        left = passed / (done - self.first_epoch) * (runner.max_epochs - done)
        loss = runner.message_hub.get_scalar('train/loss').mean(50)
        print(
            f'  epoch {done:2d} of {runner.max_epochs}   loss {loss:.3f}   '
            f'{passed:4.0f} s, about {left:.0f} s left',
            flush=True,
        )


def run_demo(
    work_dir: Path, seed: int, train_size: int, val_size: int, epochs: int | None = None
) -> dict[str, Any]:
    """Generate people, train without locations, test, draw, and return ``summary.json``.

    An interrupted training continues from its last epoch; a finished one starts again.
    ``seed`` is that of people, views and training; ``epochs`` defaults to the config's.
    """
    started = time.time()
    cfg = _config(work_dir, seed, epochs)
    # The text about the supervision follows the pipeline itself.
    withhold = cfg.train_dataloader.dataset.pipeline[0]
    views, fraction = withhold.views, withhold.fraction
    if fraction != 0:
        fault = f'WithholdLocations has fraction={fraction}; the demo trains without locations.'
        raise UserError('config-value', find_config(CONFIG), fault, 'Set it to 0.')

    print(f'1. Making {train_size + val_size} synthetic people (seed {seed})', flush=True)
    generate_people(
        work_dir / 'data',
        num_train=train_size,
        num_val=val_size,
        seed=_FIRST_SEED + seed,
        keypoints='lsp',
    )
    print(
        f'2. Training for {cfg.train_cfg.max_epochs} epochs on tags alone: location fraction '
        f'{fraction:g}, {views} tagged views per person',
        flush=True,
    )
    # The test set is used once, after the training.
    val_dataloader = cfg.pop('val_dataloader')
    runner = _train(cfg, dict(seed=seed, train_size=train_size, epochs=cfg.train_cfg.max_epochs))

    print(f'3. Testing on {val_size} other people', flush=True)
    model = runner.model
    loader = Runner.build_dataloader(val_dataloader)
    train, val = load_people(runner.train_dataloader.dataset), load_people(loader.dataset)
    predictions = predict_dataset(model, loader)
    results = {'model': {t: pck(predictions.keypoints, val, t) for t in (0.1, 0.2)}}
    results.update(blind_baselines(train, val))
    print(f'\n{count_above(predictions.scores.ravel().tolist(), SCORE_THRESHOLD)}.')
    print(NOT_CALIBRATED)
    asked = len(train.boxes) * views * len(train.names)
    print()
    print(format_pck_table(results))
    print(
        f'\nUsed in training: pictures and boxes of {len(train.boxes)} people, and tags: which of '
        f'{len(train.names)} keypoints are\nvisible in each of {views} views of a person '
        f'({asked:,} yes/no answers, {views * len(train.names)} per person).\n'
        'Not used: coordinates (location fraction 0) and pretrained weights.\n'
        f'The mean pose has seen all coordinates of the {len(train.boxes)} people. No setting '
        'was chosen\non the tested people.\n'
    )

    picture = work_dir / 'picture.png'
    save_picture(draw_cases(model, loader.dataset, predictions.keypoints, val, _RANKS), picture)
    for old in work_dir.glob('weights-*.pth'):
        old.unlink()
    weights = publish_model(
        work_dir / 'training' / f'epoch_{cfg.train_cfg.max_epochs}.pth', work_dir / 'weights.pth'
    )
    summary = {
        'pck_0.1': results['model'][0.1].mean,
        'pck_0.2': results['model'][0.2].mean,
        'mean_pose_pck_0.1': results['mean_pose'][0.1].mean,
        'mean_pose_pck_0.2': results['mean_pose'][0.2].mean,
        'crop_centre_pck_0.1': results['crop_centre'][0.1].mean,
        'crop_centre_pck_0.2': results['crop_centre'][0.2].mean,
        'per_keypoint_pck_0.2': results['model'][0.2].per_keypoint,
        'location_fraction': fraction,
        'views_per_person': views,
        'train_persons': len(train.boxes),
        'val_persons': len(val.boxes),
        'seed': seed,
        'seconds': round(time.time() - started, 1),
        'picture': str(picture),
        'weights': str(weights),
    }
    write_json(work_dir / 'summary.json', summary, indent=2)
    print(f'Picture:  {picture}  (input, CAM, refined CAM, prediction, truth; bad to good)')
    print(f'Weights:  {weights}')
    print(f'Summary:  {work_dir / "summary.json"}  ({summary["seconds"]:.0f} s in all)')
    return summary


def _config(work_dir: Path, seed: int, epochs: int | None) -> Config:
    """The packaged config with the demo's data, without logs on the screen."""
    cfg = Config.fromfile(find_config(CONFIG))
    cfg.work_dir = str(work_dir / 'training')
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.data_root = str(work_dir / 'data')
    withhold = cfg.train_dataloader.dataset.pipeline[0]
    withhold.update(seed=seed, view_seed=seed)
    cfg.randomness = dict(seed=seed)
    if epochs is not None:
        cfg.train_cfg.max_epochs = epochs
        for scheduler in cfg.param_scheduler[1:]:
            scheduler.update(end=epochs, T_max=epochs)
    for key in ('val_cfg', 'val_evaluator', 'test_cfg', 'test_dataloader', 'test_evaluator'):
        cfg[key] = None
    cfg.default_hooks.checkpoint.update(type='WholeCheckpointHook', max_keep_ckpts=1)
    cfg.log_level = 'ERROR'
    return cfg


def _train(cfg: Config, settings: dict[str, Any]) -> Runner:
    """Train, or continue an interrupted training with the same settings."""
    work_dir = Path(cfg.work_dir)
    note = work_dir / 'demo.json'
    interrupted = note.is_file() and json.loads(note.read_text()) == settings
    if not interrupted:
        shutil.rmtree(work_dir, ignore_errors=True)
        work_dir.mkdir(parents=True)
        write_json(note, settings)
    cfg.load_from = latest_checkpoint(cfg.work_dir) if interrupted else None
    if cfg.load_from is not None:
        print('  continuing where the last call stopped', flush=True)
    cfg.resume = cfg.load_from is not None

    choose_threads(cfg.train_dataloader.num_workers)
    runner = build_runner(cfg)
    # Faster convolutions on a CPU.
    runner.model.to(memory_format=torch.channels_last)
    runner.register_hook(EpochLineHook(time.time()))
    with reporting(runner, lambda line: print(f'  {line}', flush=True)):
        runner.train()
    note.unlink()  # finished: the next call trains again
    return runner
