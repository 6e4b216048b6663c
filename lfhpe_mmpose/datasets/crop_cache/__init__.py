"""A cache of person crops: decode once, train many times.

``window`` says how large a crop must be for the augmentation of a pipeline, ``store`` keeps the
crops in LMDB, ``encoding`` turns a picture into an entry, ``build`` makes a cache from a data
set and ``verify`` compares one with its source. Image, box and ids are all that goes in; no
coordinate and no tag. The transforms ``LoadCachedCrop`` and ``CachedTopdownAffine`` read it. To
keep crops in another form, add it to ``encoding.FORMATS``.
"""

from .store import CropEntry, CropStore
from .window import CropPlan

__all__ = ['CropEntry', 'CropPlan', 'CropStore']
