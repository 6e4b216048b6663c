"""A faster model for inference: precision, memory layout, folded batch norms, compiling.

Only backbone and neck are changed, where the time goes. The head gets float32.
"""

import copy
from typing import Any

import torch
from mmcv.cnn import fuse_conv_bn
from mmengine.logging import print_log
from torch import Tensor, nn

from lfhpe_mmpose.engine.optim_wrappers import cpu_has_bfloat16
from lfhpe_mmpose.errors import UserError

PRECISIONS = {'float32': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}

# Of the largest feature: folding changes the last digits only.
_FUSE_TOLERANCE = 1e-3


def speed_up(
    model: nn.Module,
    precision: str = 'float32',
    channels_last: bool = False,
    fuse_bn: bool = False,
    compile: bool | str = False,
) -> nn.Module:
    """Make a faster copy of a model, for inference only.

    Args:
        model: A pose estimator of MMPose or a detector of MMDet in evaluation mode.
        precision: ``'float32'``, or ``'bf16'`` or ``'fp16'`` by torch's autocast.
        channels_last: Lay the weights out with the channels last.
        fuse_bn: Fold batch norms into the convolutions before them; the features are compared.
        compile: Compile with ``torch.compile``, or the name of its backend.

    Returns:
        nn.Module: The copy; the model itself if nothing is asked for.

    Raises:
        UserError: 'precision' if it is unknown; 'fuse-bn' if folding would change the features.
    """
    if precision not in PRECISIONS:
        fault = f'Write one of {", ".join(PRECISIONS)}.'
        raise UserError('precision', f'precision={precision!r}', fault)
    dtype = PRECISIONS[precision]
    if dtype is None and not (channels_last or fuse_bn or compile):
        return model
    model = copy.deepcopy(model).eval()
    if fuse_bn:
        _fuse(model)
    if channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    extract: Any = model.extract_feat
    if dtype is not None:
        extract = _in_half_precision(extract, next(model.parameters()).device.type, dtype)
    if compile:
        backend = compile if isinstance(compile, str) else 'inductor'
        extract = torch.compile(extract, backend=backend)
    model.extract_feat = extract
    return model


def warn_of_slow_precision(precision: str, device: str) -> None:
    """Log a warning if half precision makes inference slower on this processor."""
    if precision == 'float32' or not device.startswith('cpu'):
        return
    if precision == 'bf16' and cpu_has_bfloat16():
        return
    print_log(
        f"precision='{precision}' is many times slower than float32 on this processor, which has "
        "no instructions for it. Use 'float32' here.",
        'current',
        level=30,
    )


def _in_half_precision(extract: Any, device: str, dtype: torch.dtype) -> Any:
    def extract_feat(inputs: Tensor) -> Any:
        with torch.autocast(device, dtype=dtype):
            feats = extract(inputs)
        # The heads of MMPose and MMDet hand arrays to NumPy, which knows no bfloat16.
        return (
            tuple(f.float() for f in feats) if isinstance(feats, list | tuple) else feats.float()
        )

    return extract_feat


@torch.no_grad()
def _fuse(model: nn.Module) -> None:
    some = next(model.parameters())
    picture = torch.randn(
        1, 3, 128, 128, generator=torch.Generator().manual_seed(0), dtype=some.dtype
    ).to(some.device)
    extract: Any = model.extract_feat
    before = extract(picture)
    # Not the head: some heads of MMDet share one convolution among several batch norms.
    for part in ('backbone', 'neck'):
        if isinstance(getattr(model, part, None), nn.Module):
            fuse_conv_bn(getattr(model, part))
    for a, b in zip(before, extract(picture)):
        # MMCV goes by the order in which a block names its layers, not by the one it uses.
        if not torch.allclose(a, b, rtol=0, atol=_FUSE_TOLERANCE * float(a.abs().max())):
            raise UserError(
                'fuse-bn',
                'fuse_bn=True',
                'It would change what this model computes: its batch norms do not follow their '
                'convolutions.',
                'Use fuse_bn=False.',
            )
