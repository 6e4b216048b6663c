"""The benchmark: models side by side, interleaved in rounds, compared within a round.

``comparison`` goes through a run: ``models`` finds the models, ``modes`` says how they run,
``block`` measures all of them in one mode with ``inference`` and ``training``, ``area`` sweeps
the input size, ``report`` and ``plots`` show the results. To add a figure, measure it in
``block`` and show it in ``report``.

Importing this package registers ``PlainTransformerEncoder``, the peer of our neck.
"""

from .plain_encoder import PlainTransformerEncoder, plain_neck

__all__ = ['PlainTransformerEncoder', 'plain_neck']
