"""Tests of reading what CVAT exports. The files under ``exports`` have the form of its exports."""

import re
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, cvat
from lfhpe_mmpose.errors import UserError
from tests.refusal import refuses

from .making import DATA, NAMES, make_plan

XML = (DATA / 'cvat_for_images.xml').read_text()


def read_text(folder, text, **options):
    """Read a text as a file."""
    path = folder / 'annotations.xml'
    path.write_text(text, encoding='utf-8')
    return cvat.read(str(path), **options)


class TestXml:
    """'CVAT for images 1.1'."""

    def test_export(self):
        """Boxes, views, skeletons and image tags each become what they are."""
        tags = cvat.read(str(DATA / 'cvat_for_images.xml'))
        assert tags.names() == NAMES
        assert tags.images[2] == dict(id=3, file_name='beach/0003.jpg', width=320, height=240)
        first, second, body, both, whole = tags.annotations
        assert first['bbox'] == [10.21, 20, 100.16, 300.5]
        assert first['keypoint_tags'] == [1, -1, 0]
        assert first['tag_views'] == [dict(bbox=[10, 20, 100, 120], keypoint_tags=[0, -1, -1])]
        assert second['keypoint_tags'] == [-1, 1, 1]
        assert body['keypoints'] == [100, 40, 2, 200, 140, 1, 0, 0, 0]
        assert body['num_keypoints'] == 2
        assert body['bbox'] == [90, 30, 120, 120]
        assert 'keypoint_tags' not in body
        assert both['bbox'] == [400, 10, 100, 200]
        assert both['keypoint_tags'] == [1, 0, 0]
        assert both['keypoints'] == [450, 30.5, 2, 0, 0, 0, 0, 0, 0]
        assert whole['image_id'] == 3
        assert 'bbox' not in whole
        assert whole['keypoint_tags'] == [1, 0, 1]
        assert tags.rest['info']['left_out'] == {"box 'towel'": 1, "polygon 'towel'": 1}

    def test_archive(self, tmp_path):
        """The zip archive that CVAT gives is read as the file in it."""
        path = tmp_path / 'task.zip'
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('annotations.xml', XML)
            archive.writestr('images/0001.jpg', b'x')
        plain = cvat.read(str(DATA / 'cvat_for_images.xml'))
        assert cvat.read(str(path)).to_dict() == plain.to_dict()

    def test_given_names(self, tmp_path):
        """Names choose and order the keypoints; a name that no label has is refused."""
        tags = read_text(tmp_path, XML, names=['right_wrist', 'nose', 'left_wrist'])
        assert tags.annotations[0]['keypoint_tags'] == [0, 1, -1]
        assert tags.annotations[2]['keypoints'][3:6] == [100, 40, 2]
        with refuses('unknown-keypoint') as caught:
            read_text(tmp_path, XML, names=['nose', 'left_wirst'])
        assert "Did you mean 'left_wrist'" in str(caught.value)

    def test_words(self, tmp_path):
        """Another word is refused with its place, and accepted if the user gives it a meaning."""
        text = XML.replace('>cannot tell</attribute>', '>occluded</attribute>')
        place = "image 'beach/0001.jpg': box 1 ('person'): attribute 'left_wrist'"
        with refuses('answer', place=place):
            read_text(tmp_path, text)
        words = DEFAULT_WORDS.extended(seen=['occluded'])
        assert read_text(tmp_path, text, words=words).annotations[0]['keypoint_tags'] == [1, 1, 0]

    def test_label(self, tmp_path):
        """One label of several can be chosen; the others are counted as left out."""
        tags = read_text(tmp_path, XML, label='body')
        assert [len(a['keypoints']) for a in tags.annotations] == [9, 9]
        assert tags.rest['info']['left_out']["box 'person'"] == 3
        with refuses('unknown-label') as caught:
            read_text(tmp_path, XML, label='bdy')
        assert "Did you mean 'body'" in caught.value.fault
        other = XML.replace('<name>towel</name>', '<name>dog</name>').replace(
            '<type>any</type>\n          <attributes>\n          </attributes>',
            '<type>any</type><attributes><attribute><name>tail</name><input_type>radio'
            '</input_type></attribute></attributes>',
        )
        with refuses('keypoint-sets'):
            read_text(tmp_path, other)

    def test_rotation(self, tmp_path):
        """Of a turned box the upright box about it is taken."""
        text = XML.replace('xtl="200.00"', 'rotation="90.00" xtl="200.00"')
        assert read_text(tmp_path, text).annotations[1]['bbox'] == pytest.approx(
            [100, 120, 300, 100]
        )

    @pytest.mark.parametrize(
        ('old', 'new', 'code', 'place'),
        [
            ('group_id="1"', '', 'group', "box 2 ('view')"),
            ('xbr="110.37"', 'xbr="nan"', 'malformed', 'xbr'),
            ('xbr="110.37"', '', 'malformed', 'xbr'),
            ('xbr="110.37"', 'xbr="5"', 'box', "box 1 ('person')"),
            ('width="320"', 'width="many"', 'malformed', "image 'beach/0003.jpg': width"),
            ('width="320"', 'width="0"', 'image-size', "image 'beach/0003.jpg'"),
            ('name="beach/0003.jpg"', '', 'malformed', "image ''"),
            ('<points label="nose"', '<points label="nos"', 'unknown-keypoint', "point 'nos'"),
            ('points="450.00,30.50"', 'points="450.00"', 'malformed', "point 'nose'"),
            ('<points label="right_wrist"', '<points label="nose"', 'malformed', "point 'nose'"),
            ('<attribute name="remark">with', '<attribute name="nose">with', 'malformed', 'box'),
            ('<tag label="person"', '<tag', 'unknown-label', 'tag 1'),
            ('<image id="2"', '<track id="2"/><image id="2"', 'tracks', ''),
            ('<annotations>', '<!DOCTYPE a><annotations>', 'doctype', ''),
            ('<version>', '<version>' + '<a>' * 60, 'nesting', ''),
            ('<version>1.1</version>', '&x;', 'damaged', ''),
            ('</annotations>', '', 'damaged', ''),
            ('encoding="utf-8"', 'encoding="klingon"', 'damaged', ''),
        ],
    )
    def test_faults(self, tmp_path, old, new, code, place):
        """A fault is reported by file, image, shape and attribute."""
        assert old in XML
        with refuses(code, place=place) as caught:
            read_text(tmp_path, XML.replace(old, new))
        assert 'annotations.xml' in caught.value.place

    def test_missing_occluded(self, tmp_path):
        """Attributes of CVAT that are not needed may be missing."""
        read_text(
            tmp_path, XML.replace('label="view" source="manual" occluded="0"', 'label="view"')
        )

    def test_entities(self, tmp_path):
        """A file whose entities would fill the memory is refused at once."""
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + ''.join(
            f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12)
        )
        with refuses('doctype'):
            read_text(tmp_path, XML.replace('<annotations>', bomb + ']><annotations>&m;'))

    def test_other_root(self, tmp_path):
        """Another kind of XML is refused."""
        with refuses('structure'):
            read_text(tmp_path, '<svg><image name="a"/></svg>')
        with refuses('structure'):
            read_text(tmp_path, '<annotations></annotations>')
        with refuses('no-keypoints'):
            read_text(tmp_path, '<annotations><image name="a"/></annotations>')

    def test_misspelt_attribute(self, tmp_path):
        """A keypoint of a view that is spelt otherwise is not passed over."""
        head, tail = XML.split('<name>view</name>')
        text = (
            head + '<name>view</name>' + tail.replace('<name>nose</name>', '<name>nsoe</name>', 1)
        )
        with refuses('unknown-keypoint') as caught:
            read_text(tmp_path, text)
        assert "'nsoe' of label 'view'" in caught.value.fault

    def test_two_persons_in_a_group(self, tmp_path):
        """A skeleton or view that could be of two persons is refused."""
        text = XML.replace('z_order="1">', 'z_order="1" group_id="1">')
        with refuses('group', place="('view')"):
            read_text(tmp_path, text)
        body = XML.replace('group_id="7"', 'group_id="8"', 1).replace(
            '<skeleton label="body" source="manual" z_order="0" group_id="7">',
            '<skeleton label="body" source="manual" z_order="0" group_id="8">',
        )
        twice = body.replace(
            '<skeleton label="body" source="manual" z_order="0">',
            '<skeleton label="body" source="manual" z_order="0" group_id="8">',
        )
        with refuses('group', place="('body')"):
            read_text(tmp_path, twice)

    def test_plan(self, tmp_path):
        """Answers about the pictures of a plan are put back."""
        text = re.sub('<image id="[01]".*?</image>', '', XML, flags=re.S)
        text = text.replace('beach/0003.jpg', 'views/17_2.jpg')
        tags = read_text(tmp_path, text, plan=make_plan())
        assert [a['id'] for a in tags.annotations] == [17]
        assert tags.annotations[0]['tag_views'] == [
            dict(bbox=[17, 9, 30, 30], keypoint_tags=[1, 0, 1])
        ]
        with refuses('region', place='box 1'):
            read_text(tmp_path, XML, plan=make_plan())

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_damaged(self, tmp_path, data):
        """Bytes cut, changed or put in give a UserError or a read file."""
        raw = bytearray(XML.encode())
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(raw)))
            stop = min(start + data.draw(st.integers(0, 20)), len(raw))
            raw[start:stop] = data.draw(
                st.binary(max_size=4) | st.sampled_from([b'<', b'"', b'&'])
            )
        path = tmp_path / 'damaged.xml'
        path.write_bytes(raw)
        with suppress(UserError):
            cvat.read(str(path))


