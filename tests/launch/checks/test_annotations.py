"""Annotation files that cannot be used."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run

from .words import refuses

ENTRY = 'train_dataloader.dataset.ann_file'


class TestFile:
    """The file itself."""

    def test_missing(self, cfg, data):
        """A missing file is named with its full path; a folder is no file."""
        data.path.unlink()
        refuses(cfg, 'file-missing', data.path, ENTRY)
        data.path.mkdir()
        refuses(cfg, 'file-missing', data.path, ENTRY)

    @pytest.mark.parametrize(
        ('content', 'code'),
        [
            ('', 'empty-file'),
            ('{"images": [', 'cut-off'),
            ('[]', 'structure'),
            ('3', 'structure'),
            ('{"images": []}', 'structure'),
            ('{"images": 1}', 'structure'),
        ],
    )
    def test_content(self, cfg, data, content, code):
        """Empty files, files that were cut off and other JSON."""
        data.write(content)
        refuses(cfg, code, data.path, ENTRY)

    def test_no_persons(self, cfg, data):
        """An empty list; a file of crowds and of persons without a keypoint."""
        for i, annotation in enumerate(data.data['annotations']):
            annotation.update(dict(iscrowd=1) if i % 2 else dict(num_keypoints=0))
        data.write()
        refuses(cfg, 'no-persons', data.path, ENTRY)
        data.data['annotations'] = []
        data.write()
        refuses(cfg, 'no-persons', data.path, ENTRY)

    @pytest.mark.parametrize(
        ('part', 'key', 'value'),
        [
            ('images', 'file_name', None),
            ('images', 'width', '40'),
            ('images', 'height', False),
            ('annotations', 'image_id', None),
            ('annotations', 'id', 1.5),
            ('annotations', 'area', None),
            ('annotations', 'bbox', [0, 0, 10**30, 4]),
        ],
    )
    def test_wrong_key(self, cfg, data, part, key, value):
        """An entry without a key, or of a wrong type, is named by its index."""
        data.data[part][2][key] = value
        data.write()
        code = 'box' if key == 'bbox' else 'malformed'
        refuses(cfg, code, data.path, f'{part}[2]', f'.{key}', ENTRY)


class TestIds:
    """Ids that do not fit together."""

    def test_same_id_twice(self, cfg, data):
        """Two annotations with one id."""
        data.data['annotations'][1]['id'] = 10
        data.write()
        refuses(cfg, 'duplicate-id', data.path, 'id 10', ENTRY)

    def test_unknown_image(self, cfg, data):
        """A person of an image that the file does not have."""
        data.data['annotations'][1]['image_id'] = 99
        data.write()
        refuses(cfg, 'unknown-image', 'annotations[1] (id 11).image_id', ENTRY)


class TestBoxes:
    """Person boxes that cannot be used."""

    @pytest.mark.parametrize(
        ('box', 'code'),
        [
            ([float('nan'), 5, 30, 40], 'not-finite'),
            ([4, 5, float('inf'), 40], 'not-finite'),
            ([4, 5, -30, 40], 'box'),
            ([4, 5, 30, -1e-3], 'box'),
            ([4, 5, 0, 40], 'box'),
            ([41, 5, 30, 40], 'box-outside'),
            ([-31, 5, 30, 40], 'box-outside'),
            ([4, 5, 30], 'box'),
            ([4, 5, 30, '40'], 'box'),
            (None, 'box'),
        ],
    )
    def test_bad_box(self, cfg, data, box, code):
        """Each fault is reported with index and id."""
        data.data['annotations'][2]['bbox'] = box
        data.write()
        refuses(cfg, code, data.path, 'annotations[2] (id 12).bbox')

    @pytest.mark.parametrize('change', [dict(iscrowd=1), dict(num_keypoints=0)])
    def test_unused_persons_may_have_any_box(self, cfg, data, change):
        """COCO has crowds and persons without keypoints whose boxes have no area."""
        data.data['annotations'][2].update(bbox=[4, 5, 0, 0], **change)
        data.write()
        check_before_run(cfg, 'train')

    def test_partly_outside_is_fine(self, cfg, data):
        """A person at the border may have a box that extends outside."""
        data.data['annotations'][2]['bbox'] = [-10, -10, 20, 20]
        data.write()
        check_before_run(cfg, 'train')

    def test_few_are_listed_all_are_counted(self, cfg, data):
        """Many bad boxes give a short message with their number."""
        one = data.data['annotations'][0]
        data.data['annotations'] = [{**one, 'id': i, 'bbox': [0, 0, -1, 9]} for i in range(40)]
        data.write()
        error = refuses(cfg, 'box', '40 entries', 'and 35 more')
        assert error.fault.count('annotations[') == 5

    def test_coordinates_are_not_looked_at(self, cfg, data):
        """Withheld coordinates may be anything, also NaN."""
        for annotation in data.data['annotations']:
            annotation['keypoints'] = [float('nan'), float('nan'), 2] * 17
        data.write()
        check_before_run(cfg, 'train')
