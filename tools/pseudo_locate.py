"""Let a model locate the training persons of a config; LoadPseudoLocations reads the file."""

import argparse
import json
import sys
from pathlib import Path

from mmengine.config import DictAction

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file, or the short name of a packaged config')
    parser.add_argument('weights', help="the teacher: published weights, or a run's checkpoint")
    parser.add_argument('--out', default='pseudo_locations.json', help='file to write')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='key=value ...')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Predict the training set behind a closed door, and write what was found."""
    from mmengine.runner import Runner

    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.evaluation import predict_dataset
    from lfhpe_mmpose.launch.checks import check_before_run
    from lfhpe_mmpose.launch.command_line import load_config, merge_options

    cfg = load_config(args.config)
    merge_options(cfg, args.config, args.cfg_options)
    cfg.model.backbone.init_cfg = None
    model = init_model(cfg, args.weights)
    check_before_run(cfg, 'train')
    # The training persons without augmentation; nobody is located, so that nothing here
    # can have come from a coordinate.
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
    Path(args.out).write_text(json.dumps(dict(persons=persons)))
    print(f'\n{len(persons)} persons: {args.out}')


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
