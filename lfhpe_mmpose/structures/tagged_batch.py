"""The data samples of a batch, their labels stacked."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from mmengine.structures import BaseDataElement
from mmpose.structures import PoseDataSample
from torch import Tensor

_PARTS = ('gt_instance_labels', 'gt_fields')
# What a person with fewer tagged views than another gets: unknown tags of empty windows.
_FILL = {'keypoint_tags': -1.0, 'tag_views': 0.0}


class TaggedBatch(BaseDataElement):
    """Samples whose label tensors are one tensor a label for the whole batch (our choice).

    A batch of 64 samples holds some 400 small tensors. Each would be handed over from a
    worker, copied to the device and stacked by the head on its own; stacked by the worker
    they are a handful. To everything that iterates over the samples of a batch (MMPose's heads,
    its preprocessor) it looks like a list of them.

    Args:
        samples (list[PoseDataSample]): The samples.
        labels (dict[str, Tensor]): By name: ``keypoint_tags`` (B, 1, V, K),
            ``tag_views`` (B, 1, V, 4, 2), ``keypoint_weights`` (B, 1, K), ``heatmaps``
            (B, K, H, W), ..., as the samples have them.
        parts (dict[str, str]): The part of a sample that each label was in.
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
        # Whether the samples hold their labels themselves as well.
        self.complete = complete

    @classmethod
    def stack(cls, samples: Sequence[PoseDataSample], take: bool = False) -> 'TaggedBatch':
        """Stack the label tensors of samples that have the same labels.

        Args:
            samples (Sequence[PoseDataSample]): The samples, at least one.
            take (bool): Take the labels out of the samples, which get them back, as
                parts of the stacked ones, when somebody looks at them.
                Defaults to False.

        Returns:
            TaggedBatch: The batch. Labels whose shapes differ stay in the samples.
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
        """Take a batch as it is, and stack a list of samples.

        Args:
            samples (Sequence[PoseDataSample] | TaggedBatch): The samples of a batch.

        Returns:
            TaggedBatch: The batch.
        """
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

    def to(self, *args, **kwargs) -> 'TaggedBatch':
        """Move the labels, and what is left of tensors in the samples.

        Args:
            args: As for :meth:`torch.Tensor.to`.
            kwargs: As for :meth:`torch.Tensor.to`.

        Returns:
            TaggedBatch: A new batch.
        """
        labels = {name: value.to(*args, **kwargs) for name, value in self.labels.items()}
        samples = self.samples
        if self.complete or any(_holds_tensors(s) for s in samples[:1]):
            samples = [s.to(*args, **kwargs) for s in samples]
        return TaggedBatch(samples, labels, self.parts, self.complete)

    def pin_memory(self) -> 'TaggedBatch':
        """Copy the labels to page-locked memory, from which a GPU fetches by itself."""
        labels = {name: value.pin_memory() for name, value in self.labels.items()}
        return TaggedBatch(self.samples, labels, self.parts, self.complete)

    def _give_back(self) -> None:
        if self.complete:
            return
        for name, values in self.labels.items():
            for sample, value in zip(self.samples, values, strict=True):
                sample.get(self.parts[name]).set_field(value, name)
        self.complete = True


def _stack(name: str, values: list) -> Tensor | None:
    """Stack tensors, padded to the most views; None where they cannot be."""
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
