"""Which training persons of a config are located, and locations that a model predicts instead."""

import json
import sys
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from lfhpe_mmpose.apis import init_model
from lfhpe_mmpose.apis.inputs import resolve_device
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.evaluation import predict_dataset
from lfhpe_mmpose.files.writing import write_text
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.tags.located import located_persons


def list_located(config: str, out: str | None, options: dict[str, Any] | None) -> None:
    """Write the located persons as CSV, to a file or to the screen.

    Raises:
        UserError: If the config withholds no locations, or its data cannot be used.
    """
    cfg = _load(config, options)
    check_before_run(cfg, 'train')
    dataset_cfg = cfg.train_dataloader.dataset
    steps = [s for s in dataset_cfg.get('pipeline', []) if s.type == 'WithholdLocations']
    if not steps:
        raise UserError(
            'no-withholding',
            f'{config}: train_dataloader.dataset.pipeline',
            'There is no WithholdLocations, so every person is located.',
        )
    dataset = DATASETS.build(dataset_cfg)
    persons = [dataset.get_data_info(i) for i in range(len(dataset))]
    fraction, seed = steps[0].fraction, steps[0].get('seed', 0)
    located = located_persons(persons, fraction, seed)
    text = 'image_id,annotation_id\n' + ''.join(f'{i},{a}\n' for i, a in located)
    if out is None:
        sys.stdout.write(text)
        return
    write_text(out, text)
    print(
        f'{len(located)} of {len(persons)} persons are located '
        f'(fraction {fraction:g}, seed {seed}): {out}'
    )


def pseudo_locate(config: str, weights: str, out: str, options: dict[str, Any] | None) -> int:
    """Write a model's keypoints for the training persons; ``LoadPseudoLocations`` reads them.

    The persons are not augmented, and none is located: nothing in the file can come from an
    annotated coordinate.

    Returns:
        The number of persons.
    """
    cfg = _load(config, options)
    model = init_model(cfg, weights, resolve_device(None))
    check_before_run(cfg, 'train')
    dataset = cfg.train_dataloader.dataset.copy()
    dataset.pipeline = cfg.val_dataloader.dataset.pipeline
    dataset.pipeline[0].fraction = 0.0
    dataset.test_mode = True
    loader = Runner.build_dataloader({**cfg.val_dataloader, 'dataset': dataset})
    found = predict_dataset(model, loader, progress=True)
    persons = []
    for i, (points, scores) in enumerate(zip(found.keypoints, found.scores)):
        info = loader.dataset.get_data_info(i)
        rows = [[*map(float, xy.round(2)), round(float(s), 4)] for xy, s in zip(points, scores)]
        persons.append([info['img_id'], info['id'], rows])
    write_text(out, json.dumps(dict(persons=persons)))
    return len(persons)


def _load(config: str, options: dict[str, Any] | None) -> Config:
    cfg = load_config(config)
    merge_options(cfg, config, options)
    return cfg
