"""LSP-extended, LSP and synthetic people through MMPose's data set class."""

import numpy as np
import pytest
from mmpose.registry import DATASETS

import lfhpe_mmpose  # noqa: F401  registers the classes


class TestLspExtendedDataset:
    """Built from a config, as in a recipe."""

    def build(self, root, ann_file, img, **rest):
        """The data set with paths below a root."""
        return DATASETS.build(
            dict(
                type='LspExtendedDataset',
                data_root=str(root),
                ann_file=ann_file,
                data_prefix=dict(img=img),
                pipeline=rest.pop('pipeline', []),
                **rest,
            )
        )

    def test_flip_indices_swap_left_and_right(self):
        """The ankles, first and sixth, change places; neck and head stay."""
        meta = DATASETS.build(dict(type='LspExtendedDataset', lazy_init=True)).metainfo
        assert meta['flip_indices'] == [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13]
        assert meta['num_keypoints'] == 14
        assert meta['lower_body_ids'] == [0, 1, 2, 3, 4, 5]
        assert meta['upper_body_ids'] == [6, 7, 8, 9, 10, 11, 12, 13]

    def test_synthetic_people_load(self, people):
        """Persons have 14 keypoints, their boxes and a picture that can be read."""
        dataset = self.build(
            people,
            'annotations/person_keypoints_val.json',
            'val/',
            pipeline=[dict(type='mmpose.LoadImage')],
        )
        assert 10 <= len(dataset) <= 16
        sample = dataset[0]
        assert sample['keypoints'].shape == (1, 14, 2)
        assert sample['img'].shape == (176, 176, 3)
        assert sample['bbox'].shape == (1, 4)

    def test_17_keypoints_load_as_coco(self, coco_people):
        """The 17-keypoint set is read by MMPose's own CocoDataset."""
        dataset = DATASETS.build(
            dict(
                type='CocoDataset',
                data_root=str(coco_people),
                ann_file='annotations/person_keypoints_train.json',
                data_prefix=dict(img='train/'),
                pipeline=[dict(type='mmpose.LoadImage')],
            )
        )
        sample = dataset[0]
        assert sample['keypoints'].shape == (1, 17, 2)
        assert sample['img'].ndim == 3

    @pytest.mark.parametrize('name, total', [('lspet/annotations/val.json', 1000)])
    def test_real_annotations_load(self, data_dir, name, total):
        """LSP-extended loads; absent joints are not visible."""
        dataset = self.build(data_dir, name, 'images/')
        assert len(dataset) == total
        visible = np.concatenate(
            [dataset.get_data_info(i)['keypoints_visible'] for i in range(50)]
        )
        assert 0.5 < visible.mean() < 1

    def test_lsp_loads_with_its_occluded_joints(self, data_dir):
        """LSP has the same keypoints; its flag 1 counts as labelled."""
        dataset = self.build(data_dir, 'lsp/annotations/train.json', 'images/')
        assert len(dataset) == 1000
        assert dataset.get_data_info(0)['keypoints'].shape == (1, 14, 2)
