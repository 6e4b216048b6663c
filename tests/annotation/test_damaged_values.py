"""Odd values in the files of plan, predictions and data sets: a UserError or nothing."""

import copy
import json
import random
from pathlib import Path

import pytest

from lfhpe_mmpose.annotation.plan import Settings, draw_pictures, load_plan, persons_from_file
from lfhpe_mmpose.annotation.plan.plan_file import earlier_plan, refuse_loss
from lfhpe_mmpose.annotation.plan.selection import not_answered
from lfhpe_mmpose.annotation.predictions import predicted_tag_file, read_mmpose_json
from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file

from .plan.conftest import NAMES, entries_of, photos, plan_photos  # noqa: F401  a fixture
from .prepare.samples import write_source

VALUES = [None, True, 0, -1, 1.5, 1e400, 10**30, '', 'x', '1', '../x', '\ud800', [], {}, [[1]]]
VALUES += [float('nan'), {'a': 1}, [None] * 4, 1e308]
NUMBER = 60


def damaged(data, rng: random.Random):
    """A copy with one to three values replaced, removed, doubled or nested."""
    data = copy.deepcopy(data)
    for _ in range(rng.randint(1, 3)):
        node, places = data, []
        while isinstance(node, dict | list) and node and rng.random() < 0.9:
            key = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
            places.append((node, key))
            node = node[key]
        if not places:
            continue
        holder, key = rng.choice(places[-2:])
        if isinstance(holder, dict) and rng.random() < 0.2:
            del holder[key]
        else:
            value = rng.choice([*VALUES, [holder[key]]])
            holder[key] = copy.deepcopy(value)
    return data


def survive(path: Path, use) -> None:
    """Damage a JSON file again and again; ``use`` returns or raises a UserError."""
    good = json.loads(path.read_text())
    refused = 0
    for seed in range(NUMBER):
        bad = json.dumps(damaged(good, random.Random(seed)))
        path.write_bytes(bad.encode('utf-8', 'surrogatepass'))
        try:
            use()
        except UserError:
            refused += 1
    assert NUMBER / 5 < refused < NUMBER
    path.write_text(json.dumps(good))
    use()


class TestPlan:
    """Boxes, known tags and earlier plans."""

    def test_files(self, photos, tmp_path):  # noqa: F811
        """A plan as a file of boxes, as known tags, as itself, and as an earlier plan."""
        out, images = tmp_path / 'out', entries_of(photos)
        plan_photos(photos, out)
        path = out / 'plan.json'
        settings = Settings(NAMES, views=3, image_size=32)
        good = load_tag_file(path)

        def boxes():
            entries, persons, _ = persons_from_file(str(path), str(photos), images)
            draw_pictures(entries, persons, 3, 0)

        survive(path, boxes)
        survive(path, lambda: not_answered([], good.annotations, load_tag_file(path)))
        survive(path, lambda: load_plan(path))
        survive(path, lambda: refuse_loss(out, earlier_plan(out, settings), _pictures(good)))


def _pictures(plan):
    """What refuse_loss compares: objects with a file."""
    return [type('P', (), p) for p in plan.rest['plan']['pictures']]


def test_predictions(photos, tmp_path):  # noqa: F811
    """JSON of MMPose's inferencer."""
    (photos / 'sub' / 'a.png').unlink()
    person = dict(keypoints=[[1, 2], [3, 4]], keypoint_scores=[0.9, 0.2], bbox=[[1, 2, 30, 40]])
    (tmp_path / 'a.json').write_text(json.dumps([dict(person, bbox_score=0.5)]))

    def use():
        persons, _ = read_mmpose_json(str(tmp_path / 'a.json'), str(photos), 2)
        predicted_tag_file(persons, NAMES, 'm').save(tmp_path / 'out.json')

    survive(tmp_path / 'a.json', use)


@pytest.mark.parametrize(
    ('kind', 'file'),
    [
        ('animalpose', 'keypoints.json'),
        ('animalpose-crops', 'annotations/train.json'),
        ('crowdpose', 'json/crowdpose_trainval.json'),
        ('aic', 'ai_challenger_keypoint_train_*/keypoint_train_annotations_*.json'),
    ],
)
def test_data_sets(kind, file, tmp_path):
    """The authors' files."""
    source = write_source(kind, tmp_path / 'source', 12)
    job = Job(source, tmp_path / 'out', progress=False)
    survive(next(source.glob(file)), lambda: prepare_dataset(kind, job))
