"""MMPose's visualizer for a config's ``visualizer`` entry.

To change how MMPose's hooks and inferencers draw, override one of its
``draw_*`` methods here.
"""

import numpy as np
import torch
from mmpose.registry import VISUALIZERS
from mmpose.visualization import PoseLocalVisualizer


@VISUALIZERS.register_module()
class LocationFreeVisualizer(PoseLocalVisualizer):
    """MMPose's visualizer, drawing keypoints with any version of NumPy.

    MMPose 1.3.2 hands the radius of a keypoint over as an array of one number
    and turns it into an integer, which NumPy refuses from 2.4 on ("only
    0-dimensional arrays can be converted to Python scalars"). Everything else is
    MMPose's, arguments included.
    """

    def draw_circles(
        self,
        center: np.ndarray | torch.Tensor,
        radius: np.ndarray | torch.Tensor | float,
        **kwargs,
    ):
        """Draw a filled circle.

        Args:
            center (np.ndarray | torch.Tensor): (2, ), pixels.
            radius (np.ndarray | torch.Tensor | float): One number, pixels.
            kwargs: As MMPose takes them.

        Returns:
            Visualizer: What MMPose's method returns.
        """
        if self.backend == 'opencv':
            radius = float(np.asarray(radius).reshape(-1)[0])
        return super().draw_circles(center, radius, **kwargs)
