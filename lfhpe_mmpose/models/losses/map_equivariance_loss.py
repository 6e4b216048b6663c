"""Maps of a moved picture should be the moved maps."""

import math

import torch
import torch.nn.functional as F
from mmpose.registry import MODELS
from torch import Tensor, nn

from .counts import mean_over, total_counts


@MODELS.register_module()
class MapEquivarianceLoss(nn.Module):
    """Equivariance of the maps to a flip, rotation, scale and shift.

    The idea is that of SEAM (Wang et al., CVPR 2020); the distance and the range of the
    motions are our choice. The estimator draws a motion, runs the moved picture and
    compares with the moved maps, without gradient into the latter. It costs a second
    forward pass.

    Args:
        rotate (float): Largest rotation in degrees. Defaults to 30.
        scale (float): Largest relative change of size. Defaults to 0.25.
        shift (float): Largest shift as a fraction of half the side. Defaults to 0.1.
        flip_prob (float): Probability of a horizontal flip. Defaults to 0.5.
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    def __init__(
        self,
        rotate: float = 30.0,
        scale: float = 0.25,
        shift: float = 0.1,
        flip_prob: float = 0.5,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.rotate = rotate
        self.scale = scale
        self.shift = shift
        self.flip_prob = flip_prob
        self.loss_weight = loss_weight

    def draw_motion(self, images: Tensor) -> tuple[Tensor, bool]:
        """Draw one motion for a batch.

        Args:
            images (Tensor): (B, 3, H, W); gives size, device and dtype.

        Returns:
            tuple[Tensor, bool]: The affine matrix (2, 3) from output to input positions in
            [-1, 1], and whether it flips (left and right change places).
        """
        flip = torch.rand(()).item() < self.flip_prob
        draw = (torch.rand(4) * 2 - 1).tolist()
        angle = math.radians(self.rotate) * draw[0]
        size = 1 + self.scale * draw[1]
        aspect = images.shape[2] / images.shape[3]
        cos, sin = math.cos(angle) * size, math.sin(angle) * size
        sign = -1.0 if flip else 1.0
        matrix = [
            [sign * cos, -sin * aspect, self.shift * draw[2]],
            [sign * sin / aspect, cos, self.shift * draw[3]],
        ]
        return images.new_tensor(matrix), flip

    @staticmethod
    def move(maps: Tensor, matrix: Tensor) -> Tensor:
        """Apply a motion to images or maps (B, C, H, W); outside is 0."""
        grid = F.affine_grid(matrix.expand(len(maps), 2, 3), list(maps.shape), align_corners=False)
        return F.grid_sample(maps, grid.to(maps.dtype), align_corners=False)

    def forward(
        self,
        maps: Tensor,
        moved_maps: Tensor,
        matrix: Tensor,
        flip_indices: list[int] | None,
        present: Tensor,
    ) -> Tensor:
        """Compute the loss.

        Args:
            maps (Tensor): Maps of the picture in [0, 1], (B, K, h, w).
            moved_maps (Tensor): Maps of the moved picture in [0, 1], (B, K, h, w).
            matrix (Tensor): The motion (2, 3).
            flip_indices (list[int], optional): Each keypoint's mirror image if the
                motion flips, else None.
            present (Tensor): (B, K), 1 for keypoints tagged as seen.

        Returns:
            Tensor: A scalar, float32: mean absolute difference over the cells that
            both pictures show.
        """
        target = maps.detach().float()
        if flip_indices is not None:
            target, present = target[:, flip_indices], present[:, flip_indices]
        shown = self.move(torch.ones_like(target[:, :1]), matrix.float()) > 0.99
        target = self.move(target, matrix.float())
        difference = (moved_maps.float() - target).abs() * shown
        cells = shown.sum(dim=(2, 3)).clamp(min=1)
        mean = difference.sum(dim=(2, 3)) / cells
        (total,) = total_counts(present.sum())
        return mean_over(self.loss_weight * (mean * present).sum(), total)
