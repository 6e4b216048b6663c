"""Building blocks of the neck and the head.

``position`` encodes positions, ``attention`` attends over tokens, ``pooling`` turns maps into
logits inside view windows, ``prototypes`` relates pose prototypes, ``smoothing`` sums a map
around each cell. To add a layer, write it in its own file and import it here. Layers need no
registry, since no config names them.
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
