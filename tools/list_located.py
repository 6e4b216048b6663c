"""Write the list of the persons that a config locates: image id and annotation id a line."""

import argparse
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
    parser.add_argument('--out', help='file to write (CSV); default: the screen')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='key=value ...')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """List the located persons of the training set."""
    from mmpose.registry import DATASETS

    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.launch.checks import check_before_run
    from lfhpe_mmpose.launch.command_line import load_config, merge_options
    from lfhpe_mmpose.tags.located import located_persons

    cfg = load_config(args.config)
    merge_options(cfg, args.config, args.cfg_options)
    check_before_run(cfg, 'train')
    dataset_cfg = cfg.train_dataloader.dataset
    steps = [s for s in dataset_cfg.get('pipeline', []) if s.type == 'WithholdLocations']
    if not steps:
        raise UserError(
            f'{args.config}: train_dataloader.dataset.pipeline has no WithholdLocations, so every '
            'person is located.'
        )
    dataset = DATASETS.build(dataset_cfg)
    persons = [dataset.get_data_info(i) for i in range(len(dataset))]
    located = located_persons(persons, steps[0].fraction, steps[0].get('seed', 0))
    text = 'image_id,annotation_id\n' + ''.join(f'{i},{a}\n' for i, a in located)
    if args.out:
        Path(args.out).write_text(text)
        print(
            f'{len(located)} of {len(persons)} persons are located '
            f'(fraction {steps[0].fraction:g}, seed {steps[0].get("seed", 0)}): {args.out}'
        )
    else:
        sys.stdout.write(text)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
