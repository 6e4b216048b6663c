"""Tests of the equivariance term."""

import torch

from lfhpe_mmpose.models.losses import MapEquivarianceLoss


def blob(x: float, y: float, size=(32, 24)) -> torch.Tensor:
    """A smooth peak at x, y (cells), (1, 1, h, w)."""
    rows, columns = torch.meshgrid(*(torch.arange(n) for n in size), indexing='ij')
    return torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)[None, None]


class TestMapEquivarianceLoss:
    """Maps that move with the picture cost nothing."""

    def test_motion_keeps_shapes(self):
        """Rotation and scale are the same along both sides of a crop that is not square."""
        term = MapEquivarianceLoss(rotate=90, scale=0, shift=0, flip_prob=0)
        torch.manual_seed(1)
        image = blob(11.5, 8.0)
        matrix, flip = term.draw_motion(image)
        moved = term.move(image, matrix)
        assert not flip
        peak = moved[0, 0].flatten().argmax().item()
        x, y = peak % 24 - 11.5, peak // 24 - 15.5
        assert abs((x**2 + y**2) ** 0.5 - 7.5) < 1.0  # the distance to the centre is kept

    def test_equivariant_maps(self):
        """Moved maps of the moved picture give about 0, unmoved ones do not."""
        term = MapEquivarianceLoss()
        for seed in range(5):
            torch.manual_seed(seed)
            maps = torch.cat([blob(6, 10), blob(18, 20)], dim=1)
            matrix, flip = term.draw_motion(maps)
            indices = [1, 0] if flip else None
            moved = term.move(maps[:, indices] if flip else maps, matrix)
            present = torch.ones(1, 2)
            assert term(maps, moved, matrix, indices, present) < 1e-5
            assert term(maps, maps.flip(1), matrix, indices, present) > 1e-3

    def test_no_gradient_into_the_target(self):
        """The maps of the still picture are the teacher."""
        term = MapEquivarianceLoss()
        maps, moved = (blob(6, 10).requires_grad_() for _ in range(2))
        matrix, _ = term.draw_motion(maps)
        term(maps, moved * 0.5, matrix, None, torch.ones(1, 1)).backward()
        assert maps.grad is None and moved.grad.abs().sum() > 0
