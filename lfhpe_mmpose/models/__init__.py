"""Networks: backbones, necks, heads, their layers and losses."""

import torch

from . import backbones, heads, layers, losses, necks

if tuple(map(int, torch.__version__.split('.')[:2])) < (2, 6):
    # Before 2.6 torch.load executed code from a file by default.
    raise ImportError(f'lfhpe_mmpose needs torch 2.6 or newer; this is {torch.__version__}.')

__all__ = ['backbones', 'heads', 'layers', 'losses', 'necks']
