"""How models are run: precision, memory layout, compilation, fused batch norm."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

import torch
from torch import nn

from lfhpe_mmpose.apis.speed import PRECISIONS
from lfhpe_mmpose.errors import UserError


@dataclass(frozen=True)
class Mode:
    """One way to run the models; all models of a block are run in it.

    Attributes:
        precision (str): ``'float32'``, or ``'bf16'`` or ``'fp16'`` by autocast.
        channels_last (bool): Convolutions with the channels last in memory.
        compile (str): Backend of ``torch.compile``; empty does not compile.
        fuse_bn (bool): Batch norm folded into the convolutions, in inference alone.
    """

    precision: str = 'float32'
    channels_last: bool = False
    compile: str = ''
    fuse_bn: bool = False

    @property
    def name(self) -> str:
        """As :func:`parse_mode` reads it."""
        parts = [self.precision]
        parts += ['channels-last'] if self.channels_last else []
        parts += ['fuse-bn'] if self.fuse_bn else []
        if self.compile:
            parts += ['compile' if self.compile == 'inductor' else f'compile={self.compile}']
        return ','.join(parts)

    @property
    def dtype(self) -> torch.dtype | None:
        """What autocast casts to; None for float32."""
        return PRECISIONS[self.precision]

    def cast(self, device: str) -> contextlib.AbstractContextManager:
        """The context of an inference.

        Args:
            device (str): ``'cpu'`` or ``'cuda'``.

        Returns:
            AbstractContextManager: Autocast, or nothing for float32.
        """
        if self.dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(torch.device(device).type, dtype=self.dtype)

    def compiled(self, call: Callable) -> Callable:
        """Compile a call, apart from all others.

        ``torch.compile`` keeps its graphs with the code of a function, which all models
        of one class share: a graph break of one would split the graphs of the others, as in
        no training of one model. So each gets a copy of the code.

        Args:
            call (Callable): What is compiled, for inputs of one shape.

        Returns:
            Callable: The compiled call, or the call itself in a mode that does not compile.
        """
        if not self.compile:
            return call

        def forward(*args, **kwargs):
            return call(*args, **kwargs)

        code = forward.__code__.replace(co_name='forward')
        own = FunctionType(code, forward.__globals__, 'forward', None, forward.__closure__)
        return torch.compile(own, backend=self.compile, dynamic=False)


def to_channels_last(model: nn.Module) -> None:
    """Lay out the weights of a model with the channels last.

    Args:
        model (nn.Module): Changed in place.
    """
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def parse_mode(text: str) -> Mode:
    """Read a mode, for example ``bf16,channels-last,compile``.

    Args:
        text (str): Words with commas between them: ``float32``, ``bf16`` or ``fp16``;
            ``channels-last``; ``fuse-bn``; ``compile`` or ``compile=BACKEND``.

    Returns:
        Mode: The mode.

    Raises:
        UserError: If a word is unknown.
    """
    values: dict = {}
    for word in text.split(','):
        if word in PRECISIONS:
            values['precision'] = word
        elif word in ('channels-last', 'fuse-bn'):
            values[word.replace('-', '_')] = True
        elif word == 'compile' or word.startswith('compile='):
            values['compile'] = word.removeprefix('compile').removeprefix('=') or 'inductor'
        else:
            raise UserError(
                f'--modes {text}: unknown word {word!r}. Known: {", ".join(PRECISIONS)}, '
                'channels-last, fuse-bn, compile, compile=BACKEND.'
            )
    return Mode(**values)
