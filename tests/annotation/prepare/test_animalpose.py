"""Animal-Pose from its authors' JSON, and crops of it."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.annotation.prepare.job import is_val
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import write_source

PAIRS = {'nose': 'Nose', 'tailbase': 'TailBase', 'left_ear': 'L_EarBase'}
PAIRS |= {'right_back_knee': 'R_B_Knee', 'left_front_paw': 'L_F_Paw', 'withers': 'Withers'}


@pytest.fixture
def source(tmp_path):
    """Twenty images of two animals."""
    return write_source('animalpose', tmp_path / 'source', 20)


def change(source, edit):
    """Change the file, or its first annotation."""
    data = json.loads((source / 'keypoints.json').read_text())
    edit(data)
    (source / 'keypoints.json').write_text(json.dumps(data))


def prepare(kind, source, tmp_path, **options):
    """Both parts, and the lines that were returned."""
    out = tmp_path / 'out'
    lines = prepare_dataset(kind, Job(source, out, progress=False, **options))
    folder = out / 'annotations'
    return *(load_tag_file(folder / f'animalpose_{s}.json') for s in ('train', 'val')), lines


class TestAnimalPose:
    """`prepare_dataset('animalpose')`."""

    def test_animals(self, source, tmp_path):
        """Each keypoint has its own coordinates under MMPose's name; corners become a box."""
        data = json.loads((source / 'keypoints.json').read_text())
        theirs = data['categories'][0]['keypoints']
        train, val, _ = prepare('animalpose', source, tmp_path)
        assert len(train.annotations) + len(val.annotations) == 40
        assert {i['id'] for i in train.images}.isdisjoint(i['id'] for i in val.images)
        assert all(is_val('animalpose', i['file_name']) for i in val.images) and val.images
        ours = train.names()
        assert ours[:6] == ['L_Eye', 'R_Eye', 'L_EarBase', 'R_EarBase', 'Nose', 'Throat']
        for animal in train.annotations + val.annotations:
            entry = data['annotations'][animal['id'] - 1]
            assert animal['image_id'] == entry['image_id']
            assert animal['species'] == ('dog' if entry['category_id'] == 1 else 'cat')
            assert animal['bbox'] == [2, 3, 54, 74]
            points = np.reshape(animal['keypoints'], (20, 3))
            for their, our in PAIRS.items():
                x, y, flag = entry['keypoints'][theirs.index(their)]
                assert points[ours.index(our)].tolist() == [x, y, 2 * flag]
            assert animal['num_keypoints'] == entry['num_keypoints']

    def test_what_is_dropped_is_counted(self, source, tmp_path):
        """Coordinates of an absent keypoint, and a keypoint outside its image."""

        def edit(data):
            first = data['annotations'][0]['keypoints']
            first[3], first[4] = [7, 8, 0], [300, 5, 1]

        change(source, edit)
        *parts, lines = prepare('animalpose', source, tmp_path)
        assert '1 coordinates of absent keypoints' in '\n'.join(lines)
        assert '1 keypoints outside their image' in '\n'.join(lines)
        (animal,) = [a for part in parts for a in part.annotations if a['id'] == 1]
        points = np.reshape(animal['keypoints'], (20, 3))
        names = parts[0].names()
        assert not points[[names.index('L_EarBase'), names.index('R_EarBase')]].any()

    def test_val_list(self, source, tmp_path):
        """A list decides the split."""
        (tmp_path / 'val.txt').write_text('2007_000003.jpg\n')
        _, val, _ = prepare('animalpose', source, tmp_path, val_list=tmp_path / 'val.txt')
        assert [i['file_name'] for i in val.images] == ['2007_000003.jpg']

    @pytest.mark.parametrize(
        ('edit', 'code', 'place'),
        [
            (lambda d: d.pop('categories'), 'structure', ''),
            (lambda d: d.update(images=[]), 'structure', ''),
            (lambda d: d['images'].update(x=1), 'malformed', 'images'),
            (lambda d: d['images'].update({'1': '\ud800.jpg'}), 'missing-image', ''),
            (lambda d: d['annotations'].insert(0, 3), 'malformed', '[0]'),
            (lambda d: d['categories'][0].update(id=[]), 'malformed', 'categories'),
            (lambda d: d['annotations'][0].update(category_id=9), 'unknown-category', '[0]'),
            (lambda d: d['annotations'][0].update(category_id=[]), 'unknown-category', '[0]'),
            (lambda d: d['annotations'][0].update(image_id=999), 'unknown-image', '[0].image_id'),
            (lambda d: d['annotations'][0].update(bbox=[9, 3, 5, 77]), 'box', '[0].bbox'),
            (lambda d: d['annotations'][0]['keypoints'].pop(), 'keypoint-count', '[0].keypoints'),
            (lambda d: d['annotations'][0]['keypoints'][1].pop(), 'visibility', 'keypoints[1]'),
            (
                lambda d: d['annotations'][0]['keypoints'][1].__setitem__(2, 2),
                'visibility',
                'keypoints[1]',
            ),
        ],
    )
    def test_wrong_entry(self, source, tmp_path, edit, code, place):
        """The entry is named."""
        change(source, edit)
        with refuses(code, place=place):
            prepare('animalpose', source, tmp_path)


class TestCrops:
    """`prepare_dataset('animalpose-crops')`."""

    def test_order_and_images(self, tmp_path):
        """MMPose's order; the images are unpacked once."""
        source = write_source('animalpose-crops', tmp_path / 'source', 3)
        before = load_tag_file(source / 'annotations' / 'train.json')
        train, _, lines = prepare('animalpose-crops', source, tmp_path)
        for old, new in zip(before.annotations, train.annotations, strict=True):
            theirs, ours = (np.reshape(a['keypoints'], (20, 3)) for a in (old, new))
            for their, our in PAIRS.items():
                row = ours[train.names().index(our)]
                assert (row == theirs[before.names().index(their)]).all()
        images = tmp_path / 'out' / 'images'
        assert len(list(images.iterdir())) == 6 and 'in place' in lines[0]
        first = next(images.iterdir())
        stamp = first.stat().st_mtime_ns
        prepare('animalpose-crops', source, tmp_path)
        assert first.stat().st_mtime_ns == stamp

    def test_damaged(self, tmp_path):
        """Other keypoints, and an archive that is cut off."""
        source = write_source('animalpose-crops', tmp_path / 'source', 3)
        (source / 'images_train.tar').write_bytes(b'x' * 600)
        with refuses('archive', place='images_train.tar'):
            prepare('animalpose-crops', source, tmp_path)
        text = (source / 'annotations' / 'train.json').read_text()
        (source / 'annotations' / 'train.json').write_text(text.replace('"nose"', '"snout"'))
        with refuses('keypoint-names', place='train.json'):
            prepare('animalpose-crops', source, tmp_path)
        text = text.replace('"file_name"', '"name"', 1)
        (source / 'annotations' / 'train.json').write_text(text)
        with refuses('malformed', place='images[0]'):
            prepare('animalpose-crops', source, tmp_path)
