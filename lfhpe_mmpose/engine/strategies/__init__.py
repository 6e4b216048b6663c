"""Strategies of MMEngine's ``FlexibleRunner``: how a model is spread over processes.

To add one, write it in a file of its own, register it in
``mmengine.registry.STRATEGIES`` and import it here.
"""

from .sharded_strategy import ShardedStrategy

__all__ = ['ShardedStrategy']
