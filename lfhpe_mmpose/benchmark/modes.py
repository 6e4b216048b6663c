"""How models are run: precision, memory layout, compilation, fused batch norm."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import torch
from torch import nn

from lfhpe_mmpose.apis.speed import PRECISIONS
from lfhpe_mmpose.errors import UserError


@dataclass(frozen=True)
class Mode:
    """One way to run the models of a block.

    Attributes:
        precision: ``'float32'``, or ``'bf16'`` or ``'fp16'`` by autocast.
        channels_last: Whether convolutions have the channels last in memory.
        compile: Backend of ``torch.compile``; empty does not compile.
        fuse_bn: Whether batch norm is folded into the convolutions, in inference only.
    """

    precision: str = 'float32'
    channels_last: bool = False
    compile: str = ''
    fuse_bn: bool = False

    @property
    def name(self) -> str:
        """The mode as ``parse_mode`` reads it."""
        parts = [self.precision]
        parts += ['channels-last'] if self.channels_last else []
        parts += ['fuse-bn'] if self.fuse_bn else []
        if self.compile:
            parts += ['compile' if self.compile == 'inductor' else f'compile={self.compile}']
        return ','.join(parts)

    @property
    def dtype(self) -> torch.dtype | None:
        """The dtype of autocast; None for float32."""
        return PRECISIONS[self.precision]

    def cast(self, device: str) -> contextlib.AbstractContextManager[None]:
        """The context of an inference: autocast, or nothing for float32."""
        if self.dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(torch.device(device).type, dtype=self.dtype)

    def compiled(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Compile a call for inputs of one shape, if the mode compiles.

        ``torch.compile`` caches graphs by the code of a function, which all models of a class
        share: a graph break of one would split the graphs of the others. So each call gets a
        copy of the code.
        """
        if not self.compile:
            return call

        def forward(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs)

        code = forward.__code__.replace(co_name='forward')
        own = FunctionType(code, forward.__globals__, 'forward', None, forward.__closure__)
        return torch.compile(own, backend=self.compile, dynamic=False)


def to_channels_last(model: nn.Module) -> None:
    """Lay out the weights of a model with the channels last, in place."""
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def parse_mode(text: str) -> Mode:
    """Read a mode, for example ``bf16,channels-last,compile``.

    Words are ``float32``, ``bf16`` or ``fp16``; ``channels-last``; ``fuse-bn``; ``compile`` or
    ``compile=BACKEND``. Another one raises a ``UserError``.
    """
    values: dict[str, Any] = {}
    for word in text.split(','):
        if word in PRECISIONS:
            values['precision'] = word
        elif word in ('channels-last', 'fuse-bn'):
            values[word.replace('-', '_')] = True
        elif word == 'compile' or word.startswith('compile='):
            values['compile'] = word.removeprefix('compile').removeprefix('=') or 'inductor'
        else:
            known = f'{", ".join(PRECISIONS)}, channels-last, fuse-bn, compile, compile=BACKEND'
            raise UserError('option', '--modes', f'Unknown word {word!r}.', f'Known: {known}.')
    return Mode(**values)
