"""Tests of the keys and the drawing of a keypoint set."""

import pytest

from lfhpe_mmpose.annotation.asking.page.layout import describe, drawing, keys, order
from lfhpe_mmpose.datasets.synthetic import KEYPOINT_NAMES

PEOPLE = KEYPOINT_NAMES['coco']
ANIMAL = ['L_Eye', 'R_Eye', 'Nose', 'L_F_Paw', 'L_F_Elbow', 'L_B_Paw', 'TailBase']


def sides(names) -> list[str]:
    """The side of each name."""
    found = {'l': 'left', 'r': 'right'}
    return [found.get(name[:1].lower(), '') if '_' in name else '' for name in names]


class TestKeys:
    """A key for each keypoint."""

    @pytest.mark.parametrize('names', [PEOPLE, ANIMAL, [f'left_{i}' for i in range(35)]])
    def test_each_its_own(self, names):
        """No key twice, none missing, none that the page uses otherwise."""
        found = keys(names, sides(names))
        assert len(set(found)) == len(names) and all(len(key) == 1 for key in found)
        assert not set(found) & set('0-+=')

    def test_hands(self):
        """Right keypoints of the person are under the left hand."""
        found = dict(zip(PEOPLE, keys(PEOPLE, sides(PEOPLE))))
        assert found['right_wrist'] in 'qwertasdfg' and found['left_wrist'] in 'yuiophjkl'

    def test_too_many(self):
        """Whole bodies have more keypoints than keys; the rest is chosen by mouse."""
        names = [f'left_{i}' for i in range(133)]
        found = keys(names, sides(names))
        assert found.count('') == 133 - 35


class TestDrawing:
    """Where the keypoints lie in the drawing."""

    @pytest.mark.parametrize('names', [PEOPLE, ANIMAL, ['a', 'b', 'c'] * 20, ['Schulter links']])
    def test_inside(self, names):
        """Each inside the drawing, for names that nobody expected too."""
        places = drawing(names, sides(names))
        assert len(places) == len(names)
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)

    def test_person(self):
        """A person upright who faces the annotator."""
        found = dict(zip(PEOPLE, drawing(PEOPLE, sides(PEOPLE))))
        assert found['right_hip'][0] < 0.5 < found['left_hip'][0]
        assert found['nose'][1] < found['left_shoulder'][1] < found['left_knee'][1]

    def test_order(self):
        """Limb by limb: head, front legs, trunk, back legs."""
        assert [ANIMAL[i] for i in order(ANIMAL, sides(ANIMAL))][-4:] == [
            *('L_F_Elbow', 'L_F_Paw', 'TailBase', 'L_B_Paw')
        ]


def test_describe():
    """All parts are lists, so that they can be sent."""
    found = describe(PEOPLE, sides(PEOPLE), [(0, 1)])
    assert found['skeleton'] == [[0, 1]] and len(found['drawing']) == 17
