"""Keypoint sets of the synthetic people."""

import json

import pytest

from lfhpe_mmpose.datasets.synthetic.keypoints import KEYPOINT_NAMES, SKELETONS, owners
from lfhpe_mmpose.datasets.synthetic.parts import PART, PARTS


class TestKeypointSets:
    """Names, skeletons and owners."""

    @pytest.mark.parametrize('keypoints, number', [('lsp', 14), ('coco', 17)])
    def test_names_and_links(self, keypoints, number):
        """Names are distinct and links join names of the set."""
        names = KEYPOINT_NAMES[keypoints]
        assert len(set(names)) == len(names) == number
        assert {name for link in SKELETONS[keypoints] for name in link} == set(names)

    def test_order_is_that_of_lsp_extended(self, data_dir):
        """The 14 names come in the order of the real annotations."""
        content = json.loads((data_dir / 'lspet' / 'annotations' / 'val.json').read_text())
        assert content['categories'][0]['keypoints'] == list(KEYPOINT_NAMES['lsp'])

    def test_order_is_that_of_coco(self):
        """The 17 names come in the order of MMPose's COCO."""
        from mmpose.datasets import CocoDataset

        names = CocoDataset(lazy_init=True).metainfo['keypoint_id2name']
        assert list(names.values()) == list(KEYPOINT_NAMES['coco'])

    def test_owners_keep_to_their_side(self):
        """No left joint is seen on a right limb."""
        for name in KEYPOINT_NAMES['lsp']:
            parts = {PARTS[number] for number in owners(name)}
            if name.startswith('left'):
                assert not any(part.startswith('r_') for part in parts)
        assert owners('left_knee') == (PART['l_thigh'], PART['l_shin'])
