"""What an encoder costs against the area of the input: ours, and a plain transformer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.errors import UserError

from .models import Subject, build_model
from .modes import Mode
from .plain_encoder import plain_neck
from .timing import Clock, calls_for, interleave, time_calls, time_stream

# Height and width, pixels.
SIZES = ((128, 96), (192, 144), (256, 192), (320, 240), (384, 288), (448, 336), (512, 384))


def sweep_area(
    subject: Subject,
    mode: Mode,
    device: str,
    rounds: int,
    seconds: float,
    sizes: Sequence[tuple[int, int]] = SIZES,
    say: Callable[[str], None] = print,
) -> dict:
    """Time the neck of a model, and a plain encoder in its place, at several input sizes.

    Both get the features that the model's backbone computes from a picture of that size.

    Args:
        subject (Subject): A model with a :class:`MultiScaleContextEncoder`.
        mode (Mode): Precision and layout; not compiled.
        device (str): ``'cpu'`` or ``'cuda'``.
        rounds (int): Rounds over all encoders and sizes.
        seconds (float): How long each is timed in a round.
        sizes (Sequence[tuple[int, int]]): Heights and widths. Defaults to :data:`SIZES`.
        say (Callable[[str], None]): Told of progress.

    Returns:
        dict: ``sizes``; ``seconds`` by encoder, then by size, then by round; ``slope`` by
        encoder: the exponent of the area in the cost, 1 for linear, 2 for quadratic, fitted
        to the medians over all sizes, and ``upper_slope`` over the larger half of them.

    Raises:
        UserError: If the model has no such neck.
    """
    neck = subject.cfg.model.get('neck') or {}
    if neck.get('type') != 'MultiScaleContextEncoder':
        raise UserError(
            f'{subject.name}: --sweep-area measures a MultiScaleContextEncoder, and this model '
            'has none as its neck. Name a model that has one as the first of --models.'
        )
    model: Any = build_model(subject).eval().to(device)
    torch.manual_seed(0)
    plain = MODELS.build(plain_neck(neck)).eval().to(device)
    encoders: dict[str, nn.Module] = {'ours': model.neck, 'plain': plain}
    clock = Clock(device)
    tasks: dict[tuple[str, str], Callable[[], float]] = {}
    for height, width in sizes:
        with torch.inference_mode(), mode.cast(device):
            feats = model.backbone(torch.randn(1, 3, height, width, device=device))
        for name, encoder in encoders.items():
            call = _call(encoder, feats, mode, device)
            time_calls(call, 2, clock)
            number = calls_for(seconds, time_calls(call, 1, clock)[0], least=3)
            tasks[name, f'{height}x{width}'] = _timed(call, number, clock)
    found = interleave(tasks, rounds, lambda r, _: say(f'area sweep: round {r}/{rounds}'))
    return summarise_area(found, sizes)


def summarise_area(
    found: Mapping[tuple[str, str], Sequence[float]], sizes: Sequence[tuple[int, int]]
) -> dict:
    """Order the seconds of a sweep by encoder, and fit the exponents.

    Args:
        found (Mapping[tuple[str, str], Sequence[float]]): Seconds of each round, by encoder
            and size.
        sizes (Sequence[tuple[int, int]]): Heights and widths.

    Returns:
        dict: See :func:`sweep_area`.
    """
    labels = [f'{h}x{w}' for h, w in sizes]
    areas = [h * w for h, w in sizes]
    encoders = list(dict.fromkeys(name for name, _ in found))
    seconds = {e: {size: list(found[e, size]) for size in labels} for e in encoders}
    medians = {e: [float(np.median(seconds[e][size])) for size in labels] for e in encoders}
    half = min(len(sizes) // 2, len(sizes) - 2)
    return dict(
        sizes=labels,
        pixels=areas,
        seconds=seconds,
        slope={e: fit_exponent(areas, medians[e]) for e in encoders},
        upper_slope={e: fit_exponent(areas[half:], medians[e][half:]) for e in encoders},
    )


def fit_exponent(x: Sequence[float], y: Sequence[float]) -> float:
    """The exponent p of y = c x^p, by least squares in logarithms.

    Args:
        x (Sequence[float]): Positive, at least two different.
        y (Sequence[float]): Positive.

    Returns:
        float: The exponent.
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def _call(encoder: nn.Module, feats: Sequence, mode: Mode, device: str) -> Callable[[], object]:
    def call() -> object:
        with torch.inference_mode(), mode.cast(device):
            return encoder(feats)

    return call


def _timed(call: Callable[[], object], number: int, clock: Clock) -> Callable[[], float]:
    return lambda: time_stream(call, number, clock)
