"""Checkpoints of which a whole one always exists."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class WholeCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook``, which deletes an old checkpoint after writing the new one.

    MMEngine deletes first: with ``max_keep_ckpts=1`` a run that is killed while it writes has no
    checkpoint left. That the new file is whole is the runner's part
    (:class:`~lfhpe_mmpose.launch.runner.WholeFiles`). Arguments are those of ``CheckpointHook``.
    """

    file_backend: Any

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict[str, Any]) -> None:
        with self._removing_afterwards():
            super()._save_checkpoint_with_step(runner, step, meta)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict[str, float]) -> None:
        with self._removing_afterwards():
            super()._save_best_checkpoint(runner, metrics)

    @contextmanager
    def _removing_afterwards(self) -> Iterator[None]:
        backend: Any = self.file_backend
        if isinstance(backend, _Deferred):
            yield
            return
        self.file_backend = deferred = _Deferred(backend)
        try:
            yield
            kept = {str(self.last_ckpt), str(getattr(self, 'best_ckpt_path', None))}
            kept |= set(map(str, getattr(self, 'best_ckpt_path_dict', {}).values()))
            if is_main_process():
                for remove, path in deferred.waiting:
                    if str(path) not in kept:
                        remove(path)
        finally:
            self.file_backend = backend


class _Deferred:
    """A file backend that only notes what is to be removed."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.waiting: list[tuple[Any, Any]] = []

    def remove(self, path: str) -> None:
        self.waiting.append((self._backend.remove, path))

    def rmtree(self, path: str) -> None:
        self.waiting.append((self._backend.rmtree, path))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
