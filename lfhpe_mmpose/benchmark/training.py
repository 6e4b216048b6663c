"""A training step, part by part.

The step is MMEngine's ``BaseModel.train_step`` with marks between its parts:

- ``data``: the data preprocessor: copy to the device and normalisation. Loading and collating
  happen in workers and are not measured.
- ``forward``: up to the summed loss, including what a head computes for the log (MMPose's
  heads compute an accuracy on the CPU).
- ``backward``.
- ``optimizer``: clipping, if configured, the step, and clearing the gradients.

Backbone, neck and head are separated in the same step. In the forward pass hooks mark the end
of backbone and neck. The features that leave them are views of themselves, so that their
gradients come from the later modules alone: in the backward pass the head ends when the last
gradient of the neck's features arrives, the neck when the last one of the backbone's does. A
compiled model has no such marks, since hooks would break its graph.
"""

import copy
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from mmengine.optim import build_optim_wrapper
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.quiet import quiet

from .batches import collate_function, make_samples
from .models import Subject, build_model, parameters_by_part
from .modes import Mode, to_channels_last
from .timing import Clock

PARTS = ('data', 'forward', 'backward', 'optimizer')
STAGES = ('backbone', 'neck', 'head')
# Arguments of mixed-precision wrappers; the mode decides instead.
_AMP_KEYS = ('type', 'dtype', 'loss_scale', 'use_fsdp', 'always')


class TrainingStep:
    """A model with its optimizer and a batch, ready to be timed; batch norm is never fused.

    Raises:
        UserError: For fp16 on a CPU.
    """

    def __init__(self, subject: Subject, mode: Mode, device: str, batch_size: int) -> None:
        if mode.precision == 'fp16' and torch.device(device).type == 'cpu':
            raise UserError('option', '--modes', 'Training in fp16 needs a GPU.')
        self.model: Any = build_model(subject).to(device)
        if mode.channels_last:
            to_channels_last(self.model)
        with quiet():
            cfg = _wrapper_cfg(subject.cfg.optim_wrapper.to_dict(), mode)
            self.optim_wrapper = build_optim_wrapper(self.model, cfg)
        self.samples = make_samples(subject, batch_size)
        self.collate = collate_function(subject)
        self.clock = Clock(device)
        self.batch_size = batch_size
        self.marks: dict[str, Any] = {}
        counts = parameters_by_part(self.model)
        total = max(1, sum(counts.values()))
        self.parameter_share = {name: count / total for name, count in counts.items()}
        if mode.precision == 'bf16':
            _widen_outputs(self.model.head)
        self.marked = not mode.compile
        self.forward = mode.compiled(self.model._run_forward)  # type: ignore[arg-type]
        if self.marked:
            self._add_hooks()

    def run(self) -> dict[str, float]:
        """Take a step.

        Returns:
            dict[str, float]: Seconds of the ``step`` and of each of ``PARTS``, which sum
            to it. Unless compiled also ``forward_<stage>`` and ``backward_<stage>`` for
            ``STAGES``.
        """
        batch = self.collate(self.samples)
        clock, marks = self.clock, self.marks
        marks.clear()
        clock.wait()
        marks['start'] = clock.mark()
        with self.optim_wrapper.optim_context(self.model):
            data = self.model.data_preprocessor(batch, True)
            marks['data'] = clock.mark()
            losses = self.forward(data, mode='loss')
        loss, _ = self.model.parse_losses(losses)
        loss = self.optim_wrapper.scale_loss(loss)
        marks['forward'] = clock.mark()
        self.optim_wrapper.backward(loss)
        marks['backward'] = clock.mark()
        self.optim_wrapper.step()
        self.optim_wrapper.zero_grad()
        marks['optimizer'] = clock.mark()
        clock.wait()
        return self._seconds()

    def _seconds(self) -> dict[str, float]:
        marks, between = self.marks, self.clock.seconds
        points = ['start', *PARTS]
        seconds = {b: between(marks[a], marks[b]) for a, b in pairwise(points)}
        seconds['step'] = between(marks['start'], marks['optimizer'])
        if not self.marked:
            return seconds
        # A model without a neck has no marks for it: it takes no time.
        ends = [marks['data'], marks['backbone_end']]
        ends += [marks.get('neck_end', ends[-1]), marks['forward']]
        for stage, start, end in zip(STAGES, ends, ends[1:]):
            seconds[f'forward_{stage}'] = between(start, end)
        back = [marks['forward']]
        back.append(marks.get('head_back', marks.get('neck_back', back[0])))
        back += [marks.get('neck_back', back[-1]), marks['backward']]
        for stage, start, end in zip(STAGES[::-1], back, back[1:]):
            seconds[f'backward_{stage}'] = between(start, end)
        return seconds

    def _add_hooks(self) -> None:
        self.model.backbone.register_forward_hook(self._marker('backbone_end', 'neck_back'))
        if getattr(self.model, 'neck', None) is not None:
            self.model.neck.register_forward_hook(self._marker('neck_end', 'head_back'))

    def _marker(self, end: str, back: str) -> Callable[..., Any]:
        """A forward hook that marks an end, and the gradients' arrival there."""

        def mark_gradient(_: Tensor) -> None:
            self.marks[back] = self.clock.mark()

        def mark(module: nn.Module, inputs: Any, output: Any) -> Any:
            self.marks[end] = self.clock.mark()
            return _views(output, mark_gradient)

        return mark


def mean_parts(steps: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of several steps, entry by entry."""
    return {key: sum(s[key] for s in steps) / len(steps) for key in steps[0]}


def neck_head_share(parts: dict[str, float], parameter_share: dict[str, float]) -> float | None:
    """The share of neck and head in the step; None for a compiled model.

    The optimizer's time is divided among the stages by their share of the parameters.
    """
    if 'forward_head' not in parts:
        return None
    seconds = sum(parts[f'{way}_{s}'] for way in ('forward', 'backward') for s in STAGES[1:])
    seconds += parts['optimizer'] * sum(parameter_share[s] for s in STAGES[1:])
    return seconds / parts['step']


def _wrapper_cfg(cfg: dict[str, Any], mode: Mode) -> dict[str, Any]:
    """The config's optimizer, in the precision of the mode."""
    cfg = {key: value for key, value in copy.deepcopy(cfg).items() if key not in _AMP_KEYS}
    if mode.precision == 'bf16':
        return dict(type='Bf16OptimWrapper', always=True, **cfg)
    if mode.precision == 'fp16':
        return dict(type='AmpOptimWrapper', dtype='float16', **cfg)
    return dict(type='OptimWrapper', **cfg)


def _widen_outputs(head: Any) -> None:
    """Cast the outputs of an MMPose head to float32, as its loss would.

    For the log it passes them to NumPy, which does not support bfloat16.
    """
    forward = head.forward

    def widened(feats: Any) -> Any:
        return tree_map(lambda x: x.float() if isinstance(x, Tensor) else x, forward(feats))

    head.forward = widened


def _views(features: Any, hook: Callable[[Tensor], None]) -> Any:
    """Views of features, with a hook on the gradient of each."""
    if isinstance(features, Tensor):
        view = features.view_as(features)
        if view.requires_grad:
            view.register_hook(hook)
        return view
    return type(features)(_views(f, hook) for f in features)
