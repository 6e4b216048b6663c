"""Mirror and affine equivariance of the local maps, for a trial with whole-animal tags."""

from typing import Any

import torch
import torch.nn.functional as F
from mmpose.models.pose_estimators import TopdownPoseEstimator
from mmpose.registry import MODELS
from torch import Tensor

# Turn in degrees, and scale, drawn for each picture; every second one is mirrored.
_TURN, _SCALE = 30.0, (0.75, 1.33)


@MODELS.register_module()
class EquivariantEstimator(TopdownPoseEstimator):
    """The maps of a moved picture must be the moved maps of the local head's teacher.

    The loss is the cross-entropy of the classes in each cell that both pictures show. It starts
    with the self-training, when the teacher has something to say.
    """

    def __init__(self, *args: Any, equivariance_weight: float = 1.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.equivariance_weight = equivariance_weight

    def loss(self, inputs: Tensor, data_samples: Any) -> dict[str, Tensor]:
        """Add the loss of the moved pictures."""
        feats = self.extract_feat(inputs)
        losses: dict[str, Tensor] = self.head.loss(feats, data_samples, train_cfg=self.train_cfg)
        if self.head.self_training:
            order = data_samples[0].metainfo['flip_indices']
            losses['tag_loss_equivariance'] = self._equivariance(inputs, feats, order)
        return losses

    def _equivariance(self, inputs: Tensor, feats: Any, order: list[int]) -> Tensor:
        head, (moves, mirrored) = self.head, _moves(inputs)
        with torch.no_grad():
            expected = head.teacher(head._merge(feats)).float().softmax(1)
            swapped = expected[:, [*order, expected.shape[1] - 1]]
            expected = torch.where(mirrored[:, None, None, None], swapped, expected)
            expected = _moved(expected, moves)
            there = _moved(torch.ones_like(expected[:, :1]), moves)[:, 0] > 0.99
            moved = self.extract_feat(_moved(inputs, moves))
        found = head.classifier(head._merge(moved)).float().log_softmax(1)
        each = -(expected * found).sum(1) * there
        return self.equivariance_weight * each.sum() / there.sum().clamp(min=1)


def _moves(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Affine maps (B, 2, 3), and which of them mirror."""
    count, like = len(inputs), dict(device=inputs.device)
    turn = torch.deg2rad((2 * torch.rand(count, **like) - 1) * _TURN)
    low, high = _SCALE
    scale = low * (high / low) ** torch.rand(count, **like)
    mirrored = torch.rand(count, **like) < 0.5
    sign = torch.where(mirrored, -1.0, 1.0)
    cos, sin, zero = scale * turn.cos(), scale * turn.sin(), torch.zeros_like(turn)
    rows = [cos * sign, -sin, zero, sin * sign, cos, zero]
    return torch.stack(rows, 1).view(-1, 2, 3), mirrored


def _moved(maps: Tensor, moves: Tensor) -> Tensor:
    grid = F.affine_grid(moves, list(maps.shape), align_corners=False)
    return F.grid_sample(maps.float(), grid, align_corners=False).to(maps.dtype)
