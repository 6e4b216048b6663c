"""Calibration of keypoint scores, stored with the weights of a head."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class ScoreCalibration(nn.Module):
    """A monotone, piecewise linear function from raw scores to probabilities.

    It has two buffers, J knots each: ``raw`` (J,), rising, and ``probability`` (J,), rising. A
    model without a calibration has neither, so that its state dict is that of a plain head; the
    module then returns the scores unchanged. A state dict with the buffers sets them, whatever J
    is. ``forward`` is a pure function of tensors: subtraction, division, ``clamp``, product and
    sum over the knots. An exporter can trace it, or read the buffers and apply the same formula.
    """

    NAMES = ('raw', 'probability')
    raw: Tensor | None
    probability: Tensor | None

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    @property
    def is_set(self) -> bool:
        """Whether the scores are calibrated."""
        return self.raw is not None

    def set_knots(self, raw: Sequence[float], probability: Sequence[float]) -> None:
        """Set the knots, J >= 2 of each."""
        device = None if self.raw is None else self.raw.device
        self.register_buffer('raw', torch.tensor(raw, dtype=torch.float32, device=device))
        self.register_buffer(
            'probability', torch.tensor(probability, dtype=torch.float32, device=device)
        )

    def forget(self) -> None:
        """Remove the calibration: it holds for the weights that it was fitted with."""
        for name in self.NAMES:
            self.register_buffer(name, None)

    def forward(self, scores: Tensor) -> Tensor:
        """Probabilities of raw scores of any shape; outside the knots the nearest one's."""
        if self.raw is None or self.probability is None:
            return scores
        steps = (scores[..., None] - self.raw[:-1]) / (self.raw[1:] - self.raw[:-1])
        rises = self.probability[1:] - self.probability[:-1]
        return self.probability[0] + (steps.clamp(0, 1) * rises).sum(-1)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Take the buffers of the state dict, or none."""
        for name in self.NAMES:
            given = state_dict.get(prefix + name)
            # torch copies the values into these.
            self.register_buffer(name, None if given is None else torch.empty_like(given).float())
        super()._load_from_state_dict(state_dict, prefix, *args)
