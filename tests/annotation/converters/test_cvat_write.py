"""Tests of writing for CVAT, and of reading it again."""

from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.converters import cvat
from lfhpe_mmpose.errors import UserError
from tests.refusal import refuses
from tests.tags.strategies import tag_files

from .making import NAMES, answers_of, listed, make_tags


class TestWrite:
    """CVAT's XML."""

    def test_round_trip(self, tmp_path):
        """Tags, views and boxes come back; no coordinate was written."""
        path = tmp_path / 'out.xml'
        cvat.write(make_tags(), str(path))
        read = cvat.read(str(path))
        assert read.names() == NAMES
        assert answers_of(read) == answers_of(make_tags())
        assert 'points' not in {e.tag for e in ElementTree.parse(path).iter()}
        assert [p.name for p in tmp_path.iterdir()] == ['out.xml']

    def test_locations(self, tmp_path):
        """Coordinates are written on request, as a skeleton of the same person."""
        path = tmp_path / 'out.xml'
        cvat.write(make_tags(), str(path), locations=True)
        read = cvat.read(str(path))
        assert answers_of(read) == answers_of(make_tags())
        assert read.annotations[2]['keypoints'] == make_tags().annotations[2]['keypoints']
        assert 'keypoints' not in read.annotations[0]

    @pytest.mark.parametrize(
        ('change', 'code'),
        [
            (lambda t: t.categories[0].update(name='View'), 'unwritable-name'),
            (lambda t: t.categories[0].update(keypoints=['a\n', 'b', 'c']), 'unwritable-name'),
            (lambda t: t.categories[0].update(keypoints=[' a', 'b', 'c']), 'unwritable-name'),
            (lambda t: t.annotations[0].update(bbox=[0, 0, 0, 5]), 'box'),
        ],
    )
    def test_faults(self, tmp_path, change, code):
        """What CVAT cannot hold is refused, and no file left behind."""
        tags = make_tags()
        change(tags)
        with refuses(code):
            cvat.write(tags, str(tmp_path / 'out.xml'))
        assert list(tmp_path.iterdir()) == []

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tags=tag_files(min_images=1), locations=st.booleans())
    def test_any_file(self, tmp_path, tags, locations):
        """Every file that is written comes back with the same persons."""
        path = str(tmp_path / 'any.xml')
        try:
            cvat.write(tags, path, locations)
        except UserError:
            assume(False)
        read = cvat.read(path)
        expected = answers_of(listed(tags))
        assert sorted(map(repr, answers_of(read))) == sorted(map(repr, expected))
        flags = [sorted(_coordinates(f)) for f in (read, tags)]
        assert flags[0] == (flags[1] if locations else [])


def _coordinates(tags):
    return [a['keypoints'] for a in tags.annotations if any(a.get('keypoints', [])[2::3])]
