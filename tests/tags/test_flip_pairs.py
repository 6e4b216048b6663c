"""Tests of left and right keypoints recognised by their names."""

import mmpose
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmengine.config import Config

from lfhpe_mmpose.tags.flip_pairs import (
    flip_pairs,
    no_pair_fault,
    pairs_faults,
    stated_pairs,
    swap_faults,
    unpaired,
)


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
            ('linkes_handgelenk', 'rechtes_handgelenk'),
            ('handgelenk_links', 'handgelenk_rechts'),
            ('poignet gauche', 'poignet droit'),
            ('épaule_gauche', 'épaule_droite'),
            ('e\u0301paule_gauche', '\u00e9paule_droite'),
            ('muñeca_izquierda', 'muñeca_derecha'),
            ('izq_mano', 'der_mano'),
            ('polso_sinistro', 'polso_destro'),
            ('polso_sx', 'polso_dx'),
            ('pulso_esquerdo', 'pulso_direito'),
            ('linkerpols', 'rechterpols'),
            ('linker_knie', 'rechter_knie'),
            ('lewy_nadgarstek', 'prawy_nadgarstek'),
            ('левое_запястье', 'правое_запястье'),
            ('Левая рука', 'Правая рука'),
            ('左手首', '右手首'),
            ('手腕_左', '手腕_右'),
            ('人左侧手腕', '人右侧手腕'),
            ('왼쪽손목', '오른쪽손목'),
            ('왼손목', '오른손목'),
            ('좌측 손목', '우측 손목'),
            ('좌어깨', '우어깨'),
            ('المعصم الأيسر', 'المعصم الأيمن'),
            ('يد_يسرى', 'يد_يمنى'),
            ('sol_bilek', 'sağ_bilek'),
            ('बायां कलाई', 'दायां कलाई'),
            ('बाएं_हाथ', 'दाएं_हाथ'),
            ('vänster_handled', 'höger_handled'),
            ('VänsterHand', 'HögerHand'),
            ('venstre_hånd', 'højre_hånd'),
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

    def test_letters(self):
        """g and d are sides if no other letter stands alone, as in lists of points a, b, c."""
        names = ['poignet_g', 'poignet_d', 'genou_g', 'genou_d', 'nez']
        assert flip_pairs(names) == [('poignet_g', 'poignet_d'), ('genou_g', 'genou_d')]
        assert flip_pairs([*names, 'point_a']) == []

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
        """Full words and clear letters are recognised, in order."""
        names = ['right_knee', 'LWrist', 'tail', 'eye_l', 'leftfoot', 'left_hip', 'right_hip']
        assert unpaired(names) == ['right_knee', 'LWrist', 'eye_l', 'leftfoot']
        names = ['genou_droit', 'левый глаз', '左手', '왼손', 'يسار', 'nez']
        assert unpaired(names) == names[:-1]

    def test_unclear(self):
        """What may mean something else is not."""
        names = [
            'L5',
            'upright',
            'lip',
            'rump',
            'RGB',
            'l',
            'leg',
            'Spitze_der_Nase',
            'sol',
            '우산',
        ]
        assert unpaired(names) == []


class TestFaults:
    """Flips that exchange too little, and pairs that are stated."""

    def test_no_pair(self):
        """Several keypoints without any pair; what the metainfo exchanges counts."""
        fault = no_pair_fault(['0', '1', '2', '3'])
        assert fault.code == 'no-flip-pair' and '4 keypoints' in fault.text
        assert no_pair_fault(['tip']) is None
        assert no_pair_fault(['left_a', 'right_a', 'b']) is None
        assert no_pair_fault(['0', '1'], [1, 0]) is None
        assert no_pair_fault(['left_a', 'right_a'], [0, 1]).code == 'no-flip-pair'

    @pytest.mark.parametrize(
        'flip, number', [([1, 0, 2], 0), ([0, 1, 2], 1), ([1, 1, 2], 1), ([1, 2, 0], 3)]
    )
    def test_swap(self, flip, number):
        """A flip that leaves a pair of the names, or is one-sided."""
        faults = list(swap_faults(['left_a', 'right_a', 'b'], flip))
        assert [fault.code for fault in faults] == ['metainfo-swap'] * number

    @pytest.mark.parametrize(
        'pairs, number',
        [
            ([['a', 'b']], 0),
            ([], 0),
            ('ab', 1),
            ([['a', 'x']], 1),
            ([['a', 'a']], 1),
            ([['a', 'b'], ['b', 'c']], 1),
            ([['a'], 5, [[], 'b']], 3),
        ],
    )
    def test_stated(self, pairs, number):
        """Pairs that a category states."""
        names = ['a', 'b', 'c']
        faults = list(pairs_faults(pairs, names))
        assert [fault.code for fault in faults] == ['flip-pairs'] * number
        stated = stated_pairs(dict(keypoints=names, flip_pairs=pairs))
        assert stated == (dict(pairs) if not number else None)
        assert stated_pairs(dict(keypoints=names)) is None
