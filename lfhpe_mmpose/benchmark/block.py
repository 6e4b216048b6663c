"""One block of the table: all models in one mode, round by round."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch._dynamo.utils import counters

from .inference import Inference
from .memory import measure_memory
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
        mode (Mode): How they are run.
        settings (Settings): What is measured.
        say (Callable[[str], None]): Told of progress.
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
        self.found: dict[str, Any] = dict(
            mode=mode.name,
            rounds=0,
            skipped={},
            latency={},
            throughput={},
            training={},
            memory={},
            parameter_share={},
            compile={},
        )

    def run(self, after_round: Callable[[dict], None]) -> dict:
        """Prepare and measure.

        Args:
            after_round (Callable[[dict], None]): Called with what there is after each round.

        Returns:
            dict: The block, with ``rounds`` and for each figure a value of each round:
            ``latency`` by model, lists of seconds; ``throughput`` by batch size and model,
            images a second; ``training`` by model, the parts of a step; ``memory`` by model;
            ``compile`` by model; ``skipped`` by model and measure, with the reason.
        """
        _allow_many_graphs()
        for subject in self.subjects:
            self._prepare(subject)
        before = self._graphs()
        rounds = self.settings.rounds

        def note(number: int, results: dict) -> None:
            self.found['rounds'] = number
            for (measure, *where), values in results.items():
                place = self.found[measure]
                for key in where[:-1]:
                    place = place.setdefault(key, {})
                place[where[-1]] = list(values)
            self.say(f'[{self.mode.name}] round {number}/{rounds}')
            after_round(self.found)

        interleave(self._in_turn(), rounds, note)
        if self.mode.compile:
            self.found['recompiled_in_rounds'] = self._graphs() - before
        if 'memory' in self.settings.measures and not self.mode.compile:
            self._measure_memory(after_round)
        return self.found

    def _in_turn(self) -> dict[tuple[str, ...], Callable[[], Any]]:
        """The tasks so that those to be compared follow one another."""
        order = {key[:-1]: None for key in self.tasks}
        ranked = sorted(order, key=lambda key: (_TIMED.index(key[0]), list(order).index(key)))
        return {k: self.tasks[k] for group in ranked for k in self.tasks if k[:-1] == group}

    def _prepare(self, subject: Subject) -> None:
        """Build a model, run everything once and set how often it runs in a round."""
        s = self.settings
        self.say(f'[{self.mode.name}] {subject.name}: warming up')
        with self._compiled(subject.name):
            if 'latency' in s.measures or 'throughput' in s.measures:
                with self._skipping(subject.name, 'inference'):
                    self._prepare_inference(subject)
            if 'training' in s.measures:
                with self._skipping(subject.name, 'training'):
                    step = TrainingStep(subject, self.mode, s.device, s.train_batch_size)
                    self.found['parameter_share'][subject.name] = step.parameter_share
                    number = self._number('training', step.run)

                    def steps() -> dict[str, float]:
                        return mean_parts([step.run() for _ in range(number)])

                    self.tasks['training', subject.name] = steps

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

    def _stream(self, call: Callable, number: int, size: int) -> Callable[[], float]:
        return lambda: size / time_stream(call, number, self.clock)

    def _number(self, measure: str, call: Callable) -> int:
        """Warm up, and find how many calls fill the time of a round."""
        time_calls(call, 2, self.clock)
        one = time_calls(call, 1, self.clock)[0]
        return calls_for(self.settings.seconds, one, least=_LEAST_CALLS[measure])

    @contextmanager
    def _skipping(self, name: str, what: str) -> Iterator[None]:
        """Note why a model cannot be run in this mode, and go on."""
        try:
            yield
        except Exception as error:  # hours of other models' figures would be lost with it
            reason = f'{type(error).__name__}: {error}'.strip().splitlines()[0]
            self.found['skipped'].setdefault(name, {})[what] = reason
            self.say(f'[{self.mode.name}] {name}: {what} skipped: {reason}')
            self.tasks = {
                key: task
                for key, task in self.tasks.items()
                if key[-1] != name or (key[0] == 'training') != (what == 'training')
            }

    @contextmanager
    def _compiled(self, name: str) -> Iterator[None]:
        """Note what compilation took: the warm-up's time, graphs and breaks."""
        start, graphs, breaks = time.perf_counter(), self._graphs(), _breaks()
        yield
        if self.mode.compile:
            self.found['compile'][name] = dict(
                warm_up_seconds=time.perf_counter() - start,
                graphs=self._graphs() - graphs,
                graph_breaks=sum((_breaks() - breaks).values()),
                reasons=sorted(_breaks() - breaks),
            )

    def _graphs(self) -> int:
        return int(counters['stats']['unique_graphs'])

    def _measure_memory(self, after_round: Callable[[dict], None]) -> None:
        """Ask a process of its own for each model, with this one's memory given back."""
        self.tasks.clear()
        gc.collect()
        if self.clock.cuda:
            torch.cuda.empty_cache()
        s = self.settings
        for subject in self.subjects:
            if 'inference' in self.found['skipped'].get(subject.name, {}):
                continue
            self.say(f'[{self.mode.name}] {subject.name}: memory')
            self.found['memory'][subject.name] = measure_memory(
                dict(
                    name=subject.name,
                    input_size=s.input_size,
                    mode=self.mode.name,
                    device=s.device,
                    batch_size=max(s.batch_sizes),
                    train_batch_size=s.train_batch_size,
                    threads=s.threads,
                )
            )
            after_round(self.found)


def _breaks() -> Counter:
    return Counter(counters['graph_break'])


def _allow_many_graphs() -> None:
    """Let each model, batch size and mode have its graph: they share one function's code."""
    config = torch._dynamo.config
    for name in ('recompile_limit', 'cache_size_limit', 'accumulated_recompile_limit',
                 'accumulated_cache_size_limit'):  # fmt: skip
        if hasattr(config, name):
            setattr(config, name, 1000)
