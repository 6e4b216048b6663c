"""Backbones: from an image to a tuple of feature maps (B, C_i, H_i, W_i).

``staged_resnet`` the backbone, ``blur_pool`` its anti-aliased downsampling,
``pretrained`` the strict loading of ImageNet weights. To add a backbone, subclass
one of MMPose's, register it in ``mmpose.registry.MODELS`` and import it here.
"""

from .blur_pool import BlurConv2d, BlurPool2d
from .staged_resnet import StagedResNet

__all__ = ['BlurConv2d', 'BlurPool2d', 'StagedResNet']
