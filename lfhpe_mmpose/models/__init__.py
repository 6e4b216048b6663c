"""Networks: backbones, necks, heads, their layers and losses."""

from . import backbones, heads, layers, losses, necks

__all__ = ['backbones', 'heads', 'layers', 'losses', 'necks']
