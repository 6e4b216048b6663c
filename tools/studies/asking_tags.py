"""Tag files of a simulated annotator, to train on.

python tools/studies/asking_tags.py lspet/annotations/train.json lspet/images --share 0.1 \
    --ask whole window window window window window window --out lspet/annotations/asked/w10.json

--ask names the kind of each picture: whole, window, confirm, or any (the kind that tells most).
The written file has no coordinate. tools/studies/asked.py trains on such files.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.annotation.asking.costs import Costs, count_ticks
from lfhpe_mmpose.annotation.asking.export import export_answers
from lfhpe_mmpose.annotation.asking.given import given_answers
from lfhpe_mmpose.annotation.asking.maps import ModelMaps, predict_maps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.asking.policy import best, question, window_draw
from lfhpe_mmpose.annotation.asking.prior import Prior
from lfhpe_mmpose.annotation.asking.questions import KINDS
from lfhpe_mmpose.annotation.asking.simulated import SimulatedAnnotator
from lfhpe_mmpose.annotation.asking.simulation import chosen, evidence_of
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import is_located


def main() -> None:
    """Ask, and write the answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('tags', help='COCO file with the truth')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('--out', required=True, help='tag file')
    parser.add_argument('--ask', nargs='+', required=True, choices=(*KINDS, 'any'))
    parser.add_argument('--share', type=float, default=1.0, help='persons that are asked about')
    parser.add_argument('--error', type=float, default=0.0, help='share of wrong answers')
    parser.add_argument(
        '--same',
        action='store_true',
        help='where windows are alike, take the same one of everybody, as sessions once did',
    )
    parser.add_argument('--answers', help='tag file with the answers given before')
    parser.add_argument('--model', help='config of a model to start from')
    parser.add_argument('--weights', help='its weights (default: the packaged ones)')
    args = parser.parse_args()

    plan = AskPlan(args.tags, args.images)
    plan.persons = {
        person: entry
        for person, entry in plan.persons.items()
        if is_located(entry.image_id, person, args.share)
    }
    truth = {
        a['id']: np.array(a['keypoints'], dtype=float).reshape(-1, 3)
        for a in plan.tags.annotations
    }
    prior = _prior(args, plan, truth)
    before = _before(args, plan)
    annotator = SimulatedAnnotator(truth, args.error)
    answers = {}
    for person, entry in plan.persons.items():
        belief = prior.belief(person, entry.grid())
        given = list(before.get(person, ()))
        for answer in given:
            belief.update(answer, args.error)
        for number, kind in enumerate(args.ask):
            kinds = KINDS if kind == 'any' else (kind,)
            draw = None if args.same else window_draw(0, person)
            proposal = best(belief, args.error, Costs(), kinds, draw)
            if proposal is None:
                continue
            answer = annotator(question(proposal, person, 0, number))
            belief.update(answer, args.error)
            given.append(answer)
        answers[person] = given
    out = export_answers(plan, answers, lambda _: args.error)
    out.save(args.out)
    total = sum(a.known() for given in answers.values() for a in given)
    seconds = sum(
        Costs().seconds(a.question.kind, count_ticks(a), new_person=not number)
        for given in answers.values()
        for number, a in enumerate(given)
    )
    points = sum(int((truth[person][:, 2] > 0).sum()) for person in answers)
    print(
        f'{len(answers)} persons, {total} answers ({total / len(answers):.1f} a person, '
        f'{seconds / len(answers):.1f} s by the default costs); '
        f'locating them takes {points} clicks: {total / points:.2f} answers a click'
    )


def _prior(args, plan, truth):
    """The belief before the first answer; a model's maps are fitted on 50 of the persons."""
    if args.model is None:
        return Prior(len(plan.keypoints))
    path = f'{args.out}.maps.npz'
    if not os.path.exists(path):
        predict_maps(args.model, args.weights, 'cpu', plan, path)
    prior = Prior(len(plan.keypoints), ModelMaps(path, plan.keypoints), plan.partners)
    some = list(plan.persons)[:50]
    prior.fit(evidence_of(plan, truth, chosen(), prior, args.error, 4, some))
    return prior


def _before(args, plan):
    if args.answers is None:
        return {}
    tags = load_tag_file(args.answers)
    return {
        a['id']: given_answers(a, plan.keypoints, where, plan.persons[a['id']].grid())
        for a, where in tags.with_index()
        if a['id'] in plan.persons
    }


if __name__ == '__main__':
    main()
