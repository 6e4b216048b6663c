"""Tests of merging on the command line."""

import pytest

from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.edit.build import mixed_file

from .edit_tools import call, files


@pytest.fixture
def pair(tmp_path):
    """Two files of one person, whose tags contradict one another once."""
    for name, tag in (('a', 0), ('b', 1)):
        tags = mixed_file(4)
        tags.annotations[2]['keypoint_tags'] = [1, tag, tag - 1]
        tags.save(tmp_path / f'{name}.json')
    return [tmp_path / 'a.json', tmp_path / 'b.json']


class TestMergeTags:
    """Files in, one file out."""

    def test_conflict(self, pair, tmp_path, capsys):
        """By default an error that names both, and nothing is written."""
        done = call('merge_tags', *pair, '--out', tmp_path / 'c.json', capsys=capsys)
        assert done.status == 2
        assert "annotations[2] (id 20).keypoint_tags['left_wrist'] is 1, but 0 in" in done.err
        assert files(tmp_path) == ['a.json', 'b.json']

    @pytest.mark.parametrize(('how', 'expected'), [('unknown', [1, -1, 0]), ('first', [1, 0, 0])])
    def test_settled(self, pair, tmp_path, how, expected, capsys):
        """Settled as asked, and counted."""
        out = tmp_path / 'c.json'
        done = call('merge_tags', *pair, '--out', out, '--conflicts', how, capsys=capsys)
        assert done.status == 0, done.err
        assert done.out.splitlines() == [
            f'{out}: 4 images, 8 persons of 2 files',
            f'joined: 4 images, 8 persons; 1 contradictions ({how})',
        ]
        assert load_tag_file(out).annotations[2]['keypoint_tags'] == expected

    def test_ids(self, tmp_path, capsys):
        """New ids are told, with what they mean for who is located."""
        tags = mixed_file(2)
        tags.save(tmp_path / 'a.json')
        for image in tags.images:
            image['file_name'] = 'b' + image['file_name']
        tags.save(tmp_path / 'b.json')
        command = [tmp_path / 'a.json', tmp_path / 'b.json', '--out', tmp_path / 'c.json']
        done = call('merge_tags', *command, capsys=capsys)
        assert 'new ids: 2 images, 4 persons. Who is located follows from the ids' in done.out
        assert len({p['id'] for p in load_tag_file(tmp_path / 'c.json').annotations}) == 8
        done = call('merge_tags', *command, '--keep-ids', capsys=capsys)
        assert done.status == 2
        assert 'image id 1 is taken' in done.err

    def test_occluded(self, tmp_path, capsys):
        """The option reaches the tags that coordinates stand for."""
        located, tagged = mixed_file(1), mixed_file(1)
        del tagged.annotations[0]['keypoints']
        tagged.annotations[0]['keypoint_tags'] = dict(nose=1)
        located.save(tmp_path / 'a.json')
        tagged.save(tmp_path / 'b.json')
        command = [tmp_path / 'a.json', tmp_path / 'b.json', '--out', tmp_path / 'c.json']
        call('merge_tags', *command, '--occluded', 'negative', capsys=capsys)
        person = load_tag_file(tmp_path / 'c.json').annotations[0]
        assert person['keypoint_tags'] == dict(nose=1, left_wrist=0, right_wrist=0)
        assert person['keypoints'] == located.annotations[0]['keypoints']

    def test_over_the_input(self, pair, capsys):
        """No input is written over."""
        done = call('merge_tags', *pair, '--out', pair[1], capsys=capsys)
        assert done.status == 2
        assert 'b.json: would be written over' in done.err
