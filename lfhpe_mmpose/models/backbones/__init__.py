"""Backbones: from an image to a tuple of feature maps (B, C_i, H_i, W_i).

``staged_resnet`` is the backbone, ``pretrained`` loads ImageNet weights strictly. To add
a backbone, subclass one of MMPose's, register it in ``mmpose.registry.MODELS`` and import
it here.
"""

from .staged_resnet import StagedResNet

__all__ = ['StagedResNet']
