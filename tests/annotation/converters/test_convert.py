"""Tests of import and export as the commands call them."""

import json

import pytest
from PIL import Image

from lfhpe_mmpose.annotation.converters import export_labels, import_tags
from lfhpe_mmpose.annotation.converters.convert import WRITERS
from lfhpe_mmpose.annotation.converters.summary import summary
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .making import DATA, NAMES, make_plan, make_tags, save

XML = str(DATA / 'cvat_for_images.xml')


class TestImport:
    """A source in, a tag file out."""

    def test_summary(self):
        """What was read, and what was not, in a few lines."""
        text = summary(import_tags('cvat', XML), 'tags.json')
        assert '5: 2 with coordinates, 4 with tags, 1 with tagged views' in text
        assert '6 visible, 5 not visible, 4 unknown' in text
        assert "1 box 'towel', 1 polygon 'towel'" in text

    def test_tags_only(self, tmp_path):
        """No coordinate is left, and views are drawn as asked."""
        source = str(save(make_tags(), tmp_path))

        def read(**options):
            return import_tags('coco', source, tags_only=True, **options)

        first = read(views=3, view_seed=2, occluded='negative')
        person = first.annotations[2]
        assert 'keypoints' not in person
        assert person['keypoint_tags'] == [1, 0, 0]
        assert len(person['tag_views']) == 2
        assert read(views=3, view_seed=3, occluded='negative') != first
        sub_crops = read(whole_person=False).annotations[2]
        assert sub_crops['keypoint_tags'] == [-1, -1, -1]
        assert len(sub_crops['tag_views']) == 1

    @pytest.mark.parametrize(
        ('options', 'place'),
        [(dict(views=2), '--views'), (dict(whole_person=False), '--no-whole')],
    )
    def test_views_need_tags_only(self, tmp_path, options, place):
        """Otherwise the config draws the views."""
        with refuses('option', place=place):
            import_tags('coco', str(save(make_tags(), tmp_path)), **options)

    def test_keypoints(self, tmp_path):
        """Names are given in a list or by a metainfo."""
        tags = import_tags('cvat', XML, keypoints='right_wrist, nose,left_wrist')
        assert tags.names() == ['right_wrist', 'nose', 'left_wrist']
        with refuses('keypoint-names'):
            import_tags('coco', str(save(make_tags(), tmp_path)), metainfo='coco')
        with refuses('metainfo', place='--metainfo cocoo') as caught:
            import_tags('cvat', XML, metainfo='cocoo')
        assert "Did you mean 'coco'" in caught.value.remedy
        bad = tmp_path / 'bad.py'
        bad.write_text('dataset_info = 1 / 0')
        with refuses('metainfo', place='bad.py'):
            import_tags('cvat', XML, metainfo=str(bad))
        with refuses('keypoint-names', place='--keypoints'):
            import_tags('cvat', XML, keypoints='a,b,a')
        with refuses('option'):
            import_tags('cvat', XML, keypoints='a', metainfo='coco')

    def test_table_options(self, tmp_path):
        """Words, image folder and columns to ignore reach the reader."""
        Image.new('RGB', (13, 7)).save(tmp_path / 'a.png')
        source = tmp_path / 'tags.csv'
        source.write_text('image,mood,nose,hat,tie\na.png,glad,occluded,gone,dark\n')
        words = dict(seen_words=['occluded'], absent_words=['gone'], unknown_words=['dark'])
        root = str(tmp_path)
        tags = import_tags('table', str(source), image_root=root, ignore_columns=['mood'], **words)
        assert tags.images[0]['width'] == 13
        assert tags.annotations[0]['keypoint_tags'] == [1, 0, -1]

    def test_plan(self, tmp_path):
        """Answers to a plan; annotators who differ are an error, or unknown on request."""
        plan = str(save(make_plan(), tmp_path, 'plan.json'))
        source = tmp_path / 'questions.csv'
        lines = ['image,' + ','.join(NAMES), 'views/17_1.jpg,1,0,1', 'views/17_1.jpg,1,1,1']
        source.write_text('\n'.join(lines) + '\n')
        with refuses('conflict'):
            import_tags('table', str(source), plan=plan)
        (person,) = import_tags('table', str(source), plan=plan, conflicts='unknown').annotations
        assert person['tag_views'][0]['keypoint_tags'] == [1, -1, 1]

    def test_nobody(self, tmp_path):
        """An import that reads no person is an error that says what was left out."""
        source = tmp_path / 'tags.csv'
        source.write_text('image,nose\n')
        with refuses('no-persons', place='tags.csv'):
            import_tags('table', str(source))
        text = (DATA / 'cvat_for_images.xml').read_text()
        (tmp_path / 'a.xml').write_text(text.replace('label="person"', 'label="towel"'))
        with refuses('no-persons') as caught:
            import_tags('cvat', str(tmp_path / 'a.xml'), label='person')
        assert "skeleton 'body'" in caught.value.fault

    def test_label(self):
        """The label of the persons reaches the reader."""
        assert len(import_tags('cvat', XML, label='body').annotations) == 2

    def test_options(self, tmp_path):
        """An option of another format, an unknown format and an unknown choice are refused."""
        with refuses('option', place='--label'):
            import_tags('table', 'x.csv', label='a')
        with refuses('option', place='--image-root'):
            import_tags('cvat', XML, image_root=str(tmp_path))
        with refuses('option', place='--conflicts'):
            import_tags('cvat', XML, conflicts='first')
        with refuses('format') as caught:
            import_tags('cvta', XML)
        assert "Did you mean 'cvat'" in caught.value.fault
        with refuses('answer-words'):
            import_tags('cvat', XML, seen_words=['no'], absent_words=['no'])


class TestExport:
    """A tag file in, another program's file out."""

    @pytest.mark.parametrize('name', WRITERS)
    def test_every_format(self, tmp_path, name):
        """Each format writes the tags; coordinates leave in COCO only."""
        out = tmp_path / 'a' / 'out.txt'
        note = export_labels(name, make_tags(), str(out))
        text = out.read_text()
        assert ('"keypoints": [100, 50, 2' in text) == (name == 'coco')
        if name != 'coco':
            assert 'skeleton' not in text
            assert 'keypointlabels' not in text.lower()
        assert ('1 persons have coordinates and no tags' in note) == (name != 'coco')

    def test_options(self, tmp_path):
        """Each option reaches its writer."""
        out = tmp_path / 'out.txt'

        def write(kind, **options):
            note = export_labels(kind, make_tags(), str(out), **options)
            return out.read_text(), note

        write('coco', located_only=True)
        assert [a['id'] for a in load_tag_file(out).annotations] == [3]
        assert 'keypoint_tags' not in write('coco', drop_tags=True)[0]
        text, note = write('cvat', locations=True)
        assert 'points="100,50"' in text
        assert note == ''
        assert 'keypointlabels' in write('label-studio', locations=True)[0]
        text, _ = write('label-studio', image_url_prefix='https://a.b/')
        assert json.loads(text)[0]['data']['image'] == 'https://a.b/beach/0001.jpg'

    def test_misplaced_options(self, tmp_path):
        """An option of another format is refused, and nothing written."""
        for option in ('located_only', 'drop_tags', 'locations'):
            with refuses('option', place=f'--{option.replace("_", "-")}'):
                export_labels('table', make_tags(), str(tmp_path / 'out'), **{option: True})
        with refuses('format'):
            export_labels('yolo', make_tags(), str(tmp_path / 'out'))
        assert list(tmp_path.iterdir()) == []
