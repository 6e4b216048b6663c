"""A study file, and the runs that it asks for.

A study file is a Python config::

    base = 'lfhpe_res18_lspet-128x128_loc0'      # a packaged config, or a path
    split = 'LSP-extended val'
    options = {'train_cfg.max_epochs': 2}        # of all runs
    recipes = dict(
        ours=dict(),
        cam=dict(options={'model.head.prototypes': None}),
    )
    runs = [
        dict(recipes=['ours', 'cam'], fractions=[0], views=[1, 4, 'unlimited'], seeds=[0, 1]),
    ]

A recipe may have its own ``base``; ``options`` are those of ``--cfg-options``. A dict with
``_delete_=True`` replaces a part of a config as a whole. ``SEED`` in the text of an option stands
for the run's seed, where a run reads a file that another run of this seed wrote.
``_base_ = 'other.py'`` inherits from another study, as in any config.
"""

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.launch.quiet import quiet

_DOOR = 'WithholdLocations'
_RECIPE_KEYS = ('base', 'options', 'note')
UNLIMITED = 'unlimited'


@dataclass(frozen=True)
class StudyRun:
    """One training of a study.

    Attributes:
        name: Unique in the study, also the name of its folder.
        recipe: Key of ``recipes``.
        fraction: Location fraction.
        views: Tagged views per person, or ``'unlimited'``.
        seed: Seed of the weights, the order and the augmentation.
        base: The config's path or short name.
        options: Changes to the config by dotted key.
    """

    name: str
    recipe: str
    fraction: float
    views: int | str
    seed: int
    base: str
    options: dict[str, Any] = field(hash=False)

    def config(self) -> Config:
        """Make the config of this run.

        Raises:
            UserError: If the config cannot be read, an option does not fit it, or its
                training pipeline does not start with ``WithholdLocations``.
        """
        with quiet():  # a line for each variable of each config
            cfg = load_config(self.base)
        # Merging removes `_delete_` from the options.
        merge_options(cfg, self.base, copy.deepcopy(self.options))
        pipeline = cfg.train_dataloader.dataset.pipeline
        if not pipeline or pipeline[0].type != _DOOR:
            raise UserError(
                'pipeline-tags',
                self.base,
                f'train_dataloader.dataset.pipeline does not start with {_DOOR}.',
                'A study sets location fraction and views there.',
            )
        withhold = pipeline[0]
        withhold.fraction = self.fraction
        withhold.unlimited = self.views == UNLIMITED
        if not withhold.unlimited:
            withhold.views = self.views
        elif withhold.get('views', 1) < 2 and withhold.get('whole_person', True):
            raise UserError(
                'study-views',
                self.name,
                f'{UNLIMITED} views draw new sub-crops, but {self.base} has none.',
                "Set 'train_dataloader.dataset.pipeline.0.views' to 2 or more in the options.",
            )
        cfg.merge_from_dict(dict(randomness=dict(seed=self.seed)))
        return cfg


@dataclass(frozen=True)
class StudyPlan:
    """A study.

    Attributes:
        path: The study file.
        split: What the results are measured on, in words.
        runs: In the order of the file, each once.
        notes: A sentence per recipe, for the table.
    """

    path: Path
    split: str
    runs: tuple[StudyRun, ...]
    notes: dict[str, str]