class TestJson:
    """COCO files of CVAT."""

    def test_keypoints(self):
        """Attributes that are keypoints become tags; skeletons stay coordinates."""
        tags = cvat.read(str(DATA / 'cvat_coco_keypoints.json'))
        (person,) = tags.annotations
        assert person['keypoint_tags'] == [1, 0, -1]
        assert person['keypoints'][:3] == [100, 40, 2]
        assert person['attributes']['hat'] == 'straw'
        assert [c['name'] for c in tags.categories] == ['person']

    def test_boxes(self):
        """Without keypoints in the category they are the attributes."""
        tags = cvat.read(str(DATA / 'cvat_coco_boxes.json'))
        assert tags.names() == NAMES
        assert [a['keypoint_tags'] for a in tags.annotations] == [[1, 0, 1], [-1, 1, 0]]
        reordered = cvat.read(str(DATA / 'cvat_coco_boxes.json'), names=NAMES[::-1])
        assert reordered.annotations[0]['keypoint_tags'] == [1, 0, 1]
        assert reordered.annotations[1]['keypoint_tags'] == [0, 1, -1]

    @pytest.mark.parametrize(
        ('old', 'new', 'code', 'place'),
        [
            ('"nose": "visible"', '"nose": "occluded"', 'answer', "attributes['nose']"),
            ('"nose": "visible"', '"nose": [1]', 'answer', "attributes['nose']"),
            ('"nose"', '"age": 31, "nose"', 'answer', "attributes['age']"),
            (
                '"categories": [',
                '"categories": [{"id": 2, "name": "dog"}], "x": [',
                'unknown-label',
                '',
            ),
            ('"image_id": 1', '"image_id": 7', 'unknown-image', 'image_id'),
            ('"attributes": {', '"attributes": [], "y": {', 'malformed', 'attributes'),
        ],
    )
    def test_faults(self, tmp_path, old, new, code, place):
        """A fault is reported at its entry."""
        text = (DATA / 'cvat_coco_boxes.json').read_text().replace(old, new)
        path = tmp_path / 'boxes.json'
        path.write_text(text)
        with refuses(code, place=place):
            cvat.read(str(path))

    def test_names(self):
        """Keypoints that no annotation has are refused."""
        with refuses('unknown-keypoint'):
            cvat.read(str(DATA / 'cvat_coco_boxes.json'), names=['nose', 'left_wirst'])
        with refuses('keypoint-names'):
            cvat.read(str(DATA / 'cvat_coco_keypoints.json'), names=['nose'])
        with refuses('option'):
            cvat.read(str(DATA / 'cvat_coco_boxes.json'), plan=make_plan())

    def test_no_file(self, tmp_path):
        """What cannot be opened is refused: nothing, an empty file, an archive of pictures."""
        for path in (tmp_path / 'nowhere.xml', tmp_path):
            with refuses('unreadable-file', place=path):
                cvat.read(str(path))
        (tmp_path / 'empty.xml').write_text('')
        with refuses('empty-file'):
            cvat.read(str(tmp_path / 'empty.xml'))
        (tmp_path / 'cut.json').write_text('{"images": [')
        with refuses('not-json'):
            cvat.read(str(tmp_path / 'cut.json'))
        with zipfile.ZipFile(tmp_path / 'pictures.zip', 'w') as archive:
            archive.writestr('images/0001.jpg', b'x')
        with refuses('archive'):
            cvat.read(str(tmp_path / 'pictures.zip'))

    def test_damaged_archive(self, tmp_path):
        """An archive that is cut off or changed is refused."""
        with zipfile.ZipFile(tmp_path / 'task.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('annotations.xml', XML)
        raw = (tmp_path / 'task.zip').read_bytes()
        cut = [raw[:length] for length in (10, 200, len(raw) - 40)]
        for content in (*cut, raw[:200] + b'????' + raw[204:]):
            (tmp_path / 'cut.zip').write_bytes(content)
            with refuses('damaged'):
                cvat.read(str(tmp_path / 'cut.zip'))
