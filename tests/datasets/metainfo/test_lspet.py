"""Metainfo of the 14 keypoints."""

import pytest
from mmengine.config import Config

from lfhpe_mmpose.datasets.metainfo import metainfo_path


class TestLspetMetainfo:
    """The dataset_info file."""

    @pytest.fixture(scope='class')
    def info(self):
        """The dict of the file."""
        return Config.fromfile(metainfo_path('lspet.py')).dataset_info

    def test_swaps_are_mutual(self, info):
        """A keypoint's partner names it back, left for right; neck and head have none."""
        by_name = {k['name']: k for k in info.keypoint_info.values()}
        for name, entry in by_name.items():
            if name in ('neck', 'head_top'):
                assert entry['swap'] == ''
            else:
                assert by_name[entry['swap']]['swap'] == name
                assert {name.split('_')[0], entry['swap'].split('_')[0]} == {'left', 'right'}
                assert name.split('_')[1] == entry['swap'].split('_')[1]

    def test_ids_and_lengths(self, info):
        """Ids count up; there are 14 weights and sigmas, alike for both sides."""
        assert [k['id'] for k in info.keypoint_info.values()] == list(range(14))
        assert len(info.joint_weights) == len(info.sigmas) == 14
        names = [k['name'] for k in info.keypoint_info.values()]
        for i, entry in enumerate(info.keypoint_info.values()):
            if entry['swap']:
                assert info.sigmas[i] == info.sigmas[names.index(entry['swap'])]

    def test_sigmas_are_those_of_coco(self, info):
        """Joints that COCO has as well have COCO's sigma."""
        from mmpose.datasets import CocoDataset

        meta = CocoDataset(lazy_init=True).metainfo
        coco = dict(zip(meta['keypoint_id2name'].values(), meta['sigmas']))
        for entry, sigma in zip(info.keypoint_info.values(), info.sigmas):
            if entry['name'] in coco:
                assert sigma == pytest.approx(coco[entry['name']])
