"""Tests of the subset on the command line."""

import pytest

from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.annotation.edit import subset_tag_file
from tests.annotation.edit.build import mixed_file, person_ids

from .edit_tools import call, files


class TestSubsetTags:
    """Each option reaches the function."""

    @pytest.mark.parametrize(
        ('options', 'meaning'),
        [
            (['--located'], dict(kind='located')),
            (['--tagged'], dict(kind='tagged')),
            (['--with-views'], dict(with_views=True)),
            (['--max-persons', 5], dict(max_persons=5)),
            (['--max-persons', 5, '--seed', 4], dict(max_persons=5, seed=4)),
            (['--min-size', 40.5], dict(min_size=40.5)),
            (['--category', 'person'], dict(categories=['person'])),
            (['--images', 'list.txt'], dict(images=['day1/0001.jpg'])),
            (
                ['--images', 'list.txt', '--with-views', '--keep-images'],
                dict(images=['day1/0001.jpg'], with_views=True, keep_images=True),
            ),
        ],
        ids=str,
    )
    def test_options(self, tmp_path, options, meaning, capsys, monkeypatch):
        """The file is what the function makes, with a line that counts it."""
        monkeypatch.chdir(tmp_path)
        tags = mixed_file(12)
        tags.annotations[0]['bbox'] = [0, 0, 50, 50]
        tags.annotations[1].update(tag_views=[dict(bbox=[0, 0, 9, 9], keypoint_tags=[1, 1, 1])])
        tags.save('tags.json')
        (tmp_path / 'list.txt').write_text('day1/0001.jpg\r\n\n')
        done = call('subset_tags', 'tags.json', '--out', 'part.json', *options, capsys=capsys)
        assert done.status == 0, done.err
        expected = subset_tag_file(load_tag_file('tags.json'), **meaning)
        out = load_tag_file('part.json')
        assert out.to_dict() == expected.to_dict()
        assert 0 < len(out.annotations) <= 24
        if options != ['--category', 'person']:
            assert len(out.annotations) < 24
        assert done.out == (
            f'part.json: {len(out.images)} of 12 images, {len(person_ids(out))} of 24 persons\n'
        )

    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            (['--max-persons', 0], '--max-persons 0: give at least 1'),
            (['--min-size', 999], 'nobody is left'),
            (['--category', 'dog'], "no category is called 'dog'"),
            (['--images', 'no.txt'], 'no.txt: cannot be read'),
            (['--out', 'tags.json'], 'tags.json: would be written over'),
        ],
    )
    def test_wrong(self, tmp_path, options, message, capsys, monkeypatch):
        """A message, status 2, and no file."""
        monkeypatch.chdir(tmp_path)
        mixed_file(4).save('tags.json')
        done = call('subset_tags', 'tags.json', '--out', 'part.json', *options, capsys=capsys)
        assert done.status == 2
        assert message in done.err
        assert files(tmp_path) == ['tags.json']
