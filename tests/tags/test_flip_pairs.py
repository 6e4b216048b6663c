"""Tests of left and right told by name."""

import mmpose
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmengine.config import Config

from lfhpe_mmpose.tags.flip_pairs import flip_pairs, unpaired


def mmpose_sets():
    """MMPose's metainfo files."""
    from pathlib import Path

    return sorted(Path(mmpose.__path__[0], '.mim', 'configs', '_base_', 'datasets').glob('*.py'))


class TestFlipPairs:
    """The left and the right one of each pair."""

    @pytest.mark.parametrize(
        'left, right',
        [
            ('left_wrist', 'right_wrist'),
            ('wrist_left', 'wrist_right'),
            ('l_wrist', 'r_wrist'),
            ('wrist_l', 'wrist_r'),
            ('wrist.L', 'wrist.R'),
            ('LWrist', 'RWrist'),
            ('LeftWrist', 'RightWrist'),
            ('leftWrist', 'rightWrist'),
            ('wristLeft', 'wristRight'),
            ('eyeL', 'eyeR'),
            ('L_Eye', 'R_Eye'),
            ('left wrist', 'right wrist'),
            ('left-wrist', 'right-wrist'),
            ('LEFT_WRIST', 'RIGHT_WRIST'),
            ('leftwrist', 'rightwrist'),
            ('wristleft', 'wristright'),
            ('lsho', 'rsho'),
            ('left_front_paw', 'right_front_paw'),
            ('front_left_paw', 'front_right_paw'),
            ('L_F_Paw', 'R_F_Paw'),
            ('LF_paw', 'RF_paw'),
            ('paw_HL', 'paw_HR'),
            ('forelegL1', 'forelegR1'),
            ('left', 'right'),
            ('左 left', '左 right'),
            ('Left_wrist', 'right_wrist'),
            ('left_wrist', 'r_wrist'),
        ],
    )
    def test_spellings(self, left, right):
        """Each spelling is known, whichever comes first, and its rest stays alone."""
        assert flip_pairs(['nose', right, left]) == [(left, right)]
        assert flip_pairs([left, 'tail', right]) == [(left, right)]
        assert unpaired([left, right]) == []

    def test_both_sides_in_a_name(self):
        """All sides of a name are exchanged together."""
        names = [f'{a}_eye_{b}_corner' for a in ('left', 'right') for b in ('left', 'right')]
        assert set(flip_pairs(names)) == {(names[0], names[3]), (names[1], names[2])}

    def test_rear(self):
        """R is rear where left and right would not come out otherwise."""
        names = ['L_R_paw', 'R_R_paw', 'L_F_paw', 'R_F_paw']
        assert flip_pairs(names) == [('L_R_paw', 'R_R_paw'), ('L_F_paw', 'R_F_paw')]

    def test_ambiguous(self):
        """What could be paired in two ways is not paired, the surer spelling goes first."""
        assert flip_pairs(['leftEye', 'left_eye', 'r.eye']) == []
        names = ['left_eye', 'right_eye', 'l_eye', 'r_eye']
        assert flip_pairs(names) == [('left_eye', 'right_eye'), ('l_eye', 'r_eye')]

    @pytest.mark.parametrize('names', [['lip', 'rip'], ['nose', 'tail'], ['L5', 'L4'], [], ['']])
    def test_none(self, names):
        """Words that begin with l and r are no sides."""
        assert flip_pairs(names) == []
        assert unpaired(names) == []

    @pytest.mark.parametrize('path', mmpose_sets(), ids=lambda p: p.stem)
    def test_sets_of_mmpose(self, path):
        """No pair of MMPose's own sets is contradicted, none that a name tells is missed."""
        points = Config.fromfile(path).dataset_info['keypoint_info'].values()
        swap = {p['name']: p.get('swap') or p['name'] for p in points}
        pairs = flip_pairs(list(swap))
        assert all(swap[a] == b and swap[b] == a for a, b in pairs)
        known = {name for pair in pairs for name in pair}
        missed = {n for n, other in swap.items() if other != n} - known
        # The others are numbered points of faces and clothes.
        assert all(any(digit.isdigit() for digit in name) for name in missed), missed
        assert unpaired(list(swap)) == []

    @given(st.lists(st.text(max_size=8) | st.sampled_from(['left_a', 'right_a', 'R_a', 'l a'])))
    def test_any_names(self, names):
        """Any names: nobody is in two pairs, or in a pair and without partner."""
        pairs = flip_pairs(names)
        flat = [name for pair in pairs for name in pair]
        assert len(flat) == len(set(flat)) and set(flat) <= set(names)
        assert not set(flat) & set(unpaired(names))


class TestUnpaired:
    """Names with a side but without the other one."""

    def test_missing(self):
        """Full words and clear letters are told, in order."""
        names = ['right_knee', 'LWrist', 'tail', 'eye_l', 'leftfoot', 'left_hip', 'right_hip']
        assert unpaired(names) == ['right_knee', 'LWrist', 'eye_l', 'leftfoot']

    def test_unclear(self):
        """What may mean something else is not."""
        assert unpaired(['L5', 'upright', 'lip', 'rump', 'RGB', 'l', 'leg']) == []
