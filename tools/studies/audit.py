"""How many of the first suspects of an audit are labels that were spoilt on purpose.

python tools/studies/audit.py lspet/annotations/val.json lspet/images \
    --model lfhpe_res18_lspet-128x128_loc0 --work-dir audit

Tags of four views are taken from the truth. Then the sides of 5% of the persons are exchanged in
all their tags, and 2% of all answers are turned. docs/audit.md has the results.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.annotation.asking.maps import ModelMaps, predict_maps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.audit.audit import audit_maps
from lfhpe_mmpose.annotation.withhold import withhold
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import person_hash

SIDES, ANSWERS = 0.05, 0.02


def main() -> None:
    """Spoil, audit, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('truth', help='COCO file')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('--model', required=True)
    parser.add_argument('--weights', help='default: the packaged ones')
    parser.add_argument('--work-dir', required=True)
    parser.add_argument('--sides', type=float, default=SIDES)
    parser.add_argument('--answers', type=float, default=ANSWERS)
    parser.add_argument('--first', type=int, default=50)
    args = parser.parse_args()
    folder = Path(args.work_dir)
    folder.mkdir(parents=True, exist_ok=True)
    tags = withhold(load_tag_file(args.truth), views=4)
    swapped, turned = spoil(tags, AskPlan(args.truth, args.images).partners, args)
    tags.save(folder / 'spoilt.json')
    plan = AskPlan(folder / 'spoilt.json', args.images)
    maps = folder / 'maps.npz'
    if not maps.exists():
        predict_maps(args.model, args.weights, 'cpu', plan, maps, True)
    audit = audit_maps(plan, ModelMaps(maps, plan.keypoints), progress=True)
    print(f'{len(swapped)} persons with exchanged sides, {len(turned)} turned answers')
    print(f'{len(audit.suspects)} suspects among {audit.labels} labels; mixture {audit.mixture}')

    def right(suspect):
        if suspect.kind == 'sides':
            return suspect.person in swapped
        return (suspect.person, suspect.view, suspect.keypoints[0]) in turned

    for kind in ('sides', 'answer', 'all'):
        some = [s for s in audit.suspects if kind in (s.kind, 'all') and s.kind != 'box']
        first = some[: args.first]
        hits = sum(map(right, first))
        print(f'{kind}: {hits} of the first {len(first)} were spoilt ({len(some)} in all)')
    print('kinds of the first:', Counter(s.kind for s in audit.suspects[: args.first]))


def spoil(tags, partners, args):
    """Exchange sides and turn answers, in place; return whose, and which."""
    swapped, turned = set(), set()
    for person in tags.annotations:
        rows = [person['keypoint_tags']] + [v['keypoint_tags'] for v in person['tag_views']]
        if _draw(person['id'], 'sides') < args.sides:
            swapped.add(person['id'])
            for row in rows:
                row[:] = [row[p] for p in partners]
        for view, row in enumerate(rows):
            for k, tag in enumerate(row):
                if tag in (0, 1) and _draw(person['id'], f'{view} {k}') < args.answers:
                    row[k] = 1 - tag
                    turned.add((person['id'], view, k))
    return swapped, turned


def _draw(person, purpose):
    return float(np.float64(person_hash(0, 0, person, f'spoil {purpose}')) / 2**64)


if __name__ == '__main__':
    main()
