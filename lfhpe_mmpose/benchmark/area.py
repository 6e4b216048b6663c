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
from .settings import Settings
from .timing import Clock, calls_for, interleave, time_calls, time_stream

# Height and width, pixels.
SIZES = ((128, 96), (192, 144), (256, 192), (320, 240), (384, 288), (448, 336), (512, 384))


def sweep_area(
    subject: Subject,
    settings: Settings,
    sizes: Sequence[tuple[int, int]] = SIZES,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Time a model's neck, and a plain encoder in its place, at several input sizes.

    Both get the features that the model's backbone computes from a picture of that size, in
    the first mode of the settings.

    Returns:
        dict: See ``summarise_area``; ``model`` and ``mode``.

    Raises:
        UserError: If the neck is not a ``MultiScaleContextEncoder``.
    """
    neck = subject.cfg.model.get('neck') or {}
    if neck.get('type') != 'MultiScaleContextEncoder':
        raise UserError(
            'option',
            '--sweep-area',
            f'{subject.name} has no MultiScaleContextEncoder as its neck.',
            'Add a model that has one to --models.',
        )
    mode, device, clock = settings.modes[0], settings.device, Clock(settings.device)
    model: Any = build_model(subject).eval().to(device)
    torch.manual_seed(0)
    plain = MODELS.build(plain_neck(neck)).eval().to(device)
    tasks: dict[tuple[str, str], Callable[[], float]] = {}
    for height, width in sizes:
        with torch.inference_mode(), mode.cast(device):
            feats = model.backbone(torch.randn(1, 3, height, width, device=device))
        for name, encoder in dict(ours=model.neck, plain=plain).items():
            task = _timed(encoder, feats, mode, clock, settings)
            tasks[name, f'{height}x{width}'] = task
    rounds = settings.rounds
    found = interleave(tasks, rounds, lambda r, _: say(f'area sweep: round {r}/{rounds}'))
    return dict(summarise_area(found, sizes), model=subject.name, mode=mode.name)


def summarise_area(
    found: Mapping[tuple[str, str], Sequence[float]], sizes: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """Sort the seconds of each round, by encoder and size, and fit the exponents.

    Returns:
        dict: ``sizes``; ``pixels``; ``seconds`` by encoder, then by size; ``slope`` by
        encoder, the exponent of the area in the cost (1 is linear, 2 quadratic) fitted to
        the medians, and ``upper_slope`` fitted over the larger half of the sizes.
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
    """The exponent p of y = c x^p, by least squares in logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def _timed(
    encoder: nn.Module, feats: Sequence[Any], mode: Mode, clock: Clock, settings: Settings
) -> Callable[[], float]:
    """Warm up, and return a task of about the settings' seconds."""

    def call() -> object:
        with torch.inference_mode(), mode.cast(settings.device):
            return encoder(feats)

    time_calls(call, 2, clock)
    number = calls_for(settings.seconds, time_calls(call, 1, clock)[0], least=3)
    return lambda: time_stream(call, number, clock)
