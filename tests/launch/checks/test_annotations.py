"""Annotation files that cannot be used."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.checks.annotations import box_fault

from .words import refuses

ENTRY = 'train_dataloader.dataset.ann_file'


class TestFile:
    """The file itself."""

    def test_missing(self, cfg, data):
        """A missing file is named with its full path."""
        data.path.unlink()
        refuses(cfg, data.path, 'does not exist', ENTRY, 'data_root')

    def test_empty_file(self, cfg, data):
        """A file of 0 bytes is not called bad JSON."""
        data.write('')
        refuses(cfg, data.path, '0 bytes', ENTRY, 'copy')

    def test_not_json(self, cfg, data):
        """A file that was cut off is told as such."""
        data.write(data.path.read_text()[:500])
        refuses(cfg, data.path, 'not a JSON file', ENTRY, 'cut off')

    @pytest.mark.parametrize('content', ['[]', '3', '{"images": []}', '{"images": 1}'])
    def test_not_coco(self, cfg, data, content):
        """Other JSON is refused, and COCO's lists are named."""
        data.write(content)
        refuses(cfg, data.path, 'not COCO-style', ENTRY, "'annotations' and 'categories'")

    def test_empty_lists(self, cfg, data):
        """A file without annotations is called empty."""
        data.data['annotations'] = []
        data.write()
        refuses(cfg, data.path, 'empty', ENTRY, 'annotated persons')

    def test_no_persons(self, cfg, data):
        """A file of crowds and of persons without a keypoint has no persons."""
        for i, annotation in enumerate(data.data['annotations']):
            annotation.update(dict(iscrowd=1) if i % 2 else dict(num_keypoints=0))
        data.write()
        refuses(cfg, data.path, 'no persons', ENTRY, 'annotated persons')

    @pytest.mark.parametrize(
        ('part', 'key', 'value'),
        [
            ('images', 'file_name', None),
            ('images', 'width', '40'),
            ('annotations', 'image_id', None),
            ('annotations', 'id', 1.5),
        ],
    )
    def test_wrong_key(self, cfg, data, part, key, value):
        """An entry without a key, or with a wrong type, is named by its index."""
        data.data[part][2][key] = value
        data.write()
        refuses(cfg, data.path, f'{part}[2].{key}', ENTRY, 'complete')


class TestIds:
    """Ids that do not fit together."""

    def test_same_id_twice(self, cfg, data):
        """Two annotations with one id are refused, and the id is named."""
        data.data['annotations'][1]['id'] = 10
        data.write()
        refuses(cfg, data.path, 'id 10', 'more than once', ENTRY, 'an id of its own')

    def test_unknown_image(self, cfg, data):
        """A person of an image that the file does not have is named."""
        data.data['annotations'][1]['image_id'] = 99
        data.write()
        refuses(cfg, data.path, 'annotations[1] (id 11): image_id 99', ENTRY, 'add the images')


class TestBoxes:
    """Person boxes that cannot be used."""

    @pytest.mark.parametrize(
        ('box', 'fault'),
        [
            ([float('nan'), 5, 30, 40], 'NaN'),
            ([4, 5, float('inf'), 40], 'infinity'),
            ([4, 5, -30, 40], 'negative'),
            ([4, 5, 30, -1e-3], 'negative'),
            ([4, 5, 0, 40], 'no area'),
            ([41, 5, 30, 40], 'outside the image of 40x48'),
            ([-31, 5, 30, 40], 'outside the image'),
            ([4, 5, 30], '4 numbers'),
            ([4, 5, 30, '40'], '4 numbers'),
            (None, '4 numbers'),
        ],
    )
    def test_bad_box(self, cfg, data, box, fault):
        """Each fault is told with index, id and box."""
        data.data['annotations'][2]['bbox'] = box
        data.write()
        refuses(cfg, data.path, '1 of 4 persons', 'annotations[2].bbox (id 12)', fault, 'correct')

    @pytest.mark.parametrize('change', [dict(iscrowd=1), dict(num_keypoints=0)])
    def test_unused_persons_may_have_any_box(self, cfg, data, change):
        """COCO has crowds and persons without keypoints whose boxes have no area."""
        data.data['annotations'][2].update(bbox=[4, 5, 0, 0], **change)
        data.write()
        check_before_run(cfg, 'train')

    def test_partly_outside_is_fine(self):
        """A person at the border may have a box that goes on outside."""
        assert box_fault([-10, -10, 20, 20], (40, 48)) == ''

    def test_few_are_listed_all_are_counted(self, cfg, data):
        """Many bad boxes give a short message with their number."""
        one = data.data['annotations'][0]
        data.data['annotations'] = [{**one, 'id': i, 'bbox': [0, 0, -1, 9]} for i in range(40)]
        data.write()
        message = refuses(cfg, '40 of 40 persons', 'and 35 more')
        assert message.count('negative') < 15

    def test_coordinates_are_not_looked_at(self, cfg, data):
        """Withheld coordinates may be anything, also NaN."""
        for annotation in data.data['annotations']:
            annotation['keypoints'] = [float('nan'), float('nan'), 2] * 17
        data.write()
        check_before_run(cfg, 'train')
