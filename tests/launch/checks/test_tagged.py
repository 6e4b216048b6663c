"""Tests of the checks of tag files before a run."""

import copy

import pytest
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checks import check_before_run

from .words import COCO_NAMES, found, refuses


@pytest.fixture
def tagged(cfg, data):
    """The good config on a tag file: nobody has a coordinate, two persons have no box."""
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.type = 'TaggedCocoDataset'
    for i, annotation in enumerate(data.data['annotations']):
        for key in ('keypoints', 'num_keypoints', *(['bbox'] if i > 1 else [])):
            del annotation[key]
        annotation['keypoint_tags'] = [1, 0, -1] + [0] * 14
    data.write()
    return cfg


class TestTagged:
    """A tag file is read as its data set reads it."""

    def test_good(self, tagged, data):
        """Tags by list and by name, boxes and none."""
        data.data['annotations'][1]['keypoint_tags'] = {'nose': 1}
        data.write()
        check_before_run(tagged, 'train')

    @pytest.mark.parametrize(
        ('change', 'code', 'at'),
        [
            (dict(keypoint_tags={'noes': 1}), 'unknown-keypoint', '.keypoint_tags'),
            (dict(keypoint_tags=[1, 2] + [0] * 15), 'wrong-tag', '.keypoint_tags[1]'),
            (dict(keypoint_tags=[0] * 3), 'tag-count', '.keypoint_tags'),
            (
                dict(tag_views=[dict(bbox=[1, 2, 3, 0], keypoint_tags=[0] * 17)]),
                'view',
                '.tag_views[0].bbox',
            ),
            (dict(tag_views=3), 'malformed', '.tag_views'),
            (dict(keypoints=[1, 2, 2]), 'keypoint-count', '.keypoints'),
            (dict(keypoints=[]), 'keypoint-count', '.keypoints'),
            (dict(keypoints=[1, 2, 7] * 17), 'visibility', '.keypoints[2]'),
            (dict(bbox=[0, 0, -4, 3]), 'box', ''),
            (dict(area=None), 'malformed', '.area'),
            (dict(iscrowd='no'), 'malformed', '.iscrowd'),
            (dict(id=True), 'malformed', '.id'),
            (dict(image_id=99), 'unknown-image', ''),
            (dict(category_id='1'), 'unknown-category', ''),
            # A person of whom nothing is learnt is read all the same.
            (dict(keypoint_tags=None, keypoints=[]), 'keypoint-count', '.keypoints'),
        ],
    )
    def test_entries(self, tagged, data, change, code, at):
        """A faulty entry is refused by the check and by the data set alike."""
        data.data['annotations'][1].update(change)
        data.write()
        refuses(tagged, code, data.path, 'annotations[1]', at)
        with pytest.raises(UserError) as caught:
            DATASETS.build(copy.deepcopy(tagged.train_dataloader.dataset))
        assert caught.value.code == code

    def test_all_at_once(self, tagged, data):
        """Faults of several kinds are reported together."""
        annotations = data.data['annotations']
        annotations[0]['keypoint_tags'] = {'noes': 1}
        annotations[1]['bbox'] = [0, 0, -4, 3]
        annotations[2]['keypoints'] = []
        data.write()
        codes = {error.code for error in found(tagged)}
        assert codes == {'unknown-keypoint', 'box', 'keypoint-count'}

    def test_other_names(self, tagged, data):
        """A file with other keypoints than the metainfo; here the spelling counts."""
        names = [*COCO_NAMES[:-1], 'Right ankle']
        data.data['categories'][0]['keypoints'] = names
        data.write()
        refuses(tagged, 'metainfo-names', 'categories[0].keypoints')

    def test_nobody(self, tagged, data):
        """Persons without keypoints, tags and views."""
        for annotation in data.data['annotations']:
            del annotation['keypoint_tags']
        data.write()
        refuses(tagged, 'no-persons', data.path)

    def test_missing_image(self, tagged, data):
        """Images are looked for as with any data set."""
        data.image(2).unlink()
        refuses(tagged, 'missing-image', '002.jpg')

    def test_data_set_that_reads_no_tags(self, tagged):
        """With MMPose's class on a tag file the remedy is the type."""
        tagged.train_dataloader.dataset.type = 'CocoDataset'
        tagged.val_cfg = tagged.val_dataloader = tagged.val_evaluator = None
        assert 'TaggedCocoDataset' in refuses(tagged, 'no-persons').remedy
