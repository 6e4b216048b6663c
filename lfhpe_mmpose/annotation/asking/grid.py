"""The cells of a person's window, and how much of each a window or a circle covers."""

from functools import cached_property
from math import ceil

import numpy as np

from lfhpe_mmpose.annotation.plan.pictures import dataset_box
from lfhpe_mmpose.tags.views import draw_views

from .questions import Window

CELLS = 32
# Largest radius of ``gather``, as a share of the longer side of the box.
MOST_RADIUS = 0.2
# A circle's share of a cell is counted at this many points a side.
_POINTS = 4


class Grid:
    """G x G cells over the window of a whole person (``draw_views``).

    Args:
        bbox: [x, y, width, height] in pixels; None is the whole image.
        width: Width of the image.
        height: Height of the image.
        cells: Cells a side, G.
    """

    def __init__(
        self,
        bbox: tuple[float, ...] | list[float] | None,
        width: int,
        height: int,
        cells: int = CELLS,
    ) -> None:
        x1, y1, x2, y2 = (float(v) for v in dataset_box(bbox, width, height))
        left, top, right, bottom = draw_views(np.array([x1, y1, x2, y2]), 1, 0, 0, 0)[0].tolist()
        self.cells = cells
        self.left, self.top = left, top
        self.cell_width, self.cell_height = (right - left) / cells, (bottom - top) / cells
        self.size = max(x2 - x1, y2 - y1)
        """The longer side of the box in pixels, the unit of PCK."""
        self.image = width, height
        self._discs: dict[float, np.ndarray] = {}

    @property
    def window(self) -> Window:
        """The part of the person's window that lies in the image."""
        return self.pixels(0, 0, self.cells, self.cells)

    def pixels(self, left: float, top: float, right: float, bottom: float) -> Window:
        """Window in pixels of edges in cells, cut at the image."""
        width, height = self.image
        x1, x2 = (float(np.clip(self.left + self.cell_width * v, 0, width)) for v in (left, right))
        y1, y2 = (
            float(np.clip(self.top + self.cell_height * v, 0, height)) for v in (top, bottom)
        )
        return round(x1, 2), round(y1, 2), round(x2 - x1, 2), round(y2 - y1, 2)

    @cached_property
    def centres(self) -> np.ndarray:
        """Centres of the cells in pixels, (G * G, 2)."""
        steps = np.arange(self.cells) + 0.5
        x, y = np.meshgrid(
            self.left + steps * self.cell_width, self.top + steps * self.cell_height
        )
        return np.stack([x.ravel(), y.ravel()], 1)

    @cached_property
    def inside_image(self) -> np.ndarray:
        """Share of each cell that lies in the image, (G * G, )."""
        return self._covered(0, 0, *self.image).ravel()

    def window_cover(self, window: Window) -> np.ndarray:
        """Share of each cell that a window covers, (G * G, ), among what lies in the image."""
        x, y, w, h = window
        width, height = self.image
        # A window that ends with the image covers what the cell has of the image.
        x1, x2 = (-np.inf if x <= 0 else x), (np.inf if x + w >= width - 0.01 else x + w)
        y1, y2 = (-np.inf if y <= 0 else y), (np.inf if y + h >= height - 0.01 else y + h)
        return self._covered(x1, y1, x2, y2).ravel()

    def circle_cover(self, x: float, y: float, radius: float) -> np.ndarray:
        """Share of each cell that a circle covers, (G * G, )."""
        steps = (np.arange(self.cells * _POINTS) + 0.5) / _POINTS
        dx = (self.left + steps * self.cell_width - x) ** 2
        dy = (self.top + steps * self.cell_height - y) ** 2
        inside = dy[:, None] + dx <= radius**2
        shape = self.cells, _POINTS, self.cells, _POINTS
        return np.asarray(inside.reshape(shape).mean((1, 3))).ravel()

    def within(self, places: np.ndarray, radius: float) -> np.ndarray:
        """Which cells have their centre within a radius of N places: (N, G * G), bool."""
        steps = np.arange(self.cells) + 0.5
        dx = (self.left + steps * self.cell_width - places[:, :1]) ** 2
        dy = (self.top + steps * self.cell_height - places[:, 1:]) ** 2
        return np.asarray(dy[:, :, None] + dx[:, None] <= radius**2).reshape(len(places), -1)

    def spectrum(self, mass: np.ndarray) -> np.ndarray:
        """Fourier transform of maps (K, G * G), for ``gather``."""
        maps = mass.reshape(-1, self.cells, self.cells)
        return np.asarray(np.fft.rfft2(maps, (self._side, self._side)))

    def gather(self, spectrum: np.ndarray, *radii: float) -> np.ndarray:
        """Mass (K, G * G) within a radius in pixels of each cell's centre, summed over radii.

        Args:
            spectrum: Result of ``spectrum``.
            radii: At most ``MOST_RADIUS`` of the longer side of the box each.
        """
        discs = sum(self._disc(radius) for radius in radii)
        out = np.fft.irfft2(spectrum * discs, (self._side, self._side))
        return np.asarray(out[:, : self.cells, : self.cells].reshape(len(out), -1))

    @cached_property
    def _side(self) -> int:
        """Side of a map with so much room that a disc does not wrap around."""
        reach = MOST_RADIUS * self.size / min(self.cell_width, self.cell_height)
        return self.cells + min(self.cells, 4 * ceil(reach / 4))

    def _disc(self, radius: float) -> np.ndarray:
        """Transform of a disc around cell 0."""
        if radius not in self._discs:
            steps = np.arange(self._side)
            # The second half holds the cells before 0.
            steps = np.minimum(steps, self._side - steps)
            dx, dy = (steps * self.cell_width) ** 2, (steps * self.cell_height) ** 2
            self._discs[radius] = np.fft.rfft2((dy[:, None] + dx <= radius**2).astype(float))
        return self._discs[radius]

    def _covered(self, x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
        steps = np.arange(self.cells)
        across = np.clip((x2 - self.left) / self.cell_width - steps, 0, 1)
        across -= np.clip((x1 - self.left) / self.cell_width - steps, 0, 1)
        down = np.clip((y2 - self.top) / self.cell_height - steps, 0, 1)
        down -= np.clip((y1 - self.top) / self.cell_height - steps, 0, 1)
        return np.asarray(down[:, None] * across)
