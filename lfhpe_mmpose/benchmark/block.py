"""One block of the table: all models in one mode, round by round."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from .inference import Inference
from .models import Subject, build_model
from .modes import Mode
from .settings import Settings
from .timing import Clock, calls_for, interleave, time_calls, time_stream
from .training import TrainingStep, mean_parts

# Latency needs many calls for its 95th percentile, a step few.
_LEAST_CALLS = dict(latency=5, throughput=1, training=1)
_TIMED = tuple(_LEAST_CALLS)


class Block:
    """Models in a mode: prepared one by one, then measured in turn.

    Args:
        subjects (list[Subject]): The models, without skipped ones.
        mode (Mode): How they run.
        settings (Settings): What is measured.
        say (Callable[[str], None]): Called with lines about the progress.

    Attributes:
        found (dict): ``rounds``, and for each figure a value per round: ``latency`` by model,
            lists of seconds; ``throughput`` by batch size and model, images per second;
            ``training`` by model, the parts of a step. Moreover ``memory`` by model, the peak
            on a GPU in MiB, and ``skipped`` by model and measure, the reason.
    """

    def __init__(
        self,
        subjects: list[Subject],
        mode: Mode,
        settings: Settings,
        say: Callable[[str], None],
    ) -> None:
        self.subjects = subjects
        self.mode = mode
        self.settings = settings
        self.say = say
        self.clock = Clock(settings.device)
        self.tasks: dict[tuple[str, ...], Callable[[], Any]] = {}
        parts = ('skipped', 'latency', 'throughput', 'training', 'memory', 'parameter_share')
        self.found: dict[str, Any] = dict(mode=mode.name, rounds=0, **{part: {} for part in parts})

    def run(self, after_round: Callable[[], object]) -> None:
        """Prepare and measure, and call ``after_round`` after each round."""
        _allow_many_graphs()
        for subject in self.subjects:
            self._prepare(subject)
        rounds = self.settings.rounds

        def note(number: int, results: dict[tuple[str, ...], list[Any]]) -> None:
            self.found['rounds'] = number
            for (measure, *where), values in results.items():
                place = self.found[measure]
                for key in where[:-1]:
                    place = place.setdefault(key, {})
                place[where[-1]] = list(values)
            self.say(f'[{self.mode.name}] round {number}/{rounds}')
            after_round()

        interleave(self._in_turn(), rounds, note)

    def _in_turn(self) -> dict[tuple[str, ...], Callable[[], Any]]:
        """The tasks, those to be compared next to one another."""
        order = list(dict.fromkeys(key[:-1] for key in self.tasks))
        order.sort(key=lambda key: _TIMED.index(key[0]))
        return {k: self.tasks[k] for group in order for k in self.tasks if k[:-1] == group}

    def _prepare(self, subject: Subject) -> None:
        """Build a model, run everything once and set how often it runs in a round."""
        s, name = self.settings, subject.name
        self.say(f'[{self.mode.name}] {name}: warming up')
        if 'latency' in s.measures or 'throughput' in s.measures:
            with self._skipping(name, 'inference'), self._peak_memory(name, 'inference'):
                self._prepare_inference(subject)
        if 'training' in s.measures:
            with self._skipping(name, 'training'), self._peak_memory(name, 'training'):
                step = TrainingStep(subject, self.mode, s.device, s.train_batch_size)
                self.found['parameter_share'][name] = step.parameter_share
                number = self._number('training', step.run)
                self.tasks['training', name] = lambda: mean_parts(
                    [step.run() for _ in range(number)]
                )

    def _prepare_inference(self, subject: Subject) -> None:
        s = self.settings
        ready = Inference(build_model(subject), subject.input_size, self.mode, s.device)
        if 'latency' in s.measures:
            one = ready.on_batch(1)
            often = self._number('latency', one)
            self.tasks['latency', subject.name] = lambda: time_calls(one, often, self.clock)
        for size in s.batch_sizes if 'throughput' in s.measures else ():
            call = ready.on_batch(size)
            number = self._number('throughput', call)
            self.tasks['throughput', str(size), subject.name] = self._stream(call, number, size)

    def _stream(self, call: Callable[..., Any], number: int, size: int) -> Callable[[], float]:
        return lambda: size / time_stream(call, number, self.clock)

    def _number(self, measure: str, call: Callable[..., Any]) -> int:
        """Warm up, and find how many calls fill the time of a round."""
        time_calls(call, 2, self.clock)
        one = time_calls(call, 1, self.clock)[0]
        return calls_for(self.settings.seconds, one, least=_LEAST_CALLS[measure])

    @contextmanager
    def _skipping(self, name: str, what: str) -> Iterator[None]:
        """Note why a model cannot run in this mode, and continue with the others."""
        try:
            yield
        except Exception as error:  # hours of other models' figures would be lost
            reason = f'{type(error).__name__}: {error}'.strip().splitlines()[0]
            self.found['skipped'].setdefault(name, {})[what] = reason
            self.say(f'[{self.mode.name}] {name}: {what} skipped: {reason}')
            self.tasks = {
                key: task
                for key, task in self.tasks.items()
                if key[-1] != name or (key[0] == 'training') != (what == 'training')
            }

    @contextmanager
    def _peak_memory(self, name: str, what: str) -> Iterator[None]:
        """Note the peak above what the GPU held before, while a model is prepared."""
        measured = self.clock.cuda and 'memory' in self.settings.measures
        before = torch.cuda.memory_allocated() if measured else 0
        if measured:
            torch.cuda.reset_peak_memory_stats()
        yield
        if measured:
            peak = (torch.cuda.max_memory_allocated() - before) / 2**20
            self.found['memory'].setdefault(name, {})[what] = peak


def _allow_many_graphs() -> None:
    """Let each model, batch size and mode have its own compiled graph."""
    config = torch._dynamo.config
    for name in ('recompile_limit', 'cache_size_limit', 'accumulated_recompile_limit',
                 'accumulated_cache_size_limit'):  # fmt: skip
        if hasattr(config, name):
            setattr(config, name, 1000)