def read_plan(path: str | Path) -> StudyPlan:
    """Read a study file.

    Raises:
        UserError: If it is missing or cannot be read, or an entry is invalid.
    """
    path = Path(path)
    if not path.is_file():
        remedy = 'tools/studies/lspet.py is an example.'
        raise UserError('study-missing', str(path), 'The study file does not exist.', remedy)
    try:
        cfg = Config.fromfile(path)
    except Exception as error:
        fault = f'The study cannot be read ({type(error).__name__}: {error}).'
        raise UserError('study-unreadable', str(path), fault) from None
    recipes = cfg.get('recipes') or {}
    for name, recipe in recipes.items():
        if not isinstance(recipe, Mapping) or set(recipe) - set(_RECIPE_KEYS):
            fault = f'It must be a dict with some of {_RECIPE_KEYS}, got {recipe!r}.'
            raise UserError('study-recipe', f'{path}: recipes[{name!r}]', fault)
    runs: dict[str, StudyRun] = {}
    for i, block in enumerate(cfg.get('runs') or []):
        _check_block(block, recipes, f'{path}: runs[{i}]')
        for axes in itertools.product(*(block[axis] for axis in _AXES)):
            run = _make_run(path, cfg, *axes)
            runs.setdefault(run.name, run)
    if not runs:
        remedy = 'Add runs = [dict(recipes=[...], fractions=[...], views=[...], seeds=[...])].'
        raise UserError('study-runs', str(path), 'The study has no runs.', remedy)
    notes = {name: recipe.get('note', '') for name, recipe in recipes.items()}
    return StudyPlan(path, cfg.get('split', ''), tuple(runs.values()), notes)


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_fraction(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= 1


# Axes of a block of runs: what is valid, and in words.
_AXES = {
    'recipes': (lambda v: isinstance(v, str), 'names of recipes'),
    'fractions': (_is_fraction, 'numbers in [0, 1]'),
    'views': (lambda v: v == UNLIMITED or _is_whole(v, 1), f"numbers from 1 or '{UNLIMITED}'"),
    'seeds': (lambda v: _is_whole(v, 0), 'whole numbers from 0'),
}


def _check_block(block: Any, recipes: Mapping[str, Any], where: str) -> None:
    """Refuse an invalid entry of ``runs``."""

    def refuse(place: str, fault: str) -> None:
        raise UserError('study-runs', place, fault)

    if not isinstance(block, Mapping):
        refuse(where, f'It must be a dict, got {block!r}.')
    for axis in dict.fromkeys([*_AXES, *block]):
        if axis not in _AXES or not block.get(axis):
            refuse(f'{where}.{axis}', f'A block has {", ".join(_AXES)}, none of them empty.')
        values = block[axis]
        valid, words = _AXES[axis]
        wrong = [] if isinstance(values, list | tuple) else [values]
        wrong = wrong or [v for v in values if not valid(v)]
        if wrong:
            refuse(f'{where}.{axis}', f'It must be a list of {words}, got {wrong[0]!r}.')
    for recipe in block['recipes']:
        if recipe not in recipes:
            refuse(f'{where}.recipes', f'{recipe!r} is not one of {sorted(recipes)}.')


def _make_run(
    path: Path, cfg: Config, recipe: str, fraction: float, views: int | str, seed: int
) -> StudyRun:
    settings = cfg.recipes[recipe]
    base = settings.get('base', cfg.get('base'))
    if not base:
        place = f'{path}: recipes[{recipe!r}]'
        raise UserError('study-base', place, 'Neither the recipe nor the study has a base.')
    # A path is relative to the study file; a short name is a packaged config.
    beside = path.parent / base
    options = {**_plain(cfg.get('options')), **_plain(settings.get('options'))}
    return StudyRun(
        name=f'{recipe}_loc{100 * fraction:g}_v{views}_s{seed}',
        recipe=recipe,
        fraction=float(fraction),
        views=views,
        seed=seed,
        base=str(beside) if beside.is_file() else base,
        options=_with_seed(options, seed),
    )


def _with_seed(value: Any, seed: int) -> Any:
    """The value with the seed instead of ``SEED`` in its texts."""
    if isinstance(value, str):
        return value.replace('SEED', str(seed))
    if isinstance(value, dict):
        return {key: _with_seed(entry, seed) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_with_seed(entry, seed) for entry in value)
    return value


def _plain(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """MMEngine's config as a plain dict."""
    return options.to_dict() if isinstance(options, ConfigDict) else dict(options or {})
