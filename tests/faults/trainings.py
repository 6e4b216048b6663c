"""Kill trainings at random moments, resume them, and compare with a training that was not killed.

python -m tests.faults.trainings --kills 50
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import torch
from mmengine.config import Config

from lfhpe_mmpose.datasets.synthetic import generate_people
from tests.conftest import ROOT, shrink
from tests.launch.killing import VARIANTS, survive


def main() -> int:
    """Kill, resume and compare; print what differs, and one line of counts."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--kills', type=int, default=50)
    parser.add_argument('--seed', type=int, default=0, help='of the moments of the kills')
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / 'people'
        generate_people(people, num_train=48, num_val=16, seed=3, keypoints='lsp', progress=False)
        recipe = ROOT / 'configs' / 'synthetic' / 'lfhpe_synthetic-96x96_loc0.py'
        total = 0
        for number, (name, changes) in enumerate(VARIANTS.items()):
            cfg = shrink(Config.fromfile(recipe), people, Path(folder))
            wanted = args.kills * (number + 1) // len(VARIANTS) - total
            start = time.monotonic()
            try:
                hits = survive(cfg, Path(folder) / name, wanted, args.seed, **changes)
            except AssertionError as error:
                print(f'{name}: {error}\ntrainings: more than {total} kills tried, 1 lost')
                return 1
            total += hits
            print(
                f'{name}: {hits} kills, every training bit-identical '
                f'({time.monotonic() - start:.0f} s)',
                flush=True,
            )
    print(f'trainings: {total} kills tried, 0 lost')
    return 0


if __name__ == '__main__':
    sys.exit(main())
