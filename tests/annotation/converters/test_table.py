"""Tests of tables in and out."""

import csv
import sys

import pytest
from hypothesis import HealthCheck, assume, given, settings
from PIL import Image

from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, table
from lfhpe_mmpose.errors import UserError
from tests.refusal import refuses
from tests.tags.strategies import tag_files

from .making import NAMES, answers_of, listed, make_plan, make_tags

HEAD = 'image,image_width,image_height,x,y,width,height,nose,left_wrist,right_wrist\n'
ROW = 'a.jpg,640,480,1,2,30,40.5,yes,no,cannot tell\n'
VIEWS = 'image,person,view,nose,image_width,image_height\n'
BOXES = 'image,person,bbox,nose,image_width,image_height\n'


def read_text(folder, text, encoding='utf-8', **options):
    """Read a text as a file."""
    path = folder / 'tags.csv'
    path.write_bytes(text.encode(encoding))
    return table.read(str(path), **options)


class TestRead:
    """What the rows say."""

    def test_rows(self, tmp_path):
        """A row is a person; without a box it is the whole image."""
        tags = read_text(tmp_path, HEAD + ROW + '\n' + 'a.jpg,640,480,,,,,1,-1,\n')
        assert tags.names() == NAMES
        assert tags.images == [dict(id=1, file_name='a.jpg', width=640, height=480)]
        first, second = tags.annotations
        assert (first['bbox'], first['keypoint_tags']) == ([1, 2, 30, 40.5], [1, 0, -1])
        assert 'bbox' not in second
        assert second['keypoint_tags'] == [1, -1, -1]

    def test_views(self, tmp_path):
        """Rows of one person are the person and its views, in any order."""
        text = (
            'image,person,view,bbox,image_width,image_height,nose,hat\n'
            'a.jpg,p1,2,"[5, 6, 7, 8]",9,9,1,0\n'
            'a.jpg,p1,,"1 2 3 4",9,9,0,0\n'
            'a.jpg,p1,1,"(2, 2, 3, 4)",9,9,,\n'
            'a.jpg,p2,0,"1,2,3,4",9,9,,\n'
        )
        one, two = read_text(tmp_path, text).annotations
        assert one['id'] == 'p1'
        assert (one['bbox'], one['keypoint_tags']) == ([1, 2, 3, 4], [0, 0])
        assert one['tag_views'] == [
            dict(bbox=[2, 2, 3, 4], keypoint_tags=[-1, -1]),
            dict(bbox=[5, 6, 7, 8], keypoint_tags=[1, 0]),
        ]
        assert two['bbox'] == [1, 2, 3, 4]
        assert 'keypoint_tags' not in two

    def test_person_numbers(self, tmp_path):
        """Numbers that are persons' own are ids; numbers that begin anew in each image are not."""
        head = 'image,person,image_width,image_height,nose\n'
        own = read_text(tmp_path, head + 'a,12,9,9,1\nb,5,9,9,1\n')
        assert [a['id'] for a in own.annotations] == [12, 5]
        anew = read_text(tmp_path, head + 'a,1,9,9,1\na,2,9,9,1\nb,1,9,9,1\n')
        assert [a['id'] for a in anew.annotations] == [1, 2, 3]

    @pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
    @pytest.mark.parametrize('separator', [',', ';', '\t'])
    @pytest.mark.parametrize('end', ['\n', '\r\n', '\r'])
    def test_kinds_of_csv(self, tmp_path, encoding, separator, end):
        """Separators, encodings and ends of lines of different programs are found out."""
        text = (HEAD + ROW.replace('a.jpg', 'strand/ä.jpg')).replace(',', separator)
        tags = read_text(tmp_path, text.replace('\n', end), encoding)
        assert tags.images[0]['file_name'] == 'strand/ä.jpg'
        assert tags.annotations[0]['keypoint_tags'] == [1, 0, -1]

    def test_decimal_comma(self, tmp_path):
        """Where semicolons separate, a comma may be a decimal point."""
        text = (HEAD + ROW).replace(',', ';').replace('40.5', '40,5')
        assert read_text(tmp_path, text).annotations[0]['bbox'] == [1, 2, 30, 40.5]

    def test_sizes_from_images(self, tmp_path):
        """The size is read from the image where the table has none."""
        Image.new('RGB', (13, 7)).save(tmp_path / 'a.png')
        text = 'image,nose\na.png,1\n'
        tags = read_text(tmp_path, text, image_root=str(tmp_path))
        assert tags.images[0] == dict(id=1, file_name='a.png', width=13, height=7)
        with refuses('no-size', place='row 2'):
            read_text(tmp_path, text)
        text = 'image,nose\nb.png,1\n'
        with refuses('missing-image', place="row 2, column 'image'"):
            read_text(tmp_path, text, image_root=str(tmp_path))
        (tmp_path / 'b.png').write_text('no image')
        with refuses('unreadable-image', place="row 2, column 'image'"):
            read_text(tmp_path, text, image_root=str(tmp_path))

    @pytest.mark.parametrize('orientation', [1, 6, 8])
    def test_turned_image(self, tmp_path, orientation):
        """The size is that of the upright image, as training reads it."""
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.new('RGB', (64, 48)).save(tmp_path / 'a.jpg', exif=exif)
        (image,) = read_text(tmp_path, 'image,nose\na.jpg,1\n', image_root=str(tmp_path)).images
        upright = (64, 48) if orientation == 1 else (48, 64)
        assert (image['width'], image['height']) == upright

    @pytest.mark.parametrize('name', ['../a.png', '/etc/a.png'])
    def test_outside_the_folder(self, tmp_path, name):
        """A file name must not lead out of the image folder."""
        with refuses('outside-folder', place="row 2, column 'image'"):
            read_text(tmp_path, f'image,nose\n{name},1\n', image_root=str(tmp_path))

    def test_columns(self, tmp_path):
        """Given names fix the keypoints; another column must be ignored by name."""
        text = 'image,image_width,image_height,mood,nose\na,9,9,happy,1\n'
        with refuses('answer', place="row 2, column 'mood'"):
            read_text(tmp_path, text)
        with refuses('columns') as caught:
            read_text(tmp_path, text, names=['nose'])
        assert "--ignore-columns 'mood'" in caught.value.remedy
        tags = read_text(tmp_path, text, ignore_columns=['mood'])
        assert tags.names() == ['nose']
        with refuses('columns') as caught:
            read_text(tmp_path, text, ignore_columns=['mod'])
        assert "Did you mean 'mood'" in caught.value.fault
        with refuses('columns') as caught:
            read_text(tmp_path, text, names=['nose', 'hat'], ignore_columns=['mood'])
        assert "'hat' has no column" in caught.value.fault
        with refuses('columns') as caught:
            read_text(tmp_path, HEAD.replace('left_wrist', 'left_wirst') + ROW, names=NAMES)
        assert "Did you mean 'left_wrist'" in caught.value.fault
        tags = read_text(tmp_path, HEAD + ROW, names=NAMES[::-1])
        assert tags.annotations[0]['keypoint_tags'] == [-1, 0, 1]

    def test_words(self, tmp_path):
        """A user's word is accepted if its meaning is given."""
        words = DEFAULT_WORDS.extended(seen=['occluded'])
        text = HEAD + ROW.replace('yes', 'occluded')
        assert read_text(tmp_path, text, words=words).annotations[0]['keypoint_tags'][0] == 1

    def test_two_annotators(self, tmp_path):
        """Two rows about one person agree, are reported, or are unknown where they differ."""
        head = 'image,person,image_width,image_height,nose,hat\n'
        text = head + 'a,1,9,9,1,0\na,1,9,9,1,1\n'
        with refuses('conflict', place='row 3') as caught:
            read_text(tmp_path, text)
        assert 'hat is 0 in' in caught.value.fault
        tags = read_text(tmp_path, text, conflicts='unknown')
        assert [a['keypoint_tags'] for a in tags.annotations] == [[1, -1]]
        same = read_text(tmp_path, head + 'a,1,9,9,1,0\na,1,9,9,1,0\n')
        assert [a['keypoint_tags'] for a in same.annotations] == [[1, 0]]

    def test_plan(self, tmp_path):
        """Answers about pictures of a plan are put back; unanswered rows are left out."""
        text = 'image,nose,left_wrist,right_wrist\nviews/17_0.jpg,1,0,\nviews/18_2.jpg,,,\n'
        tags = read_text(tmp_path, text, plan=make_plan())
        assert [a['id'] for a in tags.annotations] == [17]
        assert tags.annotations[0]['keypoint_tags'] == [1, 0, -1]
        with refuses('unknown-picture', place='tags.csv: row 2'):
            read_text(tmp_path, text.replace('17_0', '9_0'), plan=make_plan())

    @pytest.mark.parametrize(
        ('text', 'code', 'place'),
        [
            (HEAD + ROW.replace('30,', 'wide,'), 'malformed', "row 2, column 'width'"),
            (HEAD + ROW + ROW.replace('30,', ','), 'box', "row 3, column 'width'"),
            (HEAD + ROW.replace('30,', '0,'), 'box', 'row 2'),
            (HEAD + ROW + ROW.replace('640', '641'), 'image-size', 'row 3'),
            (HEAD + ROW.replace('640', '0'), 'image-size', 'row 2'),
            (HEAD + ROW.replace('640', '9.5'), 'malformed', "column 'image_width'"),
            (HEAD + ROW.replace('a.jpg', ''), 'malformed', 'row 2'),
            (HEAD + ROW.replace('yes', 'yse'), 'answer', "row 2, column 'nose'"),
            (HEAD + 'a.jpg,1\n', 'damaged', 'row 2'),
            (HEAD + ROW.strip() + ',7\n', 'damaged', ''),
            (HEAD + '"' + ROW, 'damaged', ''),
            (HEAD.replace('nose', 'x') + ROW, 'columns', 'row 1'),
            (HEAD.replace('nose', '') + ROW, 'columns', 'row 1'),
            (HEAD.replace('width,height,', 'width,hieght,') + ROW, 'columns', 'row 1'),
            (HEAD.replace('image,', 'imagee,') + ROW, 'columns', 'row 1'),
            (HEAD.replace('nose', 'perosn') + ROW, 'columns', 'row 1'),
            (HEAD.replace('nose', 'bbox') + ROW, 'columns', 'row 1'),
            ('image,image_width,image_height\na,9,9\n', 'no-keypoints', 'row 1'),
            ('image nose\na 1\n', 'columns', 'row 1'),
            ('\n', 'columns', 'row 1'),
            ('image,view,image_width,image_height,nose\na,1,9,9,1\n', 'view', "column 'view'"),
            (VIEWS + 'a,1,1,1,9,9\n', 'view', 'row 2'),
            (VIEWS + 'a,1,-1,1,9,9\n', 'view', "row 2, column 'view'"),
            (
                'image,image_id,nose,image_width,image_height\na,1,1,9,9\nb,1,1,9,9\n',
                'duplicate-id',
                'column image_id',
            ),
            (BOXES + 'a,1,1 1 1 1,1,9,9\na,1,1 1 1 2,1,9,9\n', 'box', 'row 3'),
            (BOXES + 'a,1,1 2 3,1,9,9\n', 'box', "column 'bbox'"),
        ],
    )
    def test_faults(self, tmp_path, text, code, place):
        """A fault is reported by file, row and column."""
        with refuses(code, place=place) as caught:
            read_text(tmp_path, text)
        assert 'tags.csv' in caught.value.place

    def test_no_rows(self, tmp_path):
        """A table may have a header alone."""
        assert read_text(tmp_path, 'image,nose\n').annotations == []

    def test_no_table(self, tmp_path):
        """A spreadsheet, another encoding and a missing file are refused with the remedy."""
        path = tmp_path / 'tags.xlsx'
        path.write_bytes(b'PK\x03\x04')
        with refuses('spreadsheet'):
            table.read(str(path))
        with refuses('encoding'):
            read_text(tmp_path, HEAD + ROW.replace('a.jpg', 'ä.jpg'), 'latin-1')
        with refuses('unreadable-file'):
            table.read(str(tmp_path / 'none.csv'))
        path.write_bytes(b'')
        with refuses('empty-file'):
            table.read(str(path))


