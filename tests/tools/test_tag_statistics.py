"""Tests of the counts on the command line."""

import json

from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.annotation.edit import tag_statistics
from tests.annotation.edit.build import mixed_file

from .edit_tools import call


class TestTagStatistics:
    """Table and JSON."""

    def test_table(self, tmp_path, capsys):
        """Eight persons, counted by hand."""
        mixed_file(4).save(tmp_path / 'tags.json')
        done = call('tag_statistics', tmp_path / 'tags.json', capsys=capsys)
        assert done.status == 0, done.err
        lines = done.out.splitlines()
        assert lines[2] == 'persons    8: 4 located, 4 tagged, 0 with nothing (0 crowds)'
        # Two persons with two tags each, two views with two tags each.
        assert lines[4] == 'questions  8 answered: 4 of persons, 4 of views; 2 a person asked'
        assert lines[-1].split() == ['right_wrist', '0', '0', '4', '0', '0', '4']

    def test_json(self, tmp_path, capsys):
        """What the function returns."""
        mixed_file(4).save(tmp_path / 'tags.json')
        done = call('tag_statistics', tmp_path / 'tags.json', '--json', capsys=capsys)
        assert json.loads(done.out) == tag_statistics(load_tag_file(tmp_path / 'tags.json'))

    def test_wrong_file(self, tmp_path, capsys):
        """A message alone."""
        (tmp_path / 'tags.json').write_text('[')
        done = call('tag_statistics', tmp_path / 'tags.json', capsys=capsys)
        assert done.status == 2
        assert 'tags.json: not a JSON file' in done.err
