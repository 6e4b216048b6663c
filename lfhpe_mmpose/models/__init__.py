"""Networks: backbones, necks, heads, their layers, losses and estimators."""

from . import backbones, heads, layers, losses, necks, pose_estimators

__all__ = ['backbones', 'heads', 'layers', 'losses', 'necks', 'pose_estimators']
