"""The graph that is exported: decoding as MMPose decodes, and what is refused."""

import numpy as np
import pytest
import torch
from mmpose.codecs import MSRAHeatmap

from lfhpe_mmpose.apis import init_model
from lfhpe_mmpose.models.exportable import ExportablePose, decode_maps
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.mark.parametrize('size', [(32, 32), (24, 18), (5, 7)])
def test_decoding_is_that_of_the_codec(size):
    """Peaks anywhere, also at the edges, where MMPose does not look at neighbours."""
    w, h = size
    codec = MSRAHeatmap(input_size=(4 * w, 4 * h), heatmap_size=size, sigma=1.5)
    maps = torch.rand(40, 9, h, w, generator=torch.Generator().manual_seed(0)) + 0.1
    places, peaks = decode_maps(maps, tuple(codec.scale_factor))
    for row, each in enumerate(maps.numpy()):
        right, scores = codec.decode(each)
        np.testing.assert_allclose(places[row], right[0], atol=1e-4)
        np.testing.assert_allclose(peaks[row], scores[0], atol=1e-6)


class TestRefusals:
    """Models that do not export."""

    @pytest.fixture
    def model(self, tmp_path):
        """A small model."""
        tiny = make_tiny_model(tmp_path, 14)
        return init_model(tiny.config, tiny.weights)

    def test_other_head(self, model):
        """Heads of other packages decode elsewhere."""
        model.head = torch.nn.Identity()
        with refuses('export-model', 'model.head'):
            ExportablePose(model)

    def test_other_codec(self, model):
        """The graph decodes plain MSRAHeatmap."""
        model.head.decoder.unbiased = True
        with refuses('export-model', 'model.head.decoder'):
            ExportablePose(model)
