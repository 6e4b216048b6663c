"""Training files of four species each, to see what the fifth learns from them.

python tools/studies/species.py animalpose/annotations/animalpose_train.json

Writes animalpose/annotations/species/without_dog.json and so on, for tools/studies/animalpose.py.
The locations stay in these files; the study withholds them, as it does those of the whole file.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.tags import load_tag_file


def main() -> None:
    """Write a file for each species."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('tags', type=Path, help='COCO file whose annotations name their species')
    args = parser.parse_args()
    folder = args.tags.parent / 'species'
    folder.mkdir(exist_ok=True)
    species = {a['species'] for a in load_tag_file(str(args.tags)).annotations}
    for name in sorted(species):
        tags = load_tag_file(str(args.tags))
        tags.annotations = [a for a in tags.annotations if a['species'] != name]
        kept = {a['image_id'] for a in tags.annotations}
        tags.images = [image for image in tags.images if image['id'] in kept]
        tags.save(str(folder / f'without_{name}.json'))
        print(f'without_{name}.json: {len(tags.annotations)} animals')


if __name__ == '__main__':
    main()
