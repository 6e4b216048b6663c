"""MMPose's visualizer for a config's ``visualizer`` entry."""

from typing import Any

import numpy as np
import torch
from mmpose.registry import VISUALIZERS
from mmpose.visualization import PoseLocalVisualizer


@VISUALIZERS.register_module()
class LocationFreeVisualizer(PoseLocalVisualizer):
    """MMPose's visualizer, drawing keypoints with any version of NumPy.

    MMPose 1.3.2 converts an array of one radius to an integer, which NumPy refuses from 2.4 on.
    """

    def draw_circles(
        self,
        center: np.ndarray | torch.Tensor,
        radius: np.ndarray | torch.Tensor | float,
        **kwargs: Any,
    ) -> Any:
        """Draw a filled circle as MMPose does, with one number as the radius."""
        if self.backend == 'opencv':
            radius = float(np.asarray(radius).reshape(-1)[0])
        return super().draw_circles(center, radius, **kwargs)
