"""How large a person's crop must be, from the augmentation of a pipeline alone."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmpose.datasets.transforms import GetBBoxCenterScale, RandomBBoxTransform, TopdownAffine

from lfhpe_mmpose.errors import UserError

# Interpolation looks at the next pixel; one more for rounding.
_BORDER = 2
_AFFINE = ('TopdownAffine', 'CachedTopdownAffine')


@dataclass(frozen=True)
class CropPlan:
    """What the steps of a pipeline ask of a crop (our choice).

    Attributes:
        input_size (tuple[int, int]): Width and height of the network input.
        padding (float): ``GetBBoxCenterScale.padding``.
        shift (float): ``RandomBBoxTransform.shift_factor``, 0 without that step.
        scale (tuple[float, float]): Its ``scale_factor``, (1, 1) without.
        rotation (float): Its ``rotate_factor``, degrees, 0 without.
        margin (float): The worst case of the augmentation is covered times this.
            Below 1 the cache is smaller, and the crops that do not reach are cut
            from the source.
        oversample (float): Least crop pixels for an input pixel at the largest zoom.
    """

    input_size: tuple[int, int]
    padding: float = 1.25
    shift: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    margin: float = 1.0
    oversample: float = 2.0

    @classmethod
    def from_steps(
        cls, steps: Iterable[Mapping], entry: str, margin: float = 1.0, oversample: float = 2.0
    ) -> 'CropPlan':
        """Read a pipeline.

        Args:
            steps (Iterable[Mapping]): The configs of its steps.
            entry (str): The place of the pipeline, for the message.
            margin (float): See the attribute. Defaults to 1.
            oversample (float): See the attribute. Defaults to 2.

        Returns:
            CropPlan: The plan.

        Raises:
            UserError: If it is no top-down pipeline, or a number is out of range.
        """
        if not 0 < margin <= 4:
            raise UserError(f'margin must lie in (0, 4], got {margin}; 1 is the worst case.')
        if not 1 <= oversample <= 16:
            raise UserError(f'oversample must lie in [1, 16], got {oversample}.')
        by_name = {str(s.get('type', '')).rsplit('.', 1)[-1]: dict(s) for s in steps}
        affine = next((by_name[name] for name in _AFFINE if name in by_name), None)
        if affine is None or 'GetBBoxCenterScale' not in by_name:
            raise UserError(
                f'{entry} has no GetBBoxCenterScale and TopdownAffine. Crops are cached for '
                'top-down pipelines; others read whole images.'
            )
        box = GetBBoxCenterScale(**_arguments(by_name['GetBBoxCenterScale']))
        width, height = affine['input_size']
        plan: dict[str, Any] = dict(
            input_size=(int(width), int(height)), padding=float(box.padding)
        )
        if 'RandomBBoxTransform' in by_name:
            move = RandomBBoxTransform(**_arguments(by_name['RandomBBoxTransform']))
            low, high = (float(v) for v in move.scale_factor)
            plan.update(
                shift=float(move.shift_factor),
                # Without a draw of the scale it is 1.
                scale=(min(low, 1.0), max(high, 1.0)),
                rotation=float(move.rotate_factor),
            )
        return cls(margin=margin, oversample=oversample, **plan)

    def window(
        self, center: np.ndarray, scale: np.ndarray, image_size: tuple[int, int]
    ) -> tuple[int, int, int, int]:
        """The part of an image that the augmentation may ask for.

        Args:
            center (np.ndarray): Centre of the padded box in shape (2,), pixels.
            scale (np.ndarray): Width and height of the padded box in shape (2,), pixels.
            image_size (tuple[int, int]): Width and height of the image.

        Returns:
            tuple[int, int, int, int]: x, y, width, height, whole pixels inside the image,
            at least one.
        """
        width, height = self._fixed(scale) * self.scale[1]
        reach = np.array(
            [_turned(width, height, self.rotation), _turned(height, width, self.rotation)]
        ) / 2 + self.shift * np.asarray(scale, dtype=np.float64)
        low = np.floor(center - self.margin * reach) - _BORDER
        high = np.ceil(center + self.margin * reach) + _BORDER + 1
        limit = np.array(image_size)
        low = np.clip(low, 0, limit - 1).astype(int)
        high = np.clip(high, low + 1, limit).astype(int)
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def size(self, scale: np.ndarray, window: tuple[int, int, int, int]) -> tuple[int, int]:
        """The size at which a window is kept: scaled down where it is finer than needed.

        Args:
            scale (np.ndarray): Width and height of the padded box in shape (2,), pixels.
            window (tuple[int, int, int, int]): x, y, width, height.

        Returns:
            tuple[int, int]: Width and height, pixels; never more than the window's.
        """
        nearest = self._fixed(scale) * self.scale[0]
        factor = min(1.0, self.oversample * self.input_size[0] / max(float(nearest[0]), 1e-6))
        return max(1, math.ceil(window[2] * factor)), max(1, math.ceil(window[3] * factor))

    def _fixed(self, scale: np.ndarray) -> np.ndarray:
        ratio = self.input_size[0] / self.input_size[1]
        return TopdownAffine._fix_aspect_ratio(np.asarray(scale, dtype=np.float64)[None], ratio)[0]


def _arguments(step: Mapping) -> dict:
    return {k: v for k, v in step.items() if k != 'type'}


def _turned(along: float, across: float, degrees: float) -> float:
    """Largest extent of a box that is turned by up to so many degrees."""
    angle = min(math.radians(min(abs(degrees), 90.0)), math.atan2(across, along))
    return along * math.cos(angle) + across * math.sin(angle)
