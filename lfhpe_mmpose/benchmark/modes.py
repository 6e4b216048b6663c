"""How models are run: precision, memory layout, compilation, fused batch norm."""

import contextlib
from dataclasses import dataclass

import torch

from lfhpe_mmpose.errors import UserError

PRECISIONS = {'float32': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}


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
