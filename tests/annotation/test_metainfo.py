"""Tests of keypoint sets made from tag files, read back by MMPose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from lfhpe_mmpose.annotation.metainfo import (
    DEFAULT_SIGMA,
    make_metainfo,
    metainfo_text,
    save_metainfo,
    swap_partners,
    without_partner,
)
from tests.refusal import refuses
from tests.tags.strategies import examples, keypoint_sets

BODY = ['nose', 'left_wrist', 'right_wrist', 'LeftKnee', 'RightKnee', 'tail']


def parsed(info: dict, folder) -> dict:
    """What MMPose reads from the file."""
    path = folder / 'keypoints_of_test.py'
    save_metainfo(info, path)
    return parse_pose_metainfo(dict(from_file=str(path)))


class TestMakeMetainfo:
    """Names, limbs, pairs."""

    def test_parsed(self, tmp_path):
        """MMPose reads names, limbs, pairs, halves and sigmas."""
        out = parsed(make_metainfo(BODY, [[1, 2], [4, 5]], 'mine'), tmp_path)
        assert out['dataset_name'] == 'mine'
        assert [out['keypoint_id2name'][i] for i in range(6)] == BODY
        assert out['skeleton_links'] == [(0, 1), (3, 4)]
        assert out['flip_indices'] == [0, 2, 1, 4, 3, 5]
        assert {tuple(sorted(p)) for p in out['flip_pairs']} == {(1, 2), (3, 4)}
        assert out['upper_body_ids'] == [0, 1, 2]
        assert out['lower_body_ids'] == [3, 4]
        expected = [0.026, 0.062, 0.062, 0.087, 0.087, DEFAULT_SIGMA]
        np.testing.assert_allclose(out['sigmas'], expected, atol=1e-7)
        np.testing.assert_array_equal(out['dataset_keypoint_weights'], np.ones(6))

    def test_coco(self, tmp_path):
        """From COCO's names come MMPose's own pairs and sigmas of COCO."""
        coco = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
        names = [coco['keypoint_id2name'][i] for i in range(17)]
        links = [[a + 1, b + 1] for a, b in coco['skeleton_links']]
        out = parsed(make_metainfo(names, links), tmp_path)
        for key in ('flip_indices', 'upper_body_ids', 'lower_body_ids', 'skeleton_links'):
            assert out[key] == coco[key], key
        np.testing.assert_array_equal(out['sigmas'], coco['sigmas'])

    @pytest.mark.parametrize('name', ['animalpose', 'ap10k'])
    def test_animals(self, name, tmp_path):
        """The pairs of MMPose's animals are found by their names."""
        theirs = parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))
        names = [theirs['keypoint_id2name'][i] for i in range(theirs['num_keypoints'])]
        out = parsed(make_metainfo(names), tmp_path)
        assert out['flip_indices'] == theirs['flip_indices']

    def test_default_sigma(self):
        """It is the median of COCO's 17, as the text says."""
        coco = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
        assert pytest.approx(np.median(coco['sigmas'])) == DEFAULT_SIGMA

    @pytest.mark.parametrize(
        ('name', 'sigma'),
        [
            ('l_knee', 0.087),
            ('kneeLeft', 0.087),
            ('LEFT_KNEE', 0.087),
            ('L_Eye', 0.025),
            ('left ear', 0.035),
            ('chip', DEFAULT_SIGMA),  # no hip
            ('year', DEFAULT_SIGMA),  # no ear
        ],
    )
    def test_words(self, name, sigma):
        """A joint is a word of the name, not a part of a word."""
        assert make_metainfo([name])['sigmas'] == [sigma]

    def test_own_sigma(self):
        """A sigma that was told."""
        assert make_metainfo(BODY, sigmas=dict(tail=0.1))['sigmas'][-1] == 0.1
        for wrong in (0, -1, float('nan'), float('inf')):
            with refuses('sigma', place='sigma tail='):
                make_metainfo(BODY, sigmas=dict(tail=wrong))
        with refuses('unknown-keypoint', place='sigma') as caught:
            make_metainfo(BODY, sigmas=dict(tial=1))
        assert "'tail'" in caught.value.remedy

    def test_colors(self):
        """Left, right and middle as in MMPose's sets; a pair that was told likewise."""
        names = ['left_x', 'right_x', 'nose', 'front', 'back']
        info = make_metainfo(names, [[1, 2], [3, 1], [1, 1]], swaps=dict(back='front'))
        colors = [point['color'] for point in info['keypoint_info'].values()]
        left, right, middle = [0, 255, 0], [255, 128, 0], [51, 153, 255]
        assert colors == [left, right, middle, left, right]
        limbs = [limb['color'] for limb in info['skeleton_info'].values()]
        assert limbs == [middle, left, left]

    def test_colors_without_pairs(self):
        """Where nothing is paired every keypoint has a colour of its own."""
        info = make_metainfo(['a', 'b', 'c'])
        assert len({tuple(p['color']) for p in info['keypoint_info'].values()}) == 3

    @pytest.mark.parametrize(
        'skeleton',
        [[[0, 1]], [[1, 7]], [[1]], [[1, 2, 3]], [['nose', 'tail']], [5], 'x', [[1, True]]],
    )
    def test_skeleton(self, skeleton):
        """A limb that is no pair of keypoint numbers."""
        with refuses('skeleton', place='f: skeleton[0]' if skeleton != 'x' else 'f'):
            make_metainfo(BODY, skeleton, where='f')

    @pytest.mark.parametrize('names', [[], ['a', 'a'], [''], ['{{ fileDirname }}']])
    def test_names(self, names):
        """Names that a metainfo file cannot hold."""
        with refuses('keypoint-names', place='f'):
            make_metainfo(names, where='f')


