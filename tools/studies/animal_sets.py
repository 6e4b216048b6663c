"""Training files of four of the five species each, and of 100, 300 and 1,000 animals.

python tools/studies/animal_sets.py animalpose/annotations/animalpose_train.json

Writes animalpose/annotations/sets/without_dog.json, of_100.json and so on, for the study in
animalpose.py. The locations stay in these files; the study withholds them, as it does those of the
whole file. Smaller sets are parts of larger ones.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import person_hash

NUMBERS = (100, 300, 1000)


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('tags', type=Path, help='COCO file whose annotations name their species')
    args = parser.parse_args()
    (args.tags.parent / 'sets').mkdir(exist_ok=True)
    animals = load_tag_file(str(args.tags)).annotations
    for species in sorted({a['species'] for a in animals}):
        rest = [a['id'] for a in animals if a['species'] != species]
        write(args.tags, f'without_{species}', rest)
    order = sorted(animals, key=lambda a: person_hash(0, a['image_id'], a['id'], 'number'))
    for number in NUMBERS:
        write(args.tags, f'of_{number}', [a['id'] for a in order[:number]])


def write(path: Path, name: str, ids: Iterable[int]) -> None:
    """Write the part of a file that has these annotations."""
    tags, kept = load_tag_file(str(path)), set(ids)
    tags.annotations = [a for a in tags.annotations if a['id'] in kept]
    images = {a['image_id'] for a in tags.annotations}
    tags.images = [image for image in tags.images if image['id'] in images]
    tags.save(str(path.parent / 'sets' / f'{name}.json'))
    print(f'{name}.json: {len(tags.annotations)} animals')


if __name__ == '__main__':
    main()
