"""Checkpoints of which a whole one always exists."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

_WAITING = 'checkpoints_to_remove'


@HOOKS.register_module()
class WholeCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook``, which deletes an old checkpoint after writing the new one.

    MMEngine deletes first: with ``max_keep_ckpts=1`` a run that is killed while it writes has no
    checkpoint left. That the new file is whole is the runner's part
    (``WholeFiles``). Arguments are those of ``CheckpointHook``.
    """

    file_backend: Any

    def before_train(self, runner: Runner) -> None:
        """Delete what a run that was killed meanwhile had still to delete."""
        super().before_train(runner)
        if not is_main_process() or _WAITING not in runner.message_hub.runtime_info:
            return
        for path in runner.message_hub.get_info(_WAITING):
            # A checkpoint must not name a file elsewhere.
            path = self.file_backend.join_path(self.out_dir, PurePath(path).name)
            if path.endswith('.pth') and self.file_backend.isfile(path):
                self.file_backend.remove(path)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict[str, Any]) -> None:
        with self._removing_afterwards(runner):
            super()._save_checkpoint_with_step(runner, step, meta)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict[str, float]) -> None:
        with self._removing_afterwards(runner):
            super()._save_best_checkpoint(runner, metrics)

    @contextmanager
    def _removing_afterwards(self, runner: Runner) -> Iterator[None]:
        backend: Any = self.file_backend
        if isinstance(backend, _Deferred):
            yield
            return
        self.file_backend = deferred = _Deferred(backend, runner)
        try:
            yield
            kept = {str(self.last_ckpt), str(getattr(self, 'best_ckpt_path', None))}
            kept |= set(map(str, getattr(self, 'best_ckpt_path_dict', {}).values()))
            for remove, path in deferred.waiting:
                if str(path) not in kept:
                    remove(path)
        finally:
            self.file_backend = backend


class _Deferred:
    """A file backend that notes what is to be removed, here and in the next checkpoint."""

    def __init__(self, backend: Any, runner: Runner) -> None:
        self._backend = backend
        self._hub = runner.message_hub
        self._hub.update_info(_WAITING, [])
        self.waiting: list[tuple[Any, str]] = []

    def remove(self, path: str) -> None:
        self._note(self._backend.remove, path)

    def rmtree(self, path: str) -> None:
        self._note(self._backend.rmtree, path)

    def _note(self, remove: Any, path: str) -> None:
        self.waiting.append((remove, path))
        self._hub.update_info(_WAITING, [str(p) for _, p in self.waiting])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