class TestSwaps:
    """Pairs that were told."""

    def test_told(self):
        """They go before those of the names, which are then free."""
        names = ['left_a', 'right_a', 'tip', 'cap', 'nose']
        assert swap_partners(names) == dict(left_a='right_a', right_a='left_a')
        found = swap_partners(names, dict(tip='cap', left_a='left_a'))
        assert found == dict(tip='cap', cap='tip')

    def test_both_ways(self):
        """Told in both directions it is one pair."""
        names = ['tip', 'cap']
        assert swap_partners(names, dict(tip='cap', cap='tip')) == dict(tip='cap', cap='tip')

    @pytest.mark.parametrize(
        ('swaps', 'code', 'place'),
        [
            (dict(tip='cup'), 'unknown-keypoint', 'swap'),
            (dict(xyz='cap'), 'unknown-keypoint', 'swap'),
            (dict(tip='cap', cap='nose'), 'swap', 'swap'),
            (dict(tip='cap', nose='cap'), 'swap', 'swap'),
        ],
    )
    def test_wrong(self, swaps, code, place):
        """Unknown names and two partners of one keypoint."""
        with refuses(code, place=place):
            swap_partners(['tip', 'cap', 'nose'], swaps)

    def test_without_partner(self):
        """Sides without a partner are reported, unless they are meant so."""
        names = ['left_a', 'right_b', 'left_c', 'right_c', 'nose']
        assert without_partner(names) == ['left_a', 'right_b']
        assert without_partner(names, dict(left_a='left_a')) == ['right_b']
        assert without_partner(names, dict(left_a='right_b')) == []
        assert without_partner(names, dict(left_a='left_c')) == ['right_b', 'right_c']


class TestFile:
    """The file itself."""

    @examples(25)
    @given(names=keypoint_sets(max_size=8), data=st.data())
    def test_any_names(self, tmp_path_factory, names, data):
        """Quotes, backslashes, scripts of all kinds: MMPose reads what was written."""
        names = [name for name in names if '{{' not in name] or ['a']
        ends = st.integers(1, len(names))
        limbs = data.draw(st.lists(st.lists(ends, min_size=2, max_size=2), max_size=4))
        info = make_metainfo(names, limbs, data.draw(st.text(max_size=5)).replace('{{', ''))
        out = parsed(info, tmp_path_factory.getbasetemp())
        assert [out['keypoint_id2name'][i] for i in range(len(names))] == names
        assert out['skeleton_links'] == [(a - 1, b - 1) for a, b in limbs]
        assert out['dataset_name'] == info['dataset_name']
        # A flip done twice changes nothing.
        flip = out['flip_indices']
        assert [flip[i] for i in flip] == list(range(len(names)))

    def test_text(self):
        """A plain Python file that says what it was made from."""
        text = metainfo_text(make_metainfo(['tip', 'cap'], [[1, 2]]), 'pens\n.json')
        assert text.startswith('# 2 keypoints, made from pens .json by lfhpe metainfo.\n')
        scope: dict = {}
        exec(text, scope)
        assert scope['dataset_info'] == make_metainfo(['tip', 'cap'], [[1, 2]])

    def test_suffix(self, tmp_path):
        """MMPose could not read another one."""
        with refuses('option', place='mine.txt'):
            save_metainfo(make_metainfo(['a']), tmp_path / 'mine.txt')
        assert not list(tmp_path.iterdir())

    def test_no_place(self, tmp_path):
        """A folder that cannot be made."""
        (tmp_path / 'file').touch()
        with refuses('not-writable', place='mine.py'):
            save_metainfo(make_metainfo(['a']), tmp_path / 'file' / 'mine.py')
