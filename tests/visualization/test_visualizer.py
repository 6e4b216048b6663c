"""The visualizer for configs."""

import numpy as np
import pytest
from mmpose.registry import VISUALIZERS

from lfhpe_mmpose.visualization import LocationFreeVisualizer


class TestLocationFreeVisualizer:
    """`LocationFreeVisualizer`."""

    def test_is_registered(self):
        """A config names it by its type."""
        assert VISUALIZERS.get('LocationFreeVisualizer') is LocationFreeVisualizer

    @pytest.mark.parametrize('radius', [3, np.array([3]), np.array(3.0)])
    def test_takes_a_radius_as_mmpose_gives_it(self, radius):
        """An array of one number, which NumPy 2.4 no longer turns into an integer."""
        visualizer = LocationFreeVisualizer()
        visualizer.set_image(np.zeros((20, 20, 3), np.uint8))
        visualizer.draw_circles(np.array([10.0, 10.0]), radius, face_colors=(255, 0, 0), alpha=1.0)
        drawn = visualizer.get_image()
        assert drawn[10, 13].tolist() == [255, 0, 0]
        assert not drawn[10, 15].any()

    def test_matplotlib_backend_still_works(self):
        """There the radius stays what MMPose hands over."""
        visualizer = LocationFreeVisualizer(backend='matplotlib')
        visualizer.set_image(np.zeros((20, 20, 3), np.uint8))
        visualizer.draw_circles(np.array([[10.0, 10.0]]), np.array([3]), face_colors='r')
        assert visualizer.get_image().any()
