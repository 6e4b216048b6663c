"""Sums of a map around each of its cells."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def gather_mass(probs: Tensor, sigma: float) -> Tensor:
    """Sum a probability map in a Gaussian window around each cell.

    The window is 1 at its centre, so a value is the probability that the keypoint is near,
    in [0, 1].

    Args:
        probs (Tensor): Maps (B, K, H, W) that sum to 1.
        sigma (float): Standard deviation of the window in cells.

    Returns:
        Tensor: (B, K, H, W).
    """
    reach = max(1, math.ceil(3 * sigma))
    offsets = torch.arange(-reach, reach + 1, device=probs.device, dtype=probs.dtype)
    window = (-offsets.square() / (2 * sigma * sigma)).exp()
    flat = probs.flatten(0, 1)[:, None]
    flat = F.conv2d(flat, window.view(1, 1, -1, 1), padding=(reach, 0))
    flat = F.conv2d(flat, window.view(1, 1, 1, -1), padding=(0, reach))
    return flat.view_as(probs)
