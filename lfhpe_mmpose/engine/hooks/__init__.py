"""Hooks of the MMEngine runner.

To add a hook, write it in a file of its own, register it in
``mmpose.registry.HOOKS`` and import it here.
"""

from .collapse_watch_hook import CollapseWatchHook
from .compile_hook import CompileHook, compile_loss
from .deferred_log_hook import DeferredLogHook
from .maps_hook import MapsHook
from .memory_format_hook import ChannelsLastHook
from .plain_checkpoint_hook import PlainCheckpointHook
from .progress_hook import ProgressHook
from .repeatable_hook import RepeatableHook
from .self_training_hook import SelfTrainingHook
from .whole_checkpoint_hook import WholeCheckpointHook

__all__ = [
    'ChannelsLastHook',
    'CollapseWatchHook',
    'CompileHook',
    'DeferredLogHook',
    'MapsHook',
    'PlainCheckpointHook',
    'ProgressHook',
    'RepeatableHook',
    'SelfTrainingHook',
    'WholeCheckpointHook',
    'compile_loss',
]
