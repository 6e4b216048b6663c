"""Made-up persons, their images and a session about them."""

import cv2
import numpy as np

from lfhpe_mmpose.annotation.asking import AskSession, SimulatedAnnotator
from lfhpe_mmpose.annotation.asking.costs import Costs
from lfhpe_mmpose.tags import TagFile

NAMES = ['nose', 'left_hand', 'right_hand', 'tail']
WIDTH, HEIGHT = 160, 120


def truth_of(persons: int, seed: int = 0) -> dict[int, np.ndarray]:
    """Coordinates and visibility (K, 3) of persons 1, 2, ...; some tails are not visible."""
    rng = np.random.default_rng(seed)
    out = {}
    for person in range(1, persons + 1):
        points = np.column_stack([rng.uniform(40, 120, 4), rng.uniform(20, 100, 4), np.ones(4)])
        points[3, 2] = person % 3 > 0
        out[person] = points
    return out


def write_plan(folder, persons: int = 6, secrets=None):
    """Write a tag file of persons in images of their own; ``secrets`` are coordinates in it."""
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    tags = TagFile.new(NAMES, [[1, 2], [1, 3]])
    for person in range(1, persons + 1):
        name = f'{person}.png'
        cv2.imwrite(str(folder / 'images' / name), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        tags.images.append(dict(id=person, file_name=name, width=WIDTH, height=HEIGHT))
        entry = dict(id=person, image_id=person, category_id=1, bbox=[30, 10, 100, 100])
        if secrets is not None:
            points = [v for x, y, flag in secrets[person] for v in (x, y, 2 * int(flag))]
            entry.update(keypoints=points, num_keypoints=4)
        tags.annotations.append(entry)
    path = folder / 'plan.json'
    tags.save(path)
    return path


class Clock:
    """A time that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def open_session(folder, persons: int = 6, **options) -> AskSession:
    """A session about persons, with its journal beside the plan."""
    path = folder / 'plan.json'
    if not path.exists():
        write_plan(folder, persons)
    return AskSession(path, folder / 'journal.jsonl', **{'clock': Clock(), **options})


def annotator(truth, name='anna', **options) -> SimulatedAnnotator:
    """An annotator who needs two seconds a picture and half a second a tick."""
    return SimulatedAnnotator(truth, seconds=Costs(), name=name, **options)


def answer_all(session: AskSession, *people: SimulatedAnnotator, most: int = 10_000) -> int:
    """Answer in turn until nothing is left; return the number of pictures."""
    count, at_work = 0, list(people)
    while at_work and count < most:
        for person in list(at_work):
            question = session.next(person.name)
            if question is None:
                at_work.remove(person)
                continue
            said = person(question)
            session.answer(person.name, question.id, said.values, said.seconds)
            count += 1
    return count
