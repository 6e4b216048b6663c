"""Tests of the checks of tag files before a run."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.checks.report import PreflightError

from .words import COCO_NAMES


@pytest.fixture
def tagged(cfg, data):
    """The good config on a tag file: nobody has a coordinate, two persons no box."""
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.type = 'TaggedCocoDataset'
    for i, annotation in enumerate(data.data['annotations']):
        for key in ('keypoints', 'num_keypoints', *(['bbox'] if i > 1 else [])):
            del annotation[key]
        annotation['keypoint_tags'] = [1, 0, -1] + [0] * 14
    data.write()
    return cfg


def problems(cfg) -> str:
    """What a run is refused for."""
    with pytest.raises(PreflightError) as error:
        check_before_run(cfg, 'train')
    return str(error.value)


class TestTagged:
    """A tag file is read as its data set will read it."""

    def test_good(self, tagged, data):
        """Tags by list and by name, boxes and none."""
        data.data['annotations'][1]['keypoint_tags'] = {'nose': 1}
        data.write()
        check_before_run(tagged, 'train')

    def test_entries(self, tagged, data):
        """Each fault is told, with entry and remedy, all of them at once."""
        annotations = data.data['annotations']
        annotations[0]['keypoint_tags'] = {'noes': 1}
        annotations[1]['tag_views'] = [dict(bbox=[1, 2, 3, 0], keypoint_tags=[0] * 17)]
        annotations[2]['keypoints'] = [1, 2, 2]
        annotations[3]['bbox'] = [0, 0, -4, 3]
        data.write()
        text = problems(tagged)
        for word in (
            'annotations[0] (id 10).keypoint_tags',
            "did you mean 'nose'",
            'annotations[1] (id 11).tag_views[0].bbox',
            'annotations[2] (id 12).keypoints',
            'annotations[3].bbox (id 13)',
            'tools/check_tags.py',
        ):
            assert word in text

    def test_other_names(self, tagged, data):
        """A file with other keypoints than the metainfo."""
        data.data['categories'][0]['keypoints'] = COCO_NAMES[::-1]
        data.write()
        assert 'tools/make_metainfo.py' in problems(tagged)

    def test_nobody(self, tagged, data):
        """Persons without keypoints, tags and views."""
        for annotation in data.data['annotations']:
            del annotation['keypoint_tags']
        data.write()
        assert 'tags or tagged views' in problems(tagged)

    def test_missing_image(self, tagged, data):
        """Images are looked for as with any data set."""
        data.image(2).unlink()
        assert '002.jpg' in problems(tagged)

    def test_data_set_that_reads_no_tags(self, tagged):
        """MMPose's class on a tag file: the remedy is the type."""
        tagged.train_dataloader.dataset.type = 'CocoDataset'
        assert "'TaggedCocoDataset'" in problems(tagged)
