"""The whole run: the models, a block for each mode, and the area sweep."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from lfhpe_mmpose.errors import UserError

from .area import SIZES, sweep_area
from .batches import left_out_steps
from .block import Block
from .complexity import count_complexity
from .machine import describe_machine
from .models import NICKNAMES, build_model, load_subject
from .settings import MEASURES, Settings


class Run:
    """A run, whose results grow while it measures.

    Args:
        settings (Settings): What is measured.
        command (Sequence[str]): The arguments of the command line, for the record.
        say (Callable[[str], None]): Called with lines about the progress.
        save (Callable[[dict], None]): Called with the results whenever there are more.

    Attributes:
        results (dict): Everything measured, ready for JSON.

    Raises:
        UserError: If a setting is invalid; nothing has been measured then.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = (),
        say: Callable[[str], None] = print,
        save: Callable[[dict[str, Any]], None] = lambda results: None,
    ) -> None:
        _check(settings)
        torch.set_num_threads(settings.threads)
        self.settings = settings
        self.say = say
        self.save = save
        self.subjects = [load_subject(name, settings.input_size) for name in settings.models]
        self.there = [subject for subject in self.subjects if not subject.skipped]
        reasons = ', '.join(f'{s.name} {s.skipped}' for s in self.subjects if s.skipped)
        if settings.reference not in [subject.name for subject in self.there]:
            raise UserError(
                'option',
                '--reference',
                f'{settings.reference} cannot be measured here ({reasons}).',
                f'Choose one of: {", ".join(s.name for s in self.there)}.',
            )
        listed = {**asdict(settings), 'modes': [mode.name for mode in settings.modes]}
        machine = describe_machine(settings.device, command)
        self.results: dict[str, Any] = dict(
            complete=False, machine=machine, settings=listed, models={}, blocks=[]
        )

    def models(self) -> None:
        """Count parameters and multiply-adds."""
        for subject in self.subjects:
            entry: dict[str, Any] = dict(
                config=Path(subject.cfg.filename).stem,
                input_size=list(subject.input_size),
                skipped=subject.skipped,
            )
            self.say(f'{subject.name}: {subject.skipped or "counting"}')
            if not subject.skipped:
                entry.update(count_complexity(build_model(subject), subject.input_size))
                entry['left_out_steps'] = left_out_steps(subject)
            self.results['models'][subject.name] = entry
        self.save(self.results)

    def blocks(self) -> None:
        """Measure all models in every mode."""
        for mode in self.settings.modes:
            block = Block(self.there, mode, self.settings, self.say)
            self.results['blocks'].append(block.found)
            block.run(lambda: self.save(self.results))
            torch._dynamo.reset()

    def area(self, sizes: Sequence[tuple[int, int]] = SIZES) -> None:
        """Sweep the input area (heights and widths) of the first model that has our neck."""
        necks = {s.name: (s.cfg.model.get('neck') or {}).get('type') for s in self.there}
        ours = [s for s in self.there if necks[s.name] == 'MultiScaleContextEncoder']
        subject = (ours or self.there)[0]
        self.results['area'] = sweep_area(subject, self.settings, sizes, self.say)
        self.save(self.results)


def _check(settings: Settings) -> None:
    """Refuse invalid settings before anything is measured."""

    def refuse(option: str, fault: str, remedy: str = '') -> None:
        raise UserError('option', option, fault, remedy)

    names = list(settings.models)
    if not names:
        refuse('--models', 'No model is named.', f'Name one, e.g. {", ".join(NICKNAMES)}.')
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        refuse('--models', f'Named twice: {", ".join(twice)}.')
    if settings.reference not in names:
        refuse('--reference', f'{settings.reference} is not among --models {" ".join(names)}.')
    unknown = sorted(set(settings.measures) - set(MEASURES))
    if unknown:
        refuse('--measures', f'Unknown: {", ".join(unknown)}.', f'Known: {", ".join(MEASURES)}.')
    if torch.device(settings.device).type == 'cuda' and not torch.cuda.is_available():
        refuse('--device', 'PyTorch finds no GPU here.', 'Use --device cpu.')
    for name in ('batch_sizes', 'train_batch_size', 'rounds', 'threads'):
        value = getattr(settings, name)
        if min([value] if isinstance(value, int) else value, default=0) < 1:
            refuse(f'--{name.replace("_", "-")}', f'It must be at least 1, got {value}.')
    if settings.seconds <= 0:
        refuse('--seconds', f'It must be more than 0, got {settings.seconds}.')
