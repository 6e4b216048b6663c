"""The benchmark: models side by side, interleaved in rounds, compared within a round.

``run`` goes through it: ``models`` finds them, ``modes`` says how they are run, ``block``
measures all of them in one mode with ``inference``, ``training`` and ``memory``; ``area``,
``loader`` and ``peak`` are measured beside; ``summary``, ``report`` and ``plots`` show it.
To add a figure, measure it in ``block`` and show it in ``summary`` and ``report``.

Importing this package registers :class:`PlainTransformerEncoder`, the peer of our neck: a
config that names it imports ``lfhpe_mmpose.benchmark`` in its ``custom_imports``.
"""

from .plain_encoder import PlainTransformerEncoder, plain_neck

__all__ = ['PlainTransformerEncoder', 'plain_neck']
