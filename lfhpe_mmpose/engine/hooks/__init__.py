"""Hooks of the MMEngine runner.

To add a hook, write it in a file of its own, register it in
``mmpose.registry.HOOKS`` and import it here.
"""

from .collapse_watch_hook import CollapseWatchHook
from .memory_format_hook import ChannelsLastHook
from .plain_checkpoint_hook import PlainCheckpointHook

__all__ = ['ChannelsLastHook', 'CollapseWatchHook', 'PlainCheckpointHook']
