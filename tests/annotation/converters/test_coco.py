"""Tests of COCO in and out."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings

from lfhpe_mmpose.annotation.converters import coco
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses
from tests.tags.strategies import mutated

from .making import NAMES, make_tags, save


class TestRead:
    """COCO files are tag files, checked."""

    def test_as_it_is(self, tmp_path):
        """Nothing is changed."""
        path = save(make_tags(), tmp_path)
        assert coco.read(str(path)).to_dict() == json.loads(path.read_text())
        coco.read(str(path), names=NAMES)

    def test_names(self, tmp_path):
        """Keypoints that differ from those given are refused, with the nearest name."""
        path = str(save(make_tags(), tmp_path))
        with refuses('keypoint-names', place=path) as caught:
            coco.read(path, names=['nose', 'left_wirst', 'right_wrist'])
        assert "Did you mean 'left_wrist'" in caught.value.fault
        with refuses('keypoint-names', place=path) as caught:
            coco.read(path, names=NAMES[::-1])
        assert 'order' in caught.value.fault
        with refuses('option', place=path):
            coco.read(path, plan=make_tags())

    @pytest.mark.parametrize(
        ('change', 'code', 'place'),
        [
            (lambda t: t.images[0].pop('width'), 'malformed', 'images[0] (id 1).width'),
            (lambda t: t.images[0].update(height=0), 'malformed', 'images[0] (id 1).height'),
            (lambda t: t.images[0].update(file_name=''), 'malformed', '.file_name'),
            (lambda t: t.categories.clear(), 'no-keypoints', 'tags.json'),
            (
                lambda t: t.categories[0].update(keypoints=['a', 'a', 'b']),
                'keypoint-names',
                'tags.json',
            ),
            (lambda t: t.categories[0].update(keypoints='nose'), 'malformed', 'keypoints'),
            (
                lambda t: t.annotations[2].update(image_id=9),
                'unknown-image',
                'annotations[2] (id 3).image_id',
            ),
            (
                lambda t: t.annotations[2].update(category_id=9),
                'unknown-category',
                'annotations[2] (id 3).category_id',
            ),
            (
                lambda t: t.annotations[2].update(category_id=[]),
                'malformed',
                'annotations[2] (id 3).category_id',
            ),
            (
                lambda t: t.annotations[2]['keypoints'].pop(),
                'keypoint-count',
                'annotations[2] (id 3).keypoints',
            ),
            (
                lambda t: t.annotations[2].update(keypoints=None),
                'keypoint-count',
                'annotations[2] (id 3).keypoints',
            ),
            (
                lambda t: t.annotations[2]['keypoints'].__setitem__(5, 3),
                'visibility',
                'left_wrist',
            ),
            (lambda t: t.annotations[2].update(bbox=[1, 2, 3]), 'box', '(id 3).bbox'),
            (
                lambda t: t.annotations[0].update(keypoint_tags=[1, 2, 0]),
                'wrong-tag',
                'annotations[0] (id 1).keypoint_tags[1]',
            ),
        ],
    )
    def test_faults(self, tmp_path, change, code, place):
        """What a data set would misread is refused at its entry."""
        tags = make_tags()
        change(tags)
        with refuses(code, place=place):
            coco.read(str(save(tags, tmp_path)))

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=mutated())
    def test_damaged(self, tmp_path, data):
        """A damaged file is read or refused, and what is read can be written."""
        path = tmp_path / 'damaged.json'
        path.write_text(json.dumps(data))
        with suppress(UserError):
            tags = coco.read(str(path))
            coco.write(tags, str(tmp_path / 'out.json'))


class TestWrite:
    """COCO files for other programs."""

    def test_complete(self, tmp_path):
        """What COCO's tools expect is added, tags stay, and pycocotools reads the file."""
        from pycocotools.coco import COCO

        tags = make_tags()
        out = tmp_path / 'out' / 'coco.json'
        coco.write(tags, str(out))
        assert tags == make_tags()
        written = load_tag_file(out)
        located = written.annotations[2]
        assert (located['area'], located['iscrowd'], located['num_keypoints']) == (20000, 0, 2)
        assert [a.get('keypoint_tags') for a in written.annotations] == [
            a.get('keypoint_tags') for a in tags.annotations
        ]
        assert 'keypoints' not in written.annotations[0]
        assert written.annotations[3]['bbox'] == [0, 0, 320, 240]
        index = COCO(str(out))
        assert index.getAnnIds(imgIds=[2], areaRng=[15000, 25000]) == [3]

    def test_located_only(self, tmp_path):
        """Persons without coordinates, and tags, can be left out."""
        out = tmp_path / 'coco.json'
        coco.write(make_tags(), str(out), located_only=True)
        assert [a['id'] for a in load_tag_file(out).annotations] == [3]
        coco.write(make_tags(), str(out), drop_tags=True)
        assert not any('keypoint_tags' in a for a in load_tag_file(out).annotations)

    def test_cannot_write(self, tmp_path):
        """A folder that cannot be made is reported."""
        (tmp_path / 'file').write_text('')
        with refuses('not-writable', place='coco.json'):
            coco.write(make_tags(), str(tmp_path / 'file' / 'coco.json'))
