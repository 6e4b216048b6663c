"""Tests of the metainfo file of a tag file."""

import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from lfhpe_mmpose.annotation.metainfo_file import MetainfoOptions, metainfo_file
from lfhpe_mmpose.tags import TagFile
from tests.refusal import refuses

NAMES = ['left_ear', 'right_ear', 'tip', 'cap', 'left_hand']


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A tag file with five keypoints; `made(...)` gives MMPose's reading, and what is printed."""
    monkeypatch.chdir(tmp_path)
    TagFile.new(NAMES, [(1, 2), (3, 4)], category='thing').save('tags.json')

    def made(out='thing.py', **options):
        text = metainfo_file('tags.json', out, MetainfoOptions(**options))
        return parse_pose_metainfo(dict(from_file=str(tmp_path / out))), text

    return made


class TestMetainfoFile:
    """From a tag file to a file for MMPose."""

    def test_defaults(self, made):
        """Names, limbs and pairs of the file; a side without a partner is reported."""
        found, text = made()
        assert found['dataset_name'] == 'thing'
        assert [found['keypoint_id2name'][i] for i in range(5)] == NAMES
        assert found['skeleton_links'] == [(0, 1), (2, 3)]
        assert found['flip_indices'] == [1, 0, 2, 3, 4]
        assert text.splitlines()[:3] == [
            'thing.py: keypoints: 5, limbs: 2',
            'flip pairs (1): left_ear = right_ear',
            'without a partner (3): tip, cap, left_hand',
        ]
        assert 'CHECK: left_hand: named after a side' in text

    def test_options(self, made):
        """Name, pairs, sigmas and limbs that are given; an intended one is not reported."""
        found, text = made(
            name='mine',
            swap=['tip=cap', 'left_hand=left_hand'],
            sigma=['tip=0.01', 'cap=0.02'],
            limbs=['tip=left_ear', 'tip=right_ear'],
        )
        assert found['dataset_name'] == 'mine'
        assert found['flip_indices'] == [1, 0, 3, 2, 4]
        assert found['sigmas'][2:4].tolist() == pytest.approx([0.01, 0.02])
        assert found['skeleton_links'] == [(0, 1), (2, 3), (2, 0), (2, 1)]
        assert 'flip pairs (2): left_ear = right_ear, tip = cap' in text
        assert 'CHECK' not in text

    def test_category(self, made):
        """One of several categories."""
        tags = TagFile.new(['a'], category='one')
        tags.categories.append(dict(id=2, name='two', keypoints=['b', 'c']))
        tags.save('tags.json')
        with refuses('keypoint-sets', place='tags.json'):
            made()
        assert made('two.py', category='two')[0]['num_keypoints'] == 2

    def test_stated(self, made):
        """Pairs that the file states go before those of the names, and options before both."""
        tags = TagFile.new(NAMES)
        tags.categories[0]['flip_pairs'] = [['tip', 'cap']]
        tags.save('tags.json')
        assert made('one.py')[0]['flip_indices'] == [0, 1, 3, 2, 4]
        assert made('two.py', swap=['tip=left_ear'])[0]['flip_indices'] == [2, 1, 0, 3, 4]

    def test_no_pair(self, made):
        """Keypoints without any pair are reported, unless the file says that there are none."""
        tags = TagFile.new(['0', '1', '2'])
        tags.save('tags.json')
        assert 'CHECK: none of the 3 keypoints' in made()[1]
        tags.categories[0]['flip_pairs'] = []
        tags.save('tags.json')
        assert 'CHECK' not in made('two.py')[1]

    @pytest.mark.parametrize(
        ('options', 'code', 'place'),
        [
            (dict(swap=['tip']), 'option', '--swap tip'),
            (dict(swap=['tip=cap', 'tip=left_ear']), 'option', '--swap tip=left_ear'),
            (dict(swap=['tip=cup']), 'unknown-keypoint', 'swap'),
            (dict(sigma=['tip=big']), 'option', '--sigma tip=big'),
            (dict(sigma=['tip=0']), 'sigma', 'tip=0'),
            (dict(limbs=['tip']), 'option', '--limbs tip'),
            (dict(limbs=['tip=tip']), 'option', '--limbs tip=tip'),
            (dict(limbs=['tip=cup']), 'unknown-keypoint', '--limbs tip=cup'),
            (dict(category='dog'), 'no-keypoints', 'tags.json'),
            (dict(out='thing.txt'), 'option', 'thing.txt'),
        ],
    )
    def test_wrong(self, made, tmp_path, options, code, place):
        """Nothing is written."""
        with refuses(code, place=place):
            made(**options)
        assert [path.name for path in tmp_path.iterdir()] == ['tags.json']
