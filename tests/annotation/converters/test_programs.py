"""Tests of other pose programs: their labels, and files handed to a wrong format."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from lfhpe_mmpose.annotation.converters import export_labels, import_tags
from tests.refusal import refuses

DEEPLABCUT = (
    'scorer,,,me,me,me,me\nbodyparts,,,nose,nose,tail,tail\ncoords,,,x,y,x,y\n'
    'labeled-data,vid,a.png,1.5,2,,\nlabeled-data,vid,b.png,3.0,4,53.0,44.0\n'
)
ANIMALS = (
    'scorer,me,me,me,me,me,me\nindividuals,m1,m1,m2,m2,single,single\n'
    'bodyparts,nose,nose,nose,nose,corner,corner\ncoords,x,y,x,y,x,y\n'
    'labeled-data\\vid\\a.png,1,2,,,5,6\nlabeled-data\\vid\\b.png,3,4,5,6,,\n'
)
LABELME = dict(
    version='5.4.1',
    flags={},
    imagePath='a.png',
    imageData=None,
    imageHeight=48,
    imageWidth=64,
    shapes=[
        dict(label='nose', points=[[10, 12]], group_id=1, shape_type='point', flags={}),
        dict(
            label='tail',
            points=[[30, 42]],
            group_id=1,
            shape_type='point',
            flags=dict(occluded=True),
        ),
        dict(label='cat', points=[[40, 45], [5, 6]], group_id=1, shape_type='rectangle'),
        dict(label='nose', points=[[1, 2]], group_id=2, shape_type='point'),
        dict(label='sofa', points=[[1, 2], [3, 4], [5, 6]], group_id=None, shape_type='polygon'),
    ],
)
YOLO = 'path: .\ntrain: ../train/images\nval: valid/images\nkpt_shape: [2, 3]\nnames: [cat]\n'
LINE = '0 0.5 0.5 0.5 0.25 0.25 0.5 2 0 0 0\n'


@pytest.fixture
def project(tmp_path):
    """A DeepLabCut project with two images."""
    folder = tmp_path / 'labeled-data' / 'vid'
    folder.mkdir(parents=True)
    for name in 'ab':
        Image.new('RGB', (64, 48)).save(folder / f'{name}.png')
    return tmp_path


def keypoints_of(tags):
    """Coordinates of each person."""
    return [a['keypoints'] for a in tags.annotations]


class TestDeepLabCut:
    """CollectedData files."""

    def test_project(self, project):
        """Rows are images, found from the place of the file or from the project."""
        file = project / 'labeled-data' / 'vid' / 'CollectedData_me.csv'
        file.write_text(DEEPLABCUT)
        for path in (file, project):
            tags = import_tags('deeplabcut', str(path))
            assert tags.names() == ['nose', 'tail']
            assert tags.images[1]['file_name'] == 'labeled-data/vid/b.png'
            assert (tags.images[1]['width'], tags.images[1]['height']) == (64, 48)
            (animal,) = tags.annotations
            assert animal['keypoints'] == [3, 4, 2, 53, 44, 2]
            assert animal['bbox'] == [0, 0, 58, 48]
            # One point has no extent, and an animal must not fill the image for it.
            assert tags.rest['info']['left_out'] == {'persons without a box or an extent': 1}
        assert import_tags('deeplabcut', str(file), keypoints='tail,nose').names()[0] == 'tail'

    def test_tags_only(self, project):
        """As for COCO, coordinates become tags."""
        file = project / 'CollectedData_me.csv'
        file.write_text(DEEPLABCUT)
        tags = import_tags('deeplabcut', str(file), image_root=str(project), tags_only=True)
        assert tags.annotations[0]['keypoint_tags'] == [1, 1]
        assert 'keypoints' not in tags.annotations[0]

    def test_animals(self, project):
        """Several animals of an image; bodyparts of no animal are counted."""
        file = project / 'a.csv'
        file.write_text(ANIMALS)
        with refuses('no-persons') as caught:
            import_tags('deeplabcut', str(file), image_root=str(project))
        assert '3 persons without a box or an extent' in caught.value.fault
        assert '2 bodyparts that belong to no animal' in caught.value.fault

    @pytest.mark.parametrize(
        ('old', 'new', 'code', 'place'),
        [
            ('1.5,2,,', '1.5,,,', 'malformed', "row 4: 'nose'"),
            ('1.5,2,,', ',2,,', 'malformed', "row 4: 'nose'"),
            ('1.5,2,,', 'x,2,,', 'malformed', "row 4: 'nose'"),
            ('1.5,2,,', '1.5,2', 'damaged', 'row 4'),
            ('coords,,,x,y,x,y', 'coords,,,x,y,x,likelihood', 'other-program', ''),
            ('scorer,,,me,me,me,me', 'scorer,,,me,me,me,you', 'several-labels', ''),
            ('nose,nose,tail,tail', 'nose,nose,nose,nose', 'columns', ''),
            ('bodyparts', 'parts', 'structure', ''),
            ('labeled-data,vid,a.png', '..,..,a.png', 'outside-folder', 'row 4'),
            ('vid,a.png', 'vid,c.png', 'missing-image', 'row 4'),
        ],
    )
    def test_faults(self, project, old, new, code, place):
        """A fault is reported by file and row."""
        assert old in DEEPLABCUT
        file = project / 'CollectedData_me.csv'
        file.write_text(DEEPLABCUT.replace(old, new))
        with refuses(code, place=place) as caught:
            import_tags('deeplabcut', str(file), image_root=str(project))
        assert 'CollectedData_me.csv' in caught.value.place

    @pytest.mark.parametrize('three', [True, False])
    def test_h5(self, project, three):
        """HDF5 in pandas' fixed format gives the same as CSV, without unpickling anything."""
        h5py = pytest.importorskip('h5py')
        file = project / 'labeled-data' / 'vid' / 'CollectedData_me.h5'
        with h5py.File(file, 'w') as content:
            group = content.create_group('df_with_missing')
            parts = [
                (b'scorer', [b'me'] * 4),
                (b'bodyparts', [b'nose', b'nose', b'tail', b'tail']),
            ]
            parts.append((b'coords', [b'x', b'y', b'x', b'y']))
            _write_axis(group, 'axis0', parts)
            _write_axis(group, 'block0_items', [(n, v[:1] + v[2:]) for n, v in parts])
            _write_axis(group, 'block1_items', [(n, v[1:2]) for n, v in parts])
            nan = float('nan')
            group['block0_values'] = [[1.5, nan, nan], [3.0, 53.0, 44.0]]
            group['block1_values'] = [[2], [4]]
            images = [[b'labeled-data'] * 2, [b'vid'] * 2, [b'a.png', b'b.png']]
            if three:
                _write_axis(group, 'axis1', [(b'N.', level) for level in images])
            else:
                group['axis1'] = np.array([b'/'.join(e) for e in zip(*images, strict=True)])
        (animal,) = import_tags('deeplabcut', str(file)).annotations
        assert animal['keypoints'] == [3, 4, 2, 53, 44, 2]
        raw = file.read_bytes()
        file.write_bytes(raw[: len(raw) // 2])
        with refuses('damaged'):
            import_tags('deeplabcut', str(file))

    def test_without_h5py(self, project, monkeypatch):
        """Without the package the remedy names the extra."""
        monkeypatch.setitem(sys.modules, 'h5py', None)
        (project / 'a.h5').write_bytes(b'\x89HDF')
        with refuses('package') as caught:
            import_tags('deeplabcut', str(project / 'a.h5'))
        assert 'lfhpe_mmpose[deeplabcut]' in caught.value.remedy


def _write_axis(group, name, levels):
    """An axis of several levels as pandas writes it."""
    for i, (title, texts) in enumerate(levels):
        known = sorted(set(texts))
        group[f'{name}_level{i}'] = np.array(known)
        group[f'{name}_level{i}'].attrs['name'] = title
        group[f'{name}_label{i}'] = [known.index(text) for text in texts]


class TestLabelMe:
    """A JSON file for each image."""

    def read(self, folder, change=None, **options):
        """Read a file after a change."""
        data = json.loads(json.dumps(LABELME))
        if change:
            change(data)
        (folder / 'labels').mkdir(exist_ok=True)
        (folder / 'labels' / 'a.json').write_text(json.dumps(data))
        return import_tags('labelme', str(folder / 'labels'), **options)

    def test_groups(self, tmp_path):
        """Points and rectangle of a group are a person; other shapes are counted."""
        tags = self.read(tmp_path)
        assert tags.names() == ['nose', 'tail']
        assert tags.images == [dict(id=1, file_name='a.png', width=64, height=48)]
        (person,) = tags.annotations
        assert person['bbox'] == [5, 6, 35, 39]
        assert person['keypoints'] == [10, 12, 2, 30, 42, 1]
        assert tags.rest['info']['left_out'] == {
            'persons without a box or an extent': 1,
            "polygon 'sofa'": 1,
        }

    def test_one_person(self, tmp_path):
        """Without groups an image shows one person, whose box is about its points."""

        def ungroup(data):
            data['shapes'] = [dict(s, group_id=None) for s in data['shapes'][:2]]

        (person,) = self.read(tmp_path, ungroup).annotations
        assert person['bbox'] == [7, 9, 26, 36]

    def test_image_beside(self, tmp_path):
        """File names are relative to the image folder, sizes read from it if missing."""
        (tmp_path / 'images').mkdir()
        Image.new('RGB', (20, 10)).save(tmp_path / 'images' / 'a.png')

        def move(data):
            data.update(imagePath='..\\images\\a.png', imageWidth=None)

        (image,) = self.read(tmp_path, move, image_root=str(tmp_path)).images
        assert image == dict(id=1, file_name='images/a.png', width=20, height=10)
        for width in (None, 20):
            with refuses('outside-folder', place='imagePath'):
                self.read(
                    tmp_path, lambda d, w=width: d.update(imagePath='../a.png', imageWidth=w)
                )

    @pytest.mark.parametrize(
        ('change', 'code', 'place'),
        [
            (lambda d: d['shapes'][1].update(label='nose'), 'group', 'shapes[1]'),
            (lambda d: d['shapes'].append(d['shapes'][2]), 'group', 'shapes[5]'),
            (lambda d: d['shapes'][0].update(points=[[1, 'x']]), 'malformed', 'shapes[0]'),
            (lambda d: d['shapes'][0].update(points=[[10**30, 1]]), 'malformed', 'shapes[0]'),
            (lambda d: d['shapes'][0].update(label=3), 'malformed', 'shapes[0]'),
            (lambda d: d['shapes'][0].update(group_id=[1]), 'malformed', 'shapes[0]'),
            (lambda d: d['shapes'][2].update(points=[[4, 4], [4, 4]]), 'box', 'shapes[2]'),
            (lambda d: d.update(imagePath=''), 'malformed', 'imagePath'),
            (lambda d: d.update(imageWidth=0), 'image-size', 'a.json'),
            (lambda d: d.update(shapes={}), 'structure', 'a.json'),
            (lambda d: d.update(shapes=[]), 'no-keypoints', 'labels'),
        ],
    )
    def test_faults(self, tmp_path, change, code, place):
        """A fault is reported by file and shape."""
        with refuses(code, place=place):
            self.read(tmp_path, change)


class TestYolo:
    """data.yaml and a text file for each image."""

    def read(self, folder, line=LINE, about=YOLO, **options):
        """Read a data set of one image, with an image without labels."""
        pytest.importorskip('yaml')
        for split in ('train', 'valid'):
            for part in ('images', 'labels'):
                (folder / split / part).mkdir(parents=True, exist_ok=True)
            for name in 'ab':
                Image.new('RGB', (64, 48)).save(folder / split / 'images' / f'{name}.png')
        (folder / 'train' / 'labels' / 'a.txt').write_text(line)
        (folder / 'data.yaml').write_text(about)
        options.setdefault('keypoints', 'nose,tail')
        return import_tags('yolo', str(folder / 'data.yaml'), **options)

    def test_split(self, tmp_path):
        """Fractions become pixels; Roboflow's ../train is beside the file."""
        tags = self.read(tmp_path)
        assert [i['file_name'] for i in tags.images] == [f'train/images/{n}.png' for n in 'ab']
        (cat,) = tags.annotations
        assert tags.categories[0]['name'] == 'cat'
        assert cat['bbox'] == [16, 18, 32, 12]
        assert cat['keypoints'] == [16, 24, 2, 0, 0, 0]
        with refuses('no-persons'):
            self.read(tmp_path, split='val')
        with refuses('structure'):
            self.read(tmp_path, split='test')

    def test_without_visibility(self, tmp_path):
        """Two numbers for each keypoint: a keypoint at exactly 0, 0 was not labelled."""
        line = '0 0.5 0.5 0.5 0.25 0.25 0.5 0 0\n'
        (cat,) = self.read(tmp_path, line, YOLO.replace('[2, 3]', '[2, 2]')).annotations
        assert cat['keypoints'] == [16, 24, 2, 0, 0, 0]

    def test_names(self, tmp_path):
        """Names come from the file if it has them."""
        with refuses('no-keypoints'):
            self.read(tmp_path, keypoints=None)
        with refuses('keypoint-names'):
            self.read(tmp_path, keypoints='a,b,c')
        own = YOLO + 'kpt_names: {0: [n, t]}\n'
        assert self.read(tmp_path, about=own, keypoints=None).names() == ['n', 't']

    def test_classes(self, tmp_path):
        """Of several classes the user chooses one; the others are counted."""
        about = YOLO.replace('[cat]', '{0: cat, 1: dog}')
        line = LINE + LINE.replace('0 0.5', '1 0.5', 1)
        with refuses('several-labels'):
            self.read(tmp_path, line, about)
        tags = self.read(tmp_path, line, about, label='cat')
        assert len(tags.annotations) == 1
        assert tags.rest['info']['left_out'] == {"persons of class 'dog'": 1}
        with refuses('unknown-label'):
            self.read(tmp_path, line, about, label='cow')

    @pytest.mark.parametrize(
        ('old', 'new', 'code'),
        [
            (LINE, LINE.strip() + ' 1\n', 'keypoint-count'),
            ('0.5 2', '0.5 3', 'visibility'),
            ('0.25 0.5 2', '16 24 2', 'malformed'),
            ('0 0.5', '0.5 0.5', 'malformed'),
            ('0.5 0.25 0.25', '0.5 -0.25 0.25', 'malformed'),
            ('0 0.5', 'cat 0.5', 'malformed'),
        ],
    )
    def test_lines(self, tmp_path, old, new, code):
        """A fault is reported by file and line."""
        with refuses(code, place='a.txt: line 1'):
            self.read(tmp_path, LINE.replace(old, new, 1))

    @pytest.mark.parametrize(
        ('old', 'new', 'code'),
        [
            ('[2, 3]', '[2]', 'structure'),
            ('[2, 3]', '[10000000000, 3]', 'structure'),
            ('[cat]', '5', 'structure'),
            ('../train/images', '../../images', 'outside-folder'),
            ('../train/images', 'nowhere', 'folder-missing'),
            (YOLO, '- 1', 'structure'),
            ('[cat]', '[cat', 'damaged'),
        ],
    )
    def test_data_yaml(self, tmp_path, old, new, code):
        """A fault of the data set is reported."""
        with refuses(code, place='data.yaml'):
            self.read(tmp_path, about=YOLO.replace(old, new))


class TestSleap:
    """SLEAP's files, by sleap-io."""

    def test_images(self, project):
        """User instances of image files; predicted ones are counted."""
        sio = pytest.importorskip('sleap_io')
        skeleton = sio.Skeleton(nodes=['nose', 'tail'])
        folder = project / 'labeled-data' / 'vid'
        video = sio.Video(filename=[str(folder / f'{name}.png') for name in 'ab'])
        points = np.array([[3, 4], [53, 44]], float)
        user = sio.Instance.from_numpy(points, skeleton=skeleton)
        guess = sio.PredictedInstance.from_numpy(points, skeleton=skeleton)
        frame = sio.LabeledFrame(video=video, frame_idx=1, instances=[user, guess])
        labels = sio.Labels(videos=[video], skeletons=[skeleton], labeled_frames=[frame])
        labels.save(str(project / 'a.slp'))
        tags = import_tags('sleap', str(project / 'a.slp'))
        assert tags.images == [dict(id=1, file_name='b.png', width=64, height=48)]
        assert keypoints_of(tags) == [[3, 4, 2, 53, 44, 2]]
        assert tags.rest['info']['left_out'] == {'predicted instances': 1}
        labels.save(str(project / 'a.pkg.slp'), embed=True)
        with refuses('video'):
            import_tags('sleap', str(project / 'a.pkg.slp'))
        (project / 'a.slp').write_bytes(b'\x89HDF\r\n\x1a\n' + b'x' * 99)
        with refuses('damaged'):
            import_tags('sleap', str(project / 'a.slp'))

    def test_without_sleap_io(self, project, monkeypatch):
        """Without the package the remedy names the extra."""
        monkeypatch.setitem(sys.modules, 'sleap_io', None)
        (project / 'a.slp').write_bytes(b'\x89HDF')
        with refuses('package') as caught:
            import_tags('sleap', str(project / 'a.slp'))
        assert 'lfhpe_mmpose[sleap]' in caught.value.remedy


class TestOtherPrograms:
    """A file handed to the wrong format."""

    @pytest.mark.parametrize(
        ('name', 'text', 'kind', 'program'),
        [
            ('a.csv', DEEPLABCUT, 'table', 'DeepLabCut'),
            ('a.csv', ANIMALS, 'table', 'DeepLabCut'),
            ('a.csv', DEEPLABCUT.replace('x,y\n', 'x,likelihood\n', 1), 'table', 'predictions'),
            ('a.json', json.dumps(LABELME), 'coco', 'LabelMe'),
            ('a.json', json.dumps(LABELME), 'label-studio', 'LabelMe'),
            ('a.json', '{"a.jpg9": {"filename": "a.jpg", "regions": []}}', 'coco', 'VGG'),
            ('a.json', '{"_via_img_metadata": {}}', 'label-studio', 'VGG'),
            ('a.csv', 'filename,file_size,file_attributes\na,1,{}\n', 'table', 'VGG'),
            ('a.json', '[{"id": 1, "annotations": [], "data": {}}]', 'coco', 'Label Studio'),
            ('a.json', '{"images": [], "annotations": [], "categories": []}', 'labelme', 'COCO'),
            ('a.xml', '<?xml version="1.0"?>\n<annotations></annotations>', 'coco', 'CVAT'),
            ('data.yaml', 'train: a\nkpt_shape: [2, 3]\n', 'coco', 'YOLO'),
            ('a.slp', '\x89HDF', 'coco', 'SLEAP'),
        ],
    )
    def test_recognised(self, tmp_path, name, text, kind, program):
        """The program is named, with the way to read its files."""
        (tmp_path / name).write_text(text, encoding='latin-1')
        with refuses('other-program', place=name) as caught:
            import_tags(kind, str(tmp_path / name))
        assert program in caught.value.fault
        assert caught.value.remedy

    def test_folder(self, project):
        """A folder is recognised as well."""
        (project / 'a.json').write_text(json.dumps(LABELME))
        with refuses('other-program') as caught:
            import_tags('coco', str(project))
        assert 'LabelMe' in caught.value.fault

    def test_export(self, tmp_path):
        """What is only read cannot be written."""
        from .making import make_tags

        with refuses('format'):
            export_labels('sleap', make_tags(), str(tmp_path / 'a.slp'))
