"""From maps to logits: pooling inside the windows of tagged views, all views at once."""

import torch
from torch import Tensor

# Exponents are relative to the peak of the whole map; below this one a window without the
# peak would underflow in float32.
_MAX_EXPONENT = 60.0


def rasterise_views(
    views: Tensor, map_size: tuple[int, int], input_size: tuple[int, int]
) -> Tensor:
    """Draw view windows on the grid of the maps.

    A cell belongs to a window if its centre does. A window without any centre (smaller than
    a cell, or outside the input) gets the nearest cell, so that pooling is always defined.

    Args:
        views (Tensor): Corners in order around the window, (B, V, 4, 2), input pixels.
        map_size (tuple[int, int]): Height and width (h, w) of the maps.
        input_size (tuple[int, int]): Width and height (W, H) of the input in pixels.

    Returns:
        Tensor: Masks (B, V, h * w), float32, 1 inside.
    """
    h, w = map_size
    views = views.float()
    x = (torch.arange(w, device=views.device) + 0.5) * (input_size[0] / w) - 0.5
    y = (torch.arange(h, device=views.device) + 0.5) * (input_size[1] / h) - 0.5
    centres = torch.stack(torch.meshgrid(x, y, indexing='xy'), dim=-1).reshape(-1, 2)

    start = views[:, :, None]  # (B, V, 1, 4, 2)
    edge = views.roll(-1, dims=2)[:, :, None] - start
    to_centre = centres[None, None, :, None] - start  # (B, V, h*w, 4, 2)
    side = edge[..., 0] * to_centre[..., 1] - edge[..., 1] * to_centre[..., 0]
    # A point inside a convex polygon is on one side of all edges; the orientation decides
    # on which.
    inside = (side >= 0).all(-1) | (side <= 0).all(-1)

    middle = views.mean(2)[:, :, None]
    distance = (centres[None, None] - middle).square().sum(-1)
    nearest = torch.zeros_like(distance).scatter_(-1, distance.argmin(-1, keepdim=True), 1.0)
    empty = ~inside.any(-1, keepdim=True)
    return torch.where(empty, nearest, inside.float())


def pool_views(maps: Tensor, masks: Tensor | None, sharpness: float = 4.0) -> Tensor:
    """Pool logits inside windows by log-mean-exp (Pinheiro and Collobert, CVPR 2015).

    Args:
        maps (Tensor): Logits (B, K, h, w).
        masks (Tensor, optional): Windows (B, V, h * w). None pools the whole map.
        sharpness (float): Towards 0 the result is the mean, for large values the maximum.

    Returns:
        Tensor: Logits (B, V, K), float32.
    """
    x = maps.flatten(2).float()  # (B, K, N)
    if masks is None:
        masks = x.new_ones(x.shape[0], 1, x.shape[2])
    peak = x.detach().amax(-1, keepdim=True)
    weight = ((x - peak) * sharpness).clamp(min=-_MAX_EXPONENT).exp()
    pooled = torch.einsum('bkn,bvn->bvk', weight, masks) / masks.sum(-1, keepdim=True)
    return pooled.log() / sharpness + peak.transpose(1, 2)
