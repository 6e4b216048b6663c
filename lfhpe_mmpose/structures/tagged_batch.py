"""The data samples of a batch with their labels stacked."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.structures import BaseDataElement
from mmpose.structures import PoseDataSample
from torch import Tensor

_PARTS = ('gt_instance_labels', 'gt_fields')
# A person with fewer views than another gets unknown tags of empty windows.
_FILL = {'keypoint_tags': -1.0, 'tag_views': 0.0}


class TaggedBatch(BaseDataElement):
    """Samples whose labels are stacked into one tensor each (our choice).

    A batch of 64 samples holds some 400 small tensors. Unstacked, each is sent by the worker,
    copied to the device and stacked by the head separately. Code that iterates over the samples
    (MMPose's heads, its preprocessor) can use the batch as a list.

    Args:
        samples: The samples.
        labels: By name, as the samples have them: ``keypoint_tags`` (B, 1, V, K), ``tag_views``
            (B, 1, V, 4, 2), ``keypoint_weights`` (B, 1, K), ``heatmaps`` (B, K, H, W), ...
        parts: The part of a sample that each label belongs to.
        complete: Whether the samples hold their labels as well. Defaults to False.
    """

    samples: list[PoseDataSample]
    labels: dict[str, Tensor]
    parts: dict[str, str]
    complete: bool

    def __init__(
        self,
        samples: list[PoseDataSample],
        labels: dict[str, Tensor],
        parts: dict[str, str],
        complete: bool = False,
    ) -> None:
        super().__init__()
        self.samples = samples
        self.labels = labels
        self.parts = parts
        self.complete = complete

    @classmethod
    def stack(cls, samples: Sequence[PoseDataSample], take: bool = False) -> 'TaggedBatch':
        """Stack the labels of samples, at least one.

        Labels whose shapes differ stay in the samples. With ``take`` the labels are removed from
        the samples, which get them back, as views of the stacked ones, when they are accessed.
        """
        labels: dict[str, Tensor] = {}
        parts: dict[str, str] = {}
        for part in _PARTS:
            names = samples[0].get(part, {}).keys()  # an InstanceData iterates over instances
            for name in names:
                values = [s.get(part, {}).get(name) for s in samples]
                stacked = _stack(name, values)
                if stacked is None:
                    continue
                labels[name], parts[name] = stacked, part
                if take:
                    for sample in samples:
                        sample.get(part).pop(name)
        return cls(list(samples), labels, parts, complete=not take)

    @classmethod
    def of(cls, samples: 'Sequence[PoseDataSample] | TaggedBatch') -> 'TaggedBatch':
        """Return a batch unchanged; stack a list of samples."""
        return samples if isinstance(samples, cls) else cls.stack(samples)

    def __len__(self) -> int:
        """Persons in the batch."""
        return len(self.samples)

    def __iter__(self) -> Iterator[PoseDataSample]:
        """Iterate over the samples, with their labels."""
        self._give_back()
        return iter(self.samples)

    def __getitem__(self, index: int) -> PoseDataSample:
        """One sample, with its labels."""
        self._give_back()
        return self.samples[index]

    def to(self, *args: Any, **kwargs: Any) -> 'TaggedBatch':
        """Move the labels and the remaining tensors of the samples; returns a new batch."""
        labels = {name: value.to(*args, **kwargs) for name, value in self.labels.items()}
        samples = self.samples
        if self.complete or any(_holds_tensors(s) for s in samples[:1]):
            samples = [s.to(*args, **kwargs) for s in samples]
        return TaggedBatch(samples, labels, self.parts, self.complete)

    def pin_memory(self) -> 'TaggedBatch':
        """Copy the labels to page-locked memory."""
        labels = {name: value.pin_memory() for name, value in self.labels.items()}
        return TaggedBatch(self.samples, labels, self.parts, self.complete)

    def _give_back(self) -> None:
        if self.complete:
            return
        for name, values in self.labels.items():
            for sample, value in zip(self.samples, values, strict=True):
                sample.get(self.parts[name]).set_field(value, name)
        self.complete = True


def _stack(name: str, values: list[Any]) -> Tensor | None:
    """Stack tensors, padded to the most views; None if their shapes differ."""
    if not all(isinstance(value, Tensor) for value in values):
        return None
    if name in _FILL:
        most = max(value.shape[1] for value in values)
        values = [
            F.pad(v, (0, 0) * (v.ndim - 2) + (0, most - v.shape[1]), value=_FILL[name])
            for v in values
        ]
    if len({value.shape for value in values}) > 1:
        return None
    return torch.stack(values)


def _holds_tensors(sample: PoseDataSample) -> bool:
    return any(isinstance(v, Tensor) for part in _PARTS for v in sample.get(part, {}).values())
