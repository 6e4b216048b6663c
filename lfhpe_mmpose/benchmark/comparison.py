"""The whole run: blocks of models, then the sweep, the loaders, the peak and the profile."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from lfhpe_mmpose.errors import UserError

from .area import SIZES, sweep_area
from .batches import left_out_steps
from .block import Block
from .complexity import count_complexity
from .loader import LoaderRun, loader_config
from .machine import describe_machine
from .models import NICKNAMES, Subject, build_model, load_subject
from .peak import measure_peak, profile_step
from .settings import MEASURES, Settings
from .timing import interleave
from .training import TrainingStep


class Run:
    """A run, whose results grow while it measures.

    Args:
        settings (Settings): What is measured.
        command (Sequence[str]): The command line, for the record.
        say (Callable[[str], None]): Told of progress.
        save (Callable[[dict], None]): Given the results whenever there are more.

    Attributes:
        results (dict): Everything measured, ready for JSON.

    Raises:
        UserError: If a setting cannot be used; nothing has been measured then.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = (),
        say: Callable[[str], None] = print,
        save: Callable[[dict], None] = lambda results: None,
    ) -> None:
        _check(settings)
        torch.set_num_threads(settings.threads)
        self.settings = settings
        self.say = say
        self.save = save
        self.subjects = [load_subject(name, settings.input_size) for name in settings.models]
        self.there = [subject for subject in self.subjects if not subject.skipped]
        if not self.there:
            reasons = ', '.join(f'{s.name} {s.skipped}' for s in self.subjects)
            raise UserError(f'--models: none of them can be measured here: {reasons}.')
        if settings.reference not in [subject.name for subject in self.there]:
            raise UserError(
                f'--reference {settings.reference}: it cannot be measured here, and ratios to it '
                f'neither. Choose one of: {", ".join(s.name for s in self.there)}.'
            )
        listed = asdict(settings)
        listed['modes'] = [mode.name for mode in settings.modes]
        self.results: dict = dict(
            complete=False,
            machine=describe_machine(settings.device, command),
            settings=listed,
            models={},
            blocks=[],
        )

    def models(self) -> None:
        """Count parameters and multiply-adds."""
        for subject in self.subjects:
            entry: dict = dict(
                config=Path(subject.cfg.filename).stem,
                input_size=list(subject.input_size),
                skipped=subject.skipped,
            )
            if not subject.skipped:
                self.say(f'{subject.name}: counting')
                model = build_model(subject)
                entry.update(count_complexity(model, subject.input_size))
                entry['left_out_steps'] = left_out_steps(subject)
            else:
                self.say(f'{subject.name}: skipped: {subject.skipped}')
            self.results['models'][subject.name] = entry
        self.save(self.results)

    def blocks(self) -> None:
        """Measure all models in every mode."""
        for mode in self.settings.modes:
            block = Block(self.there, mode, self.settings, self.say)
            self.results['blocks'].append(block.found)
            block.run(lambda _: self.save(self.results))
            torch._dynamo.reset()

    def area(self, sizes: Sequence[tuple[int, int]] = SIZES) -> None:
        """Sweep the input area of our neck's model, the first that has one.

        Args:
            sizes (Sequence[tuple[int, int]]): Heights and widths.
        """
        s = self.settings
        with_neck = [
            subject
            for subject in self.there
            if (subject.cfg.model.get('neck') or {}).get('type') == 'MultiScaleContextEncoder'
        ]
        subject = (with_neck or self.there)[0]
        self.results['area'] = sweep_area(
            subject, s.modes[0], s.device, s.rounds, s.seconds, sizes, self.say
        )
        self.results['area'].update(model=subject.name, mode=s.modes[0].name)
        self.save(self.results)

    def loaders(self, names: Sequence[str], data_root: str | None, workers: Sequence[int]) -> None:
        """Measure training loaders, round by round.

        Args:
            names (Sequence[str]): Configs.
            data_root (str, optional): Folder of the data, in the place of the configs'.
            workers (Sequence[int]): Numbers of workers.
        """
        s = self.settings
        runs = {name: LoaderRun(loader_config(name, data_root)) for name in names}
        tasks = {
            (name, n): _measuring(runs[name], n, s.seconds) for name in names for n in workers
        }

        def note(number: int, found: dict) -> None:
            self.results['loaders'] = [
                dict(name=name, workers=n, samples_per_second=list(values))
                for (name, n), values in found.items()
            ]
            self.say(f'loaders: round {number}/{s.rounds}')
            self.save(self.results)

        interleave(tasks, s.rounds, note)

    def peak(self, side: int | None = None) -> None:
        """Measure the peak of matrix products in each precision.

        Args:
            side (int, optional): Of the matrices, see :func:`measure_peak`.
        """
        s = self.settings
        peaks = self.results.setdefault('peak', {})
        for mode in s.modes:
            if mode.precision not in peaks:
                self.say(f'peak: {mode.precision}')
                peaks[mode.precision] = measure_peak(mode, s.device, s.seconds, side)
        self.save(self.results)

    def profile(self) -> str:
        """Profile the training step of the first model in the first mode.

        Returns:
            str: A table.
        """
        s = self.settings
        subject: Subject = self.there[0]
        self.say(f'profile: {subject.name}')
        step = TrainingStep(subject, s.modes[0], s.device, s.train_batch_size)
        head = f'{subject.name}, {s.modes[0].name}, batch {s.train_batch_size}, 3 steps\n'
        return head + profile_step(step)


def _measuring(run: LoaderRun, workers: int, seconds: float) -> Callable[[], float]:
    return lambda: run.measure(workers, seconds)


def _check(settings: Settings) -> None:
    if not settings.models:
        raise UserError(f'--models: name at least one, for example: {", ".join(NICKNAMES)}.')
    twice = {name for name in settings.models if list(settings.models).count(name) > 1}
    if twice:
        raise UserError(f'--models: {", ".join(sorted(twice))} is named twice.')
    if settings.reference not in settings.models:
        raise UserError(
            f'--reference {settings.reference}: not among --models {" ".join(settings.models)}. '
            'Choose one of them, or add it.'
        )
    unknown = set(settings.measures) - set(MEASURES)
    if unknown:
        raise UserError(f'--measures: unknown {sorted(unknown)}. Known: {", ".join(MEASURES)}.')
    if torch.device(settings.device).type == 'cuda' and not torch.cuda.is_available():
        raise UserError('--device cuda: PyTorch finds no GPU here. Use --device cpu.')
    numbers = [*settings.batch_sizes, settings.train_batch_size, settings.rounds, settings.threads]
    if min(numbers) < 1 or not settings.batch_sizes or settings.seconds <= 0:
        raise UserError(
            '--batch-sizes, --train-batch-size, --rounds, --threads must be at least 1, and '
            '--seconds more than 0.'
        )
