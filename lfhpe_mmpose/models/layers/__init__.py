"""Building blocks of the neck and the head.

``position`` position encoding, ``attention`` attention over tokens, ``pooling``
maps to logits inside view windows, ``prototypes`` relation-encoded pose
prototypes. To add a layer, write it in a file of its own and import it here;
layers need no registry, since no config names them.
"""

from .attention import MultiHeadAttention
from .pooling import pool_views, rasterise_views
from .position import SinePositionEncoding2D
from .prototypes import PosePrototypes, skeleton_relations
from .smoothing import gather_mass

__all__ = [
    'MultiHeadAttention',
    'PosePrototypes',
    'SinePositionEncoding2D',
    'gather_mass',
    'pool_views',
    'rasterise_views',
    'skeleton_relations',
]
