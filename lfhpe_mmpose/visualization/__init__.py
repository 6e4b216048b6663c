"""Pictures for the demo, the studies and the data browser: RGB uint8 arrays (H, W, 3).

``canvas`` holds the layout (enlarging, headings, grids), ``maps`` colours class activation
maps, ``skeletons`` draws keypoints by MMPose's visualizer, ``panels`` draws a person's row from
input to truth, ``given`` what a pipeline gives to the network. To add a kind of picture, write
a function that returns such an array in its own file and import it here.
"""

from .canvas import add_heading, enlarge, make_grid, save_picture
from .given import draw_given
from .maps import keypoint_palette, overlay_maps
from .panels import draw_panel, sample_panel, stack_panels
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
    'sample_panel',
    'save_picture',
    'stack_panels',
]
