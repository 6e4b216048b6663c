"""Necks: from the levels of a backbone to features with global context.

To add a neck, take a tuple of (B, C_i, H_i, W_i), return a tuple of features,
register the class in ``mmpose.registry.MODELS`` and import it here.
"""

from .multi_scale_context_encoder import MultiScaleContextEncoder

__all__ = ['MultiScaleContextEncoder']
