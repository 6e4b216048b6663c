"""Tests of importing and exporting tags from the command line."""

from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.converters.making import DATA, make_tags, save

XML = DATA / 'cvat_for_images.xml'


def test_import(lfhpe, tmp_path):
    """What was read is printed, and what comes next."""
    done = lfhpe('import', 'cvat', XML, '--out', 'new/tags.json')
    assert done.status == 0, done.err
    assert '5: 2 with coordinates, 4 with tags, 1 with tagged views' in done.out
    assert 'Next: lfhpe check new/tags.json' in done.out
    assert len(load_tag_file(tmp_path / 'new' / 'tags.json').annotations) == 5


def test_mistake(lfhpe, tmp_path):
    """After a mistake no file is written."""
    done = lfhpe('import', 'cvat', 'none.xml', '--out', 'tags.json')
    assert done.status == 2
    assert '[unreadable-file]' in done.err
    assert list(tmp_path.iterdir()) == []


def test_nobody(lfhpe, tmp_path):
    """An import that reads no person does not end with 0."""
    (tmp_path / 'a.csv').write_text('image,nose\n')
    done = lfhpe('import', 'table', 'a.csv', '--out', 'tags.json')
    assert done.status == 2
    assert '[no-persons]' in done.err
    assert not (tmp_path / 'tags.json').exists()


def test_options(lfhpe, tmp_path):
    """Options reach the functions."""
    source, out = save(make_tags(), tmp_path), tmp_path / 'out.json'
    options = ['--tags-only', '--views', 3, '--view-seed', 2, '--occluded', 'negative']
    assert lfhpe('import', 'coco', source, '--out', out, *options).status == 0
    person = load_tag_file(out).annotations[2]
    assert person['keypoint_tags'] == [1, 0, 0]
    assert len(person['tag_views']) == 2
    lfhpe('import', 'coco', source, '--out', out, '--tags-only', '--no-whole-person')
    assert load_tag_file(out).annotations[2]['keypoint_tags'] == [-1, -1, -1]
    lfhpe('import', 'cvat', XML, '--out', out, '--keypoints', 'right_wrist,nose,left_wrist')
    assert load_tag_file(out).names()[0] == 'right_wrist'
    assert '[option]' in lfhpe('import', 'cvat', XML, '--out', out, '--split', 'val').err


def test_export(lfhpe, tmp_path):
    """What was written is printed, and what was not."""
    done = lfhpe('export-labels', 'table', save(make_tags(), tmp_path), '--out', 'a/tags.csv')
    assert done.status == 0, done.err
    assert '4: 1 with coordinates, 2 with tags, 2 with tagged views' in done.out
    assert 'Written for table: a/tags.csv' in done.out
    assert '1 persons have coordinates and no tags' in done.out
    assert (tmp_path / 'a' / 'tags.csv').is_file()
    lfhpe('export-labels', 'cvat', 'tags.json', '--out', 'a.xml', '--locations')
    assert 'points="100,50"' in (tmp_path / 'a.xml').read_text()
