"""MPII from its MATLAB file."""

import json

import numpy as np
import pytest
import scipy.io

from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.annotation.prepare.job import is_val
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import EMPTY, mpii_person, struct, write_source

FILE = 'mpii_human_pose_v1_u12_1.mat'
FIRST_VAL = ['000000000.jpg', '000000015.jpg', '000000051.jpg']


@pytest.fixture
def source(tmp_path):
    """Twelve training images of two persons, one bare person, two test images."""
    return write_source('mpii', tmp_path / 'source')


def prepare(source, tmp_path, **options):
    """Both parts, and the lines that were printed."""
    out = tmp_path / 'out'
    lines = prepare_dataset('mpii', Job(source, out, progress=False, **options))
    files = [load_tag_file(out / 'annotations' / f'mpii_{s}.json') for s in ('train', 'val')]
    return *files, lines


def one_person(source, **changes):
    """Replace the file by one with a single person, known in all parts."""
    points = [dict(x=11.0, y=21.0, id=0.0, is_visible='0')]
    points += [dict(x=31.5, y=41.0, id=9.0, is_visible=EMPTY)]
    points += [dict(x=12.0, y=13.0, id=15.0, is_visible=1.0), dict(x=99.0, y=5.0, id=3.0)]
    person = dict(
        x1=21.0,
        y1=2.0,
        x2=29.0,
        y2=14.0,
        annopoints=struct([dict(point=struct(points))]),
        scale=0.25,
        objpos=struct([dict(x=30.0, y=40.0)]),
    )
    person.update(changes)
    names = [f'{15601864 + i:09d}.jpg' for i in range(12)]
    persons = [struct([mpii_person(np.random.default_rng(0))]) for _ in names]
    persons[0] = struct([person])
    entries = [dict(image=struct([dict(name=n)]), annorect=p) for n, p in zip(names, persons)]
    release = dict(annolist=struct(entries), img_train=np.ones((1, 12), dtype=np.uint8))
    scipy.io.savemat(source / FILE, dict(RELEASE=struct([release])), oned_as='row')
    return names[0]


class TestMpii:
    """`prepare_dataset('mpii')`."""

    def test_all_persons_once(self, source, tmp_path):
        """Every annotated person of a training image is in one part; images do not mix."""
        train, val, lines = prepare(source, tmp_path)
        assert len(train.annotations) + len(val.annotations) == 24
        assert {i['id'] for i in train.images}.isdisjoint(i['id'] for i in val.images)
        assert all(is_val('mpii', i['file_name']) for i in val.images)
        assert not any(is_val('mpii', i['file_name']) for i in train.images)
        assert '1 persons without a keypoint' in '\n'.join(lines)
        ids = [a['id'] for a in train.annotations + val.annotations]
        assert len(set(ids)) == 24

    def test_person(self, source, tmp_path):
        """Coordinates from 0, flags, box from place and scale, head box."""
        name = one_person(source)
        train, val, lines = prepare(source, tmp_path)
        part = val if is_val('mpii', name) else train
        person = next(a for a in part.annotations if a['id'] == 101)
        assert person['image_id'] == 15601864
        points = np.reshape(person['keypoints'], (16, 3))
        assert points[0].tolist() == [10, 20, 1]
        assert points[9].tolist() == [30.5, 40, 2]
        assert points[15].tolist() == [11, 12, 2]
        # Outside the image of 60 x 80, and nobody saw the rest.
        assert points[3].tolist() == [0, 0, 0]
        assert person['num_keypoints'] == 3 == (points[:, 2] > 0).sum()
        assert '1 keypoints outside their image' in '\n'.join(lines)
        assert person['bbox'] == [29 - 25, 39 + 3.75 - 25, 50, 50]
        assert person['head_box'] == [20, 1, 8, 12]

    @pytest.mark.parametrize(
        ('changes', 'reason'),
        [
            (dict(scale=EMPTY), 'without place or scale'),
            (dict(objpos=EMPTY), 'without place or scale'),
            (dict(x1=EMPTY), 'without a head box'),
            (dict(annopoints=EMPTY), 'without a keypoint'),
        ],
    )
    def test_incomplete_person(self, source, tmp_path, changes, reason):
        """A person that cannot be cropped or evaluated is left out and counted."""
        one_person(source, **changes)
        train, val, lines = prepare(source, tmp_path)
        assert 101 not in [a['id'] for a in train.annotations + val.annotations]
        assert f'1 persons {reason}' in '\n'.join(lines)

    def test_single_persons(self, source, tmp_path):
        """Those that stand apart: the second of even images, both of odd ones."""
        train, val, lines = prepare(source, tmp_path, persons='single')
        numbers = sorted(a['id'] for a in train.annotations + val.annotations)
        assert numbers[:4] == [102, 201, 202, 302]
        assert len(numbers) == 18
        assert 'do not stand apart' in '\n'.join(lines)

    @pytest.mark.parametrize('form', ['txt', 'mmpose', 'coco'])
    def test_val_list(self, source, tmp_path, form):
        """The customary list in each of its forms decides."""
        names = ['015601865.jpg', '015601870.jpg']
        path = tmp_path / ('val.txt' if form == 'txt' else 'val.json')
        path.write_text(
            {
                'txt': '\n'.join(names),
                'mmpose': json.dumps([dict(image=n, center=[1, 2]) for n in names]),
                'coco': json.dumps(dict(images=[dict(file_name=n) for n in names])),
            }[form]
        )
        _, val, _ = prepare(source, tmp_path, val_list=path)
        assert [i['file_name'] for i in val.images] == names
        assert len(val.annotations) == 4

    @pytest.mark.parametrize(
        ('name', 'text'), [('val.txt', 'abc.jpg'), ('val.json', '{"a": 1}'), ('val.json', '[1')]
    )
    def test_wrong_val_list(self, source, tmp_path, name, text):
        """A list of other images, or of another form."""
        path = tmp_path / name
        path.write_text(text)
        with refuses('val-list', place=path):
            prepare(source, tmp_path, val_list=path)

    def test_wrong_file(self, source, tmp_path):
        """A keypoint id that MPII does not have, another variable, a text file."""
        points = struct([dict(x=1.0, y=1.0, id=16.0)])
        one_person(source, annopoints=struct([dict(point=points)]))
        with refuses('malformed', place='annolist(1).annorect(1).annopoints.point(1)'):
            prepare(source, tmp_path)
        scipy.io.savemat(source / FILE, dict(other=1))
        with refuses('mat-file', place=FILE):
            prepare(source, tmp_path)
        (source / FILE).write_text('not a MATLAB file')
        with refuses('mat-file', place=FILE):
            prepare(source, tmp_path)

    def test_is_val_is_fixed(self):
        """The split of today is that of tomorrow; it is about a tenth."""
        names = [f'{i:09d}.jpg' for i in range(2000)]
        chosen = [name for name in names if is_val('mpii', name)]
        assert 160 < len(chosen) < 240
        assert chosen[:3] == FIRST_VAL
