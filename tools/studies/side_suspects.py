"""Girdles whose left and right two models contradict alike.

python tools/studies/side_suspects.py lspet/annotations/train.json lspet/images one.npz two.npz \
    --pairs left_shoulder left_hip --out docs/results/lspet_suspects.csv

The files are maps of two models (`lfhpe ask --model`, `lfhpe audit`). A girdle is contradicted if
its locations fit better with left and right exchanged, by at least a factor of two, for both.
"""

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.annotation.asking.maps import ModelMaps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.asking.prior import Prior
from lfhpe_mmpose.files.writing import write_text
from lfhpe_mmpose.scores import SCORE_RADIUS

LEAST_BITS = 1.0


def main() -> None:
    """Compare, and write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('truth', help='COCO file')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('maps', nargs=2, help='maps of two models')
    parser.add_argument('--pairs', nargs='+', required=True, help='a keypoint of each pair')
    parser.add_argument('--out', required=True)
    args = parser.parse_args()
    plan = AskPlan(args.truth, args.images)
    priors = [
        Prior(len(plan.keypoints), ModelMaps(path, plan.keypoints), plan.partners)
        for path in args.maps
    ]
    rows, girdles = [], 0
    for annotation in plan.tags.annotations:
        entry = plan.persons.get(annotation['id'])
        if entry is None:
            continue
        points = np.array(annotation['keypoints'], dtype=float).reshape(-1, 3)
        grid = entry.grid()
        tables = [prior.table(entry.id, grid) for prior in priors]
        for name in args.pairs:
            a = plan.keypoints.index(name)
            pair = [a, plan.partners[a]]
            if (points[pair, 2] <= 0).any():
                continue
            girdles += 1
            near = grid.within(points[pair, :2], SCORE_RADIUS * grid.size)
            bits = [_bits(table[pair, :-1], near) for table in tables]
            if min(bits) >= LEAST_BITS:
                rows.append((entry.id, entry.file, name.partition('_')[2], *bits))
    rows.sort(key=lambda row: -min(row[3:]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(('person', 'image', 'girdle', 'bits_1', 'bits_2'))
    writer.writerows((*row[:3], f'{row[3]:.2f}', f'{row[4]:.2f}') for row in rows)
    write_text(args.out, text.getvalue())
    share = 100 * len(rows) / girdles
    print(f'{len(rows)} of {girdles} girdles ({share:.1f}%) contradict both models: {args.out}')


def _bits(table: np.ndarray, near: np.ndarray) -> float:
    """How much more likely the two places are with the sides exchanged."""
    mass = table @ near.T + 1e-6
    return float(np.log2(mass[0, 1] * mass[1, 0] / (mass[0, 0] * mass[1, 1])))


if __name__ == '__main__':
    main()
