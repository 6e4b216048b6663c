"""Tests of reading what CVAT exports. The files under ``exports`` have the form of its exports."""

import json
import re
import zipfile

import pytest

from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, cvat, cvat_xml, source
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
        assert tags.annotations[1]['bbox'] == [400, 10, 100, 200]
        assert tags.rest['info']['left_out']["box 'person'"] == 2
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


BOX = '<box label="{}" xtl="50" ytl="40" xbr="300" ybr="220" group_id="1"{}></box>'
POINT = '<points label="{}" outside="{}" occluded="0" points="{}"></points>'
FISH = (
    '<annotations><meta><task><labels>'
    '<label><name>fish_box</name><attributes></attributes></label>'
    '<label><name>fish</name><attributes></attributes></label>'
    '<label><name>head</name><parent>fish</parent></label>'
    '<label><name>tail</name><parent>fish</parent></label>'
    '</labels></task></meta><image id="0" name="a.jpg" width="640" height="480">{}'
    '<skeleton label="fish" group_id="1">{}{}</skeleton></image></annotations>'
)


def read_fish(folder, boxes, tail='0', head='100,100'):
    """Read a skeleton with boxes in its group."""
    points = POINT.format('head', '0', head), POINT.format('tail', tail, '200,120')
    return read_text(folder, FISH.format(boxes, *points))


class TestGroups:
    """A skeleton and the boxes in its group."""

    def test_plain_box(self, tmp_path):
        """A plain rectangle in the group of a skeleton is its box."""
        (person,) = read_fish(tmp_path, BOX.format('fish_box', '')).annotations
        assert person['bbox'] == [50, 40, 250, 180]
        assert person['keypoints'] == [100, 100, 2, 200, 120, 2]

    def test_two_plain_boxes(self, tmp_path):
        """Of two rectangles neither is taken, and both are reported."""
        tags = read_fish(tmp_path, BOX.format('fish_box', '') * 2)
        assert tags.annotations[0]['bbox'] == [90, 90, 120, 40]
        assert tags.rest['info']['left_out'] == {"box 'fish_box'": 2}

    def test_outside(self, tmp_path):
        """A box that CVAT marks as outside does not count, whichever way it is written."""
        for word in ('1', 'true', 'True'):
            tags = read_fish(tmp_path, BOX.format('fish_box', f' outside="{word}"'))
            assert tags.annotations[0]['bbox'] == [90, 90, 120, 40]
            assert tags.rest['info']['left_out'] == {"box 'fish_box' outside": 1}
            left = read_fish(tmp_path, BOX.format('fish_box', ''), tail=word).annotations[0]
            assert left['keypoints'][3:] == [0, 0, 0]
        with refuses('malformed', place='outside'):
            read_fish(tmp_path, BOX.format('fish_box', ' outside="maybe"'))

    def test_one_point(self, tmp_path):
        """A skeleton without an extent is not the whole image; it is left out and reported."""
        tags = read_fish(tmp_path, '', tail='1')
        assert tags.annotations == []
        assert tags.rest['info']['left_out'] == {"skeleton 'fish' without a box or an extent": 1}
        (person,) = read_fish(tmp_path, BOX.format('fish_box', ''), tail='1').annotations
        assert person['bbox'] == [50, 40, 250, 180]


def test_large_entry(tmp_path, monkeypatch):
    """One image of a plain file must not fill the memory either."""
    monkeypatch.setattr(cvat_xml, '_MAX_PART', 1 << 17)
    with refuses('too-large'):
        read_text(tmp_path, XML.replace('<image id="0"', '<image x="' + 'x' * (1 << 19)))


class TestProject:
    """Exports of several tasks, and files that contradict themselves."""

    def test_same_name(self, tmp_path):
        """Images of one name in different subsets are refused, not merged."""
        text = re.sub('<image id="1".*?</image>', '', XML, flags=re.S)
        text = text.replace('beach/0001.jpg" subset="default"', 'a.jpg" subset="train"')
        text = text.replace('beach/0003.jpg" subset="default"', 'a.jpg" subset="val"')
        with refuses('duplicate-image', place="image 'a.jpg'") as caught:
            read_text(tmp_path, text)
        assert "'train' and 'val'" in caught.value.fault

    def test_shared_attributes(self, tmp_path):
        """Of two labels with the same attributes the user must choose one."""
        car = re.search('<label>\\s*<name>person</name>.*?</label>', XML, re.S).group(0)
        text = XML.replace(car, car + car.replace('person', 'car'))
        with refuses('several-labels') as caught:
            read_text(tmp_path, text)
        assert "'person', 'car', 'body'" in caught.value.fault
        with refuses('several-labels'):
            read_text(tmp_path, text, names=NAMES)
        assert len(read_text(tmp_path, text, label='person').annotations) == 4

    def test_second_meta(self, tmp_path):
        """A second <meta> does not drop the images before it."""
        meta = re.search('<meta>.*</meta>', XML, re.S).group(0)
        with refuses('structure'):
            read_text(tmp_path, XML.replace('</annotations>', f'{meta}</annotations>'))

    def test_tracks_without_meta(self, tmp_path):
        """Tracks are reported as tracks."""
        with refuses('tracks'):
            read_text(tmp_path, '<annotations><track id="0" label="a"></track></annotations>')


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

    @pytest.mark.parametrize(
        ('change', 'code'),
        [
            (lambda d: d['annotations'][1].update(id=1), 'duplicate-id'),
            (lambda d: d['images'].append(d['images'][0]), 'duplicate-id'),
            (lambda d: d['annotations'][1].update(bbox=[9, 9, -3, 4]), 'box'),
            (lambda d: d['annotations'][1].update(bbox=[9, 9, 10**30, 4]), 'box'),
        ],
    )
    def test_contradictions(self, tmp_path, change, code):
        """Ids that are used twice and impossible boxes are refused."""
        data = json.loads((DATA / 'cvat_coco_boxes.json').read_text())
        change(data)
        path = tmp_path / 'boxes.json'
        path.write_text(json.dumps(data))
        with refuses(code):
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

    @pytest.mark.parametrize(
        ('name', 'content'),
        [
            ('annotations.xml', b'<annotations><image name="' + b'x' * 2_000_000),
            ('annotations.xml', b'<annotations><image>' + b'<a/>' * 500_000),
            ('annotations.xml', b'<annotations>' + b'<a></a>' * 500_000),
            ('annotations.json', b'{"images": [' + b'{},' * 700_000),
        ],
    )
    def test_bomb(self, tmp_path, monkeypatch, name, content):
        """A small archive must not fill the memory."""
        monkeypatch.setattr(source, '_ALWAYS_READ', 1 << 20)
        monkeypatch.setattr(cvat_xml, '_MAX_PART', 1 << 20)
        path = tmp_path / 'task.zip'
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        with refuses('too-large'):
            cvat.read(str(path))
