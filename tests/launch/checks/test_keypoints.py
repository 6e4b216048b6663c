"""Head, data set and file must have the same keypoints."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run, keypoints

from .words import COCO_NAMES, refuses

ENTRY = 'train_dataloader.dataset.ann_file'


class TestCount:
    """Numbers of keypoints."""

    def test_head(self, cfg):
        """A head of 14 keypoints does not go with COCO."""
        cfg.model.head.out_channels = 14
        place = 'model.head.out_channels = 14; train_dataloader.dataset (CocoDataset)'
        refuses(cfg, 'head-keypoints', place)

    @pytest.mark.parametrize('keypoints', [[5.0, 5.0, 2] * 14, [[5.0, 5.0, 2]] * 17])
    def test_annotation(self, cfg, data, keypoints):
        """A person with 14 keypoints in a file of 17; a list of triples."""
        data.data['annotations'][1]['keypoints'] = keypoints
        data.write()
        refuses(cfg, 'keypoint-count', data.path, 'annotations[1] (id 11).keypoints', ENTRY)

    def test_converter(self, cfg):
        """After a KeypointConverter its number counts."""
        step = dict(type='KeypointConverter', num_keypoints=5, mapping=[(i, i) for i in range(5)])
        cfg.train_dataloader.dataset.pipeline.insert(1, step)
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        refuses(cfg, 'head-keypoints', 'the data set 5')
        cfg.model.head.out_channels = 5
        check_before_run(cfg, 'train')


class TestNames:
    """Names and order of keypoints."""

    @pytest.mark.parametrize(
        ('names', 'example'),
        [
            (['noze', *COCO_NAMES[1:]], "'noze' is not in the data set"),
            (
                [COCO_NAMES[0], COCO_NAMES[2], COCO_NAMES[1], *COCO_NAMES[3:]],
                "number 2 is 'right_eye', in the data set 'left_eye'",
            ),
            (COCO_NAMES[:-1], "'right_ankle' of the data set is missing"),
        ],
    )
    def test_other(self, cfg, data, names, example):
        """Unknown names, another order (left and right swapped) and missing names."""
        data.data['categories'][0]['keypoints'] = names
        data.write()
        refuses(cfg, 'metainfo-names', data.path, 'categories[0].keypoints', example)

    @pytest.mark.parametrize('names', [[n.title().replace('_', ' ') for n in COCO_NAMES], None])
    def test_spelling(self, cfg, data, names):
        """Blanks, capitals and a file without names are fine."""
        data.data['categories'][0]['keypoints'] = names
        data.write()
        check_before_run(cfg, 'train')

    def test_bad_metainfo(self, cfg):
        """Metainfo that cannot be read is reported with its entry."""
        cfg.train_dataloader.dataset.metainfo = dict(from_file='none.py')
        refuses(cfg, 'metainfo', 'none.py', 'train_dataloader.dataset.metainfo')


class TestFlips:
    """Flipped images, and keypoints without a partner."""

    @pytest.mark.parametrize('flip', ['train', 'test', None])
    def test_no_pairs(self, cfg, data, monkeypatch, flip):
        """Numbers as names with flips on are named; without flips, and COCO's, are not."""
        said = []
        monkeypatch.setattr(keypoints, 'print_log', lambda text, *_, **__: said.append(text))
        if flip == 'train':
            step = dict(type='RandomFlip', direction='horizontal')
            cfg.train_dataloader.dataset.pipeline.insert(3, step)
        elif flip == 'test':
            cfg.model.test_cfg = dict(flip_test=True)
        check_before_run(cfg, 'train')
        assert said == []
        names = [str(k) for k in range(17)]
        data.data['categories'][0]['keypoints'] = names
        data.write()
        info = {k: dict(name=n, id=k, color=[0, 0, 0], swap='') for k, n in enumerate(names)}
        metainfo = dict(
            dataset_name='numbers', keypoint_info=info, skeleton_info={},
            joint_weights=[1.0] * 17, sigmas=[0.05] * 17,
        )  # fmt: skip
        for loader in (cfg.train_dataloader, cfg.val_dataloader):
            loader.dataset.metainfo = metainfo
        check_before_run(cfg, 'train')
        assert len(said) == (flip is not None)
        assert all('[no-flip-pair]' in text for text in said)
