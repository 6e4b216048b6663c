"""Pictures for the demo, the studies and the data browser.

``canvas`` holds the layout (enlarging, headings, grids), ``maps`` the colouring
of class activation maps, ``skeletons`` keypoints by MMPose's visualizer,
``panels`` one person's row of pictures from input to truth, and ``given`` what
a pipeline hands to the network. Every picture is an RGB uint8 array (H, W, 3).

To add a kind of picture, write a function that returns such an array in a file
of its own and import it here; ``save_picture`` writes it.
"""

from .canvas import add_heading, enlarge, make_grid, save_picture
from .given import draw_given
from .maps import keypoint_palette, overlay_maps
from .panels import draw_panel, stack_panels
from .skeletons import draw_skeleton
from .visualizer import LocationFreeVisualizer

__all__ = [
    'LocationFreeVisualizer',
    'add_heading',
    'draw_given',
    'draw_panel',
    'draw_skeleton',
    'enlarge',
    'keypoint_palette',
    'make_grid',
    'overlay_maps',
    'save_picture',
    'stack_panels',
]
