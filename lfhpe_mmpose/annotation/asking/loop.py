"""Ask, train, ask again from the trained model, train: what ``lfhpe loop`` does.

The folder of a loop has ``loop.json`` (its settings), ``answers.jsonl`` (the journal of all
rounds) and a folder a round with ``tags.json``, the config of ``lfhpe new-config`` and ``run``.
What is there is done, so that the same command continues after any interruption.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lfhpe_mmpose.annotation.new_config import new_config
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_folder, write_json
from lfhpe_mmpose.tags import load_tag_file

from .maps import model_maps
from .plan_source import AskPlan
from .session import AskSession

# Answers a person if no budget is given: what a whole picture and three windows ask of most sets.
_ANSWERS_A_PERSON = 50
# Ask until the session is over or the user stops it.
Ask = Callable[[AskSession], None]
# Run `lfhpe` with these words.
Run = Callable[[list[str]], None]


@dataclass(frozen=True)
class LoopSettings:
    """What stays the same from the first call of a loop to the last.

    Attributes:
        plan: A plan's folder or a tag file with persons.
        images: Folder of the images.
        rounds: Number of trainings.
        budget: Answers of all rounds together.
        start: Start of the first training; see ``new_config``.
        epochs: Epochs of each training; None suits the number of persons.
        seed: Seed of what chance decides in asking.
    """

    plan: str
    images: str
    rounds: int
    budget: int
    start: str = 'packaged'
    epochs: int | None = None
    seed: int = 0


def begin_loop(
    folder: str | Path, given: dict[str, Any], rounds: int = 2, budget: int | None = None
) -> LoopSettings:
    """The settings of a loop: those of its folder, or the given ones, which are written.

    Args:
        folder: The loop's folder.
        given: ``plan``, ``images`` and further entries of ``LoopSettings`` by name.
        rounds: Number of trainings.
        budget: Answers of all rounds. None is 50 a person.

    Raises:
        UserError: 'plan-settings' if the folder's loop has others, 'damaged'.
    """
    path = Path(folder) / 'loop.json'
    if not path.exists():
        persons = len(AskPlan(given['plan'], given['images']).persons)
        total = budget or _ANSWERS_A_PERSON * persons
        settings = LoopSettings(**given, rounds=rounds, budget=total)
        write_json(path, asdict(settings))
        return settings
    try:
        known = LoopSettings(**json.loads(path.read_text(encoding='utf-8')))
    except (ValueError, TypeError) as error:
        remedy = 'Give another --out.'
        raise UserError('damaged', str(path), f'It is not of a loop ({error}).', remedy) from None
    asked = dict(given, rounds=rounds, budget=budget or known.budget)
    for name, value in asked.items():
        if getattr(known, name) != value:
            fault = f'The loop was begun with --{name} {getattr(known, name)}, not {value}.'
            remedy = 'Give the same options, or another --out.'
            raise UserError('plan-settings', str(path), fault, remedy)
    return known


def run_loop(
    folder: str | Path, settings: LoopSettings, device: str | None, ask: Ask, run: Run
) -> str:
    """Do what is left of a loop.

    Args:
        folder: The loop's folder.
        settings: From ``begin_loop``.
        device: Where a model looks at the persons.
        ask: Asks the annotators.
        run: Runs a command.

    Returns:
        What to do with the model.

    Raises:
        UserError: As the steps do, or 'locked' if the loop runs already.
    """
    folder = Path(folder)
    with lock_folder(folder):
        model: list[str] = []
        for number in range(1, settings.rounds + 1):
            home = folder / f'round{number}'
            if not (home / 'tags.json').exists():
                _ask(folder, home, number, settings, device, model, ask)
            model = _train(home, settings, run)
    config, weights = model
    return (
        f'Next: lfhpe predict {config} {settings.images} --weights {weights} '
        f'--draw {folder / "drawn"}'
    )


def _ask(
    folder: Path,
    home: Path,
    number: int,
    settings: LoopSettings,
    device: str | None,
    model: list[str],
    ask: Ask,
) -> None:
    """Ask up to the share of the budget that a round ends with, and write the answers."""
    journal = folder / 'answers.jsonl'
    limit = settings.budget * number // settings.rounds
    maps = None
    if model:
        print(f'Round {number} of {settings.rounds}: the model looks at all persons.', flush=True)
        config, weights = model
        maps = model_maps(config, weights, device, settings.plan, journal, settings.images)
    with AskSession(
        settings.plan, journal, maps, settings.seed, images=settings.images, limit=limit
    ) as session:
        given = session.progress('')['answers']
        print(
            f'Round {number} of {settings.rounds}: asking until {limit} answers, '
            f'{given} of them given.',
            flush=True,
        )
        if not session.is_over():
            ask(session)
        if not session.is_over():
            # The page was closed by Ctrl-C.
            raise KeyboardInterrupt
        session.export(home / 'tags.json')


def _train(home: Path, settings: LoopSettings, run: Run) -> list[str]:
    """Train on a round's answers, unless that is done; return config and weights."""
    config, work_dir = home / 'config.py', home / 'run'
    if not config.exists():
        tags, images = str(home / 'tags.json'), settings.images
        print(
            new_config(
                tags, images, str(home), start=settings.start, epochs=settings.epochs
            ).rpartition('\n')[0]  # the rest names the next command, which follows by itself
        )
    done = home / 'trained.json'
    if not done.exists():
        persons = len(load_tag_file(home / 'train.json').annotations)
        print(f'Training on {persons} persons.', flush=True)
        run(['train', str(config), '--work-dir', str(work_dir), '--resume'])
        last = (work_dir / 'last_checkpoint').read_text(encoding='utf-8').strip()
        write_json(done, dict(weights=str(work_dir / Path(last).name)))
    return [str(config), json.loads(done.read_text(encoding='utf-8'))['weights']]


def run_lfhpe(words: list[str]) -> None:
    """Run ``lfhpe`` in a process of its own, so that its memory is free afterwards.

    Raises:
        UserError: 'step-failed' if it fails; its own message is on the screen.
    """
    status = subprocess.run([sys.executable, '-m', 'lfhpe_mmpose', *words], check=False).returncode
    if status == 130:
        raise KeyboardInterrupt
    if status:
        fault = f'The command ended with status {status}.'
        remedy = 'Correct what it says above; the same loop command continues.'
        raise UserError('step-failed', f'lfhpe {" ".join(words)}', fault, remedy)
