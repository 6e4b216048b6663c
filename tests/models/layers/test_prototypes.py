"""Tests of the relation-encoded prototypes."""

import torch

from lfhpe_mmpose.models.layers import PosePrototypes, skeleton_relations

LINKS, FLIP = [(0, 1), (1, 2), (2, 3)], [0, 2, 1, 3, 4]


class TestSkeletonRelations:
    """The skeleton and the left/right pairs as matrices."""

    def test_by_hand(self):
        """Distances in limbs, 4 for unconnected keypoints; pairs are symmetric."""
        hops, pairs = skeleton_relations(5, LINKS, FLIP)
        assert hops[0].tolist() == [0, 1, 2, 3, 4]
        assert torch.equal(hops, hops.T)
        assert pairs.nonzero().tolist() == [[1, 2], [2, 1]]


class TestPosePrototypes:
    """Prototypes are made for the image and know of one another."""

    def test_image_specific(self):
        """Other features under a keypoint's map change its prototype."""
        layer = PosePrototypes(5, 16, LINKS, FLIP)
        cam = torch.full((1, 5, 6), -9.0)
        cam[..., 0] = 9.0
        tokens = torch.randn(1, 6, 16)
        seen, unseen = tokens.clone(), tokens.clone()
        seen[:, 0] += 1
        unseen[:, 5] += 1
        out = layer(tokens, cam)
        assert out.shape == (1, 5, 16)
        assert not torch.allclose(out, layer(seen, cam), atol=1e-3)
        assert torch.allclose(out, layer(unseen, cam), atol=1e-3)

    def test_related(self):
        """Evidence of one keypoint reaches another's prototype, more layers or fewer."""
        cam = torch.zeros(1, 5, 6)
        cam[:, 4, 2] = 50.0  # keypoint 4 looks at token 2 alone, the others everywhere
        tokens = torch.randn(1, 6, 16)
        for layers, related in ((2, True), (0, False)):
            layer = PosePrototypes(5, 16, LINKS, FLIP, num_layers=layers)
            moved = cam.clone()
            moved[:, 4, 3] = 100.0
            change = (layer(tokens, cam) - layer(tokens, moved))[0].abs().amax(-1)
            assert change[4] > 1e-3
            assert bool(change[0] > 1e-7) == related
