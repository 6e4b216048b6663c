"""What an exported model says of itself, in the metadata of its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lfhpe_mmpose.errors import UserError

# Every entry of the metadata begins so.
_PREFIX = 'lfhpe_'


@dataclass
class Description:
    """The metadata of an exported model.

    Attributes:
        keypoints: Names (K).
        skeleton: Limbs as pairs of indices.
        flip_indices: The partner of each keypoint on the other side.
        input_size: Width and height of a crop in pixels.
        padding: The part of the picture around a box, relative to the box.
        mean, std: Normalisation of RGB, which is in the graph already.
        precision: 'float32', 'fp16' or 'int8'.
        flip_test: Whether the graph averages with the mirror image.
        config: Name of the config.
        made_by: Versions.
        card: The model card, if the model is packaged.
    """

    keypoints: list[str]
    skeleton: list[list[int]]
    flip_indices: list[int]
    input_size: list[int]
    padding: float
    mean: list[float]
    std: list[float]
    precision: str
    flip_test: bool
    config: str = ''
    made_by: str = ''
    card: dict[str, str] = field(default_factory=dict)

    def to_metadata(self) -> dict[str, str]:
        """Entries of the file, each as JSON."""
        return {f'{_PREFIX}{key}': json.dumps(value) for key, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str], where: str) -> 'Description':
        """Read the entries of a file.

        Raises:
            UserError: 'onnx-file' if they are missing or damaged.
        """
        try:
            found: dict[str, Any] = {
                f.name: json.loads(entries[_PREFIX + f.name]) for f in fields(cls)
            }
            description = cls(**found)
            width, height = description.input_size
            if not (0 < width < 10_000 and 0 < height < 10_000 and description.keypoints):
                raise ValueError('the input size is impossible')
        except (KeyError, ValueError, TypeError) as error:
            fault = f'Its metadata are not those of `lfhpe export` ({error}).'
            raise UserError('onnx-file', where, fault, 'Export the model again.') from None
        return description
