"""How good labels are after so many answers and seconds, by a simulated annotator.

python tools/studies/asking.py lspet train.json images/ --out docs/results/asking.csv
python tools/studies/asking.py lspet-model train.json images/ --out docs/results/asking.csv \
    --model lfhpe_res18_lspet-128x128_loc0

Rows of other names in the file are kept. No network is trained.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.annotation.asking.maps import ModelMaps, write_maps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.asking.prior import Prior
from lfhpe_mmpose.annotation.asking.simulation import (
    chosen,
    evidence_of,
    random_views,
    simulate,
)
from lfhpe_mmpose.files.writing import write_whole

ERRORS = (0.0, 0.02, 0.05)
# Pictures that are written down.
SHOWN = (0, 1, 2, 3, 4, 6, 8, 12, 16)
COLUMNS = (
    'data',
    'strategy',
    'error',
    'pictures',
    'pck01',
    'pck02',
    'settled',
    'answers',
    'seconds',
)


def main() -> None:
    """Simulate and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name', help='name of the data in the table')
    parser.add_argument('tags', help='COCO file with the truth')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('--out', required=True, help='CSV file')
    parser.add_argument('--persons', type=int, default=1000)
    parser.add_argument('--model', help='config of a model to start from')
    parser.add_argument('--weights', help='its weights (default: the packaged ones)')
    parser.add_argument('--maps', help='file of its maps, written if it is missing')
    args = parser.parse_args()
    plan = AskPlan(args.tags, args.images)
    plan.persons = dict(list(plan.persons.items())[: args.persons])
    truth = {
        a['id']: np.array(a['keypoints'], dtype=float).reshape(-1, 3)
        for a in plan.tags.annotations
    }
    rows = []
    for error in ERRORS:
        for name, strategy, prior, pictures in _strategies(args, plan, truth, error):
            start = time.time()
            curve = simulate(plan, truth, strategy, prior, error, pictures)
            for n in SHOWN:
                if n <= pictures:
                    numbers = (
                        *curve.near[n],
                        curve.settled[n],
                        curve.answers[n],
                        curve.seconds[n],
                    )
                    rows.append([args.name, name, error, n, *(f'{v:.3f}' for v in numbers)])
            print(f'{args.name} {name} {error}: {time.time() - start:.0f} s', flush=True)
            _write(args.out, rows)


def _strategies(args, plan, truth, error):
    keypoints = len(plan.keypoints)
    if args.model is None:
        flat = Prior(keypoints)
        yield 'random views', random_views(plan), flat, 16
        yield 'windows', chosen(('window',)), flat, 8
        yield 'all kinds', chosen(), flat, 12
        return
    path = args.maps or os.path.join(tempfile.mkdtemp(), 'maps.npz')
    if not os.path.exists(path):
        import torch

        from lfhpe_mmpose.apis import init_model

        torch.set_num_threads(1)
        write_maps(init_model(args.model, args.weights), plan, path)
    prior = Prior(keypoints, ModelMaps(path, plan.keypoints), plan.partners)
    some = list(plan.persons)[:50]
    prior.fit(evidence_of(plan, truth, chosen(), prior, error, 4, some))
    print(f'temperature {prior.temperature}, mixture {prior.mixture.round(3)}', flush=True)
    yield 'windows after a model', chosen(('window',)), prior, 8
    yield 'confirm, then windows', chosen(('window',), ('confirm',)), prior, 8
    yield 'confirm only', chosen(('confirm',)), prior, 4
    yield 'all kinds after a model', chosen(), prior, 12


def _write(path, rows):
    names = {row[0] for row in rows}
    kept = []
    if os.path.exists(path):
        with open(path, newline='', encoding='utf-8') as file:
            kept = [row for row in list(csv.reader(file))[1:] if row[0] not in names]
    with write_whole(path) as part, open(part, 'w', newline='', encoding='utf-8') as file:
        csv.writer(file, lineterminator='\n').writerows([COLUMNS, *kept, *rows])


if __name__ == '__main__':
    main()
