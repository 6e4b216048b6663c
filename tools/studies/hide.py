"""Hide-and-seek (Singh and Lee, ICCV 2017), for a trial with whole-animal tags."""

from typing import Any

import numpy as np
from mmpose.datasets.transforms import TopdownAffine
from mmpose.registry import TRANSFORMS

# The input is a grid of so many cells a side; each is hidden with this probability.
_CELLS, _SHARE = 5, 0.25
# BGR mean of ImageNet.
_MEAN = (104, 116, 124)


@TRANSFORMS.register_module()
class HidingAffine(TopdownAffine):
    """Cut the input out, and hide some cells of it. The tags stay."""

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Cut and hide."""
        results = super().transform(results)
        image = results['img'].copy()
        edges = np.linspace(0, image.shape[0], _CELLS + 1).astype(int)
        for row, column in np.argwhere(np.random.rand(_CELLS, _CELLS) < _SHARE):
            image[edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = _MEAN
        results['img'] = image
        return results
