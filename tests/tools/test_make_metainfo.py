"""Tests of the metainfo file on the command line."""

import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from lfhpe_mmpose.tags import TagFile

from .edit_tools import call, files

NAMES = ['left_ear', 'right_ear', 'tip', 'cap', 'left_hand']


@pytest.fixture
def source(tmp_path):
    """A tag file with five keypoints."""
    TagFile.new(NAMES, [(1, 2), (3, 4)], category='thing').save(tmp_path / 'tags.json')
    return tmp_path / 'tags.json'


class TestMakeMetainfo:
    """From a tag file to a file for MMPose."""

    def test_defaults(self, source, tmp_path, capsys):
        """Names, limbs and pairs of the file; who has a side and no partner is told."""
        out = tmp_path / 'thing.py'
        done = call('make_metainfo', source, '--out', out, capsys=capsys)
        assert done.status == 0, done.err
        found = parse_pose_metainfo(dict(from_file=str(out)))
        assert found['dataset_name'] == 'thing'
        assert [found['keypoint_id2name'][i] for i in range(5)] == NAMES
        assert found['skeleton_links'] == [(0, 1), (2, 3)]
        assert found['flip_indices'] == [1, 0, 2, 3, 4]
        assert done.out.splitlines()[:3] == [
            f'{out}: keypoints: 5, limbs: 2',
            'flip pairs (1): left_ear = right_ear',
            'without a partner (3): tip, cap, left_hand',
        ]
        assert 'CHECK: left_hand: named after a side' in done.out

    def test_options(self, source, tmp_path, capsys):
        """Name, pairs and sigmas that were told; what is meant so is not asked about."""
        out = tmp_path / 'thing.py'
        options = ['--name', 'mine', '--swap', 'tip=cap', 'left_hand=left_hand']
        options += ['--sigma', 'tip=0.01', 'cap=0.02']
        done = call('make_metainfo', source, '--out', out, *options, capsys=capsys)
        assert done.status == 0, done.err
        found = parse_pose_metainfo(dict(from_file=str(out)))
        assert found['dataset_name'] == 'mine'
        assert found['flip_indices'] == [1, 0, 3, 2, 4]
        assert found['sigmas'][2:4].tolist() == pytest.approx([0.01, 0.02])
        assert 'flip pairs (2): left_ear = right_ear, tip = cap' in done.out
        assert 'CHECK' not in done.out

    def test_limbs(self, source, tmp_path, capsys):
        """Limbs by name come behind those of the file; a keypoint may have several."""
        out = tmp_path / 'thing.py'
        options = ['--limbs', 'tip=left_ear', 'tip=right_ear']
        done = call('make_metainfo', source, '--out', out, *options, capsys=capsys)
        assert done.status == 0, done.err
        found = parse_pose_metainfo(dict(from_file=str(out)))
        assert found['skeleton_links'] == [(0, 1), (2, 3), (2, 0), (2, 1)]

    def test_category(self, source, tmp_path, capsys):
        """One of several categories."""
        tags = TagFile.new(['a'], category='one')
        tags.categories.append(dict(id=2, name='two', keypoints=['b', 'c']))
        tags.save(source)
        out = tmp_path / 'two.py'
        assert call('make_metainfo', source, '--out', out, capsys=capsys).status == 2
        options = ['--category', 'two']
        assert call('make_metainfo', source, '--out', out, *options, capsys=capsys).status == 0
        assert parse_pose_metainfo(dict(from_file=str(out)))['num_keypoints'] == 2

    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            (['--swap', 'tip'], '--swap tip: write NAME=VALUE'),
            (['--swap', 'tip=cap', 'tip=left_ear'], 'each name once'),
            (['--swap', 'tip=cup'], "no keypoint is called 'cup'; did you mean 'cap'"),
            (['--sigma', 'tip=big'], "--sigma tip=big: 'big' is no number"),
            (['--sigma', 'tip=0'], 'sigma tip=0: give one above 0'),
            (['--limbs', 'tip'], '--limbs tip: write A=B'),
            (['--limbs', 'tip=tip'], '--limbs tip=tip: write A=B'),
            (['--limbs', 'tip=cup'], "no keypoint is called 'cup'; did you mean 'cap'"),
            (['--category', 'dog'], 'categories has 0 entries'),
            (['--out', 'thing.txt'], 'thing.txt: MMPose reads a metainfo file by the suffix .py'),
        ],
    )
    def test_wrong(self, source, tmp_path, options, message, capsys, monkeypatch):
        """A message, status 2, and no file."""
        monkeypatch.chdir(tmp_path)
        done = call('make_metainfo', source, '--out', 'thing.py', *options, capsys=capsys)
        assert done.status == 2
        assert message in done.err
        assert files(tmp_path) == ['tags.json']