class TestWrite:
    """Tables of a tag file."""

    @pytest.mark.parametrize('name', ['out.csv', 'out.parquet'])
    def test_round_trip(self, tmp_path, name):
        """Tags, views, boxes and ids come back; no coordinate was written."""
        if name.endswith('parquet'):
            pytest.importorskip('pyarrow')
        path = tmp_path / 'new' / name
        table.write(make_tags(), str(path))
        read = table.read(str(path))
        assert read.names() == NAMES
        assert answers_of(read) == answers_of(make_tags())
        assert [a['id'] for a in read.annotations] == [1, 2, 3, 4]
        assert read.images == make_tags().images
        assert b'60,70' not in path.read_bytes()
        if name == 'out.csv':
            lines = path.read_bytes().decode().split('\r\n')
            assert lines[1] == 'beach/0001.jpg,1,640,480,1,0,10.5,20.0,100.0,300.0,1,0,-1'
            assert lines[5] == 'beach/0002.jpg,2,320,240,4,0,,,,,,,'

    @pytest.mark.parametrize('text', ['=1+1', '+a', '-a', '@a', "'=a", "''-a", '=HYPERLINK("x")'])
    def test_formulas(self, tmp_path, text):
        """A cell that a spreadsheet would run is marked as a text, and comes back as it was."""
        tags = make_tags()
        tags.images[0]['file_name'] = text
        tags.images[1]['id'] = tags.annotations[2]['image_id'] = f'{text} 2'
        tags.annotations[3]['image_id'] = f'{text} 2'
        tags.categories[0]['keypoints'][0] = text
        path = tmp_path / 'out.csv'
        table.write(tags, str(path))
        for row in csv.reader(path.read_text().splitlines()):
            assert not any(cell.startswith(('=', '+', '@', '-a')) for cell in row)
        read = table.read(str(path))
        assert read.names()[0] == text
        assert [i['file_name'] for i in read.images] == [text, 'beach/0002.jpg']
        assert read.images[1]['id'] == f'{text} 2'

    def test_names(self, tmp_path):
        """A keypoint that is called like a column is refused, and nothing written."""
        tags = make_tags()
        tags.categories[0]['keypoints'][0] = 'width'
        with refuses('unwritable-name'):
            table.write(tags, str(tmp_path / 'out.csv'))
        assert list(tmp_path.iterdir()) == []

    def test_ids(self, tmp_path):
        """Ids that a table cannot tell apart are refused."""
        tags = make_tags()
        tags.annotations[1]['id'] = '1'
        with refuses('duplicate-id', place='annotations[1].id'):
            table.write(tags, str(tmp_path / 'out.csv'))
        tags = make_tags()
        tags.images[0]['file_name'] = ' a.jpg'
        with refuses('unwritable-name', place='images[0].file_name'):
            table.write(tags, str(tmp_path / 'out.csv'))

    def test_parquet_without_pyarrow(self, tmp_path, monkeypatch):
        """Without the package the remedy names the extra, in both directions."""
        monkeypatch.setitem(sys.modules, 'pyarrow', None)
        with refuses('package'):
            table.write(make_tags(), str(tmp_path / 'out.parquet'))
        (tmp_path / 'in.parquet').write_bytes(b'PAR1....')
        with refuses('package'):
            table.read(str(tmp_path / 'in.parquet'))

    def test_parquet_of_others(self, tmp_path):
        """Numbers, truth values, missing values and lists of other programs are read."""
        pytest.importorskip('pyarrow')
        import pandas as pd

        frame = pd.DataFrame(
            dict(
                image=['a.jpg', 'b.jpg'],
                image_width=[640, 320],
                image_height=[480, 240],
                bbox=[[1, 2, 3, 4], None],
                nose=[True, False],
                left_wrist=[1.0, None],
                right_wrist=['yes', 'cannot tell'],
            )
        )
        path = tmp_path / 'table.parquet'
        frame.to_parquet(path)
        one, two = table.read(str(path)).annotations
        assert (one['bbox'], one['keypoint_tags']) == ([1, 2, 3, 4], [1, 1, 1])
        assert 'bbox' not in two
        assert two['keypoint_tags'] == [0, -1, -1]
        raw = path.read_bytes()
        for cut in (8, 200, len(raw) - 30):
            path.write_bytes(raw[:cut])
            with refuses('damaged'):
                table.read(str(path))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tags=tag_files(min_images=1))
    def test_any_file(self, tmp_path, tags):
        """Every file that is written comes back with the same persons."""
        path = str(tmp_path / 'any.csv')
        try:
            table.write(tags, path)
        except UserError:
            assume(False)
        read = table.read(path, names=tags.names())
        assert answers_of(read) == answers_of(listed(tags))
