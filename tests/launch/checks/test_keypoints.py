"""Head, data set and file must speak of the same keypoints."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run

from .words import COCO_NAMES, refuses

ENTRY = 'train_dataloader.dataset (CocoDataset)'


class TestCount:
    """Numbers of keypoints."""

    def test_head(self, cfg):
        """A head of 14 keypoints does not go with COCO."""
        cfg.model.head.out_channels = 14
        refuses(cfg, 'model.head.out_channels = 14', ENTRY, 'set model.head.out_channels=17')

    def test_annotation(self, cfg, data):
        """A person with 14 keypoints is named in a file of 17."""
        data.data['annotations'][1]['keypoints'] = [5.0, 5.0, 2] * 14
        data.write()
        refuses(
            cfg, data.path, 'annotations[1].keypoints (id 11)', '14 keypoints', ENTRY, 'metainfo'
        )

    def test_nested_list(self, cfg, data):
        """Keypoints as a list of triples are not COCO's."""
        data.data['annotations'][1]['keypoints'] = [[5.0, 5.0, 2]] * 17
        data.write()
        refuses(cfg, data.path, 'annotations[1].keypoints (id 11)')

    def test_converter(self, cfg):
        """After a KeypointConverter its number counts."""
        step = dict(type='KeypointConverter', num_keypoints=5, mapping=[(i, i) for i in range(5)])
        cfg.train_dataloader.dataset.pipeline.insert(1, step)
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        refuses(cfg, 'the data set has 5')
        cfg.model.head.out_channels = 5
        check_before_run(cfg, 'train')


class TestNames:
    """Names and order of keypoints."""

    def names(self, data, names):
        """Write other names into the file."""
        data.data['categories'][0]['keypoints'] = names
        data.write()

    def test_unknown(self, cfg, data):
        """A name that the data set does not know is told, with the nearest."""
        self.names(data, ['noze', *COCO_NAMES[1:]])
        refuses(
            cfg, data.path, 'categories[0].keypoints', "'noze', did you mean 'nose'?", 'metainfo'
        )

    def test_order(self, cfg, data):
        """Left and right swapped would train without any other sign."""
        self.names(data, [COCO_NAMES[0], COCO_NAMES[2], COCO_NAMES[1], *COCO_NAMES[3:]])
        refuses(cfg, data.path, 'another order', "index 1: 'right_eye', not 'left_eye'", 'order')

    @pytest.mark.parametrize('names', [[n.title().replace('_', ' ') for n in COCO_NAMES], None])
    def test_spelling(self, cfg, data, names):
        """Blanks, capitals and a file without names are fine."""
        self.names(data, names)
        check_before_run(cfg, 'train')

    def test_bad_metainfo(self, cfg):
        """Meta information that cannot be read is told with its entry."""
        cfg.train_dataloader.dataset.metainfo = dict(from_file='none.py')
        refuses(cfg, 'none.py', 'train_dataloader.dataset.metainfo', 'from_file')
