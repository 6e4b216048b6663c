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

Each recipe may name its own ``base``; ``options`` are those of ``--cfg-options``. A part of
a config is replaced as a whole by a dict with ``_delete_=True``. ``_base_ = 'other.py'`` takes
over another study's entries, as in any config.
"""

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.config import Config, ConfigDict

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.command_line import load_config, merge_options

_DOOR = 'WithholdLocations'
_AXES = ('recipes', 'fractions', 'views', 'seeds')
_RECIPE_KEYS = ('base', 'options', 'note')
UNLIMITED = 'unlimited'


@dataclass(frozen=True)
class StudyRun:
    """One training of a study.

    Attributes:
        name (str): Unique in the study, also the name of its folder.
        recipe (str): Key of ``recipes``.
        fraction (float): Location fraction.
        views (int | str): Tagged views a person, or ``'unlimited'``.
        seed (int): Seed of the weights, the order and the augmentation.
        base (str): The config's path or short name.
        options (dict): Changes to the config by dotted key.
    """

    name: str
    recipe: str
    fraction: float
    views: int | str
    seed: int
    base: str
    options: dict = field(hash=False)

    def config(self) -> Config:
        """Make the config of this run.

        Returns:
            Config: With fraction, views, seed and the recipe's options put in.

        Raises:
            UserError: If the config cannot be read, an option does not fit it, or its
                training pipeline does not start at the door.
        """
        cfg = load_config(self.base)
        # Merging takes `_delete_` out of what is merged.
        merge_options(cfg, self.base, copy.deepcopy(self.options))
        pipeline = cfg.train_dataloader.dataset.pipeline
        if not pipeline or pipeline[0].type != _DOOR:
            raise UserError(
                f'{self.base}: train_dataloader.dataset.pipeline must start with {_DOOR}, '
                'where a study sets location fraction and views.'
            )
        door = pipeline[0]
        door.fraction = self.fraction
        door.unlimited = self.views == UNLIMITED
        if not door.unlimited:
            door.views = self.views
        elif door.get('views', 1) < 2 and door.get('whole_person', True):
            raise UserError(
                f'{self.name}: {UNLIMITED} views draw sub-crops afresh, but {self.base} has none. '
                "Set 'train_dataloader.dataset.pipeline.0.views' to 2 or more in the options."
            )
        cfg.merge_from_dict(dict(randomness=dict(seed=self.seed)))
        return cfg


@dataclass(frozen=True)
class StudyPlan:
    """A study.

    Attributes:
        path (Path): The study file.
        split (str): What the results are measured on, in words.
        runs (tuple[StudyRun, ...]): In the order of the file, each once.
        notes (dict[str, str]): A sentence a recipe, for the table.
    """

    path: Path
    split: str
    runs: tuple[StudyRun, ...]
    notes: dict[str, str]


def read_plan(path: str | Path) -> StudyPlan:
    """Read a study file.

    Args:
        path (str | Path): The file.

    Returns:
        StudyPlan: Its runs.

    Raises:
        UserError: If it is missing or cannot be read, or an entry is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f'{path}: no such study file. See tools/studies/lspet.py.')
    try:
        cfg = Config.fromfile(path)
    except Exception as error:
        raise UserError(
            f'{path}: the study cannot be read ({type(error).__name__}: {error}).'
        ) from None
    recipes = cfg.get('recipes') or {}
    for name, recipe in recipes.items():
        if not isinstance(recipe, Mapping) or set(recipe) - set(_RECIPE_KEYS):
            raise UserError(
                f'{path}: recipe {name!r} must be a dict with some of {_RECIPE_KEYS}, '
                f'got {recipe!r}.'
            )
    runs: dict[str, StudyRun] = {}
    for i, block in enumerate(cfg.get('runs') or []):
        where = f'{path}: runs[{i}]'
        _check_block(block, recipes, where)
        for recipe, fraction, views, seed in itertools.product(*(block[a] for a in _AXES)):
            run = _make_run(path, cfg, recipe, fraction, views, seed)
            runs.setdefault(run.name, run)
    if not runs:
        raise UserError(
            f'{path}: the study has no runs. Add runs = [dict(recipes=[...], fractions=[...], '
            'views=[...], seeds=[...])].'
        )
    notes = {name: recipe.get('note', '') for name, recipe in recipes.items()}
    return StudyPlan(path, cfg.get('split', ''), tuple(runs.values()), notes)


def _check_block(block: Mapping, recipes: Mapping, where: str) -> None:
    """Raise where an entry of ``runs`` is wrong."""
    if not isinstance(block, Mapping):
        raise UserError(f'{where}: must be a dict, got {block!r}.')
    unknown = sorted(set(block) - set(_AXES))
    missing = [axis for axis in _AXES if not block.get(axis)]
    if unknown or missing:
        raise UserError(
            f'{where}: needs {", ".join(_AXES)} and nothing else; missing or empty: {missing}, '
            f'unknown: {unknown}.'
        )
    for axis in _AXES:
        if not isinstance(block[axis], list | tuple):
            raise UserError(f'{where}: {axis} must be a list, got {block[axis]!r}.')
    for recipe in block['recipes']:
        if recipe not in recipes:
            raise UserError(f'{where}: recipe {recipe!r} is not one of {sorted(recipes)}.')
    for fraction in block['fractions']:
        if isinstance(fraction, bool) or not isinstance(fraction, int | float):
            raise UserError(f'{where}: the location fraction {fraction!r} is not a number.')
        if not 0 <= fraction <= 1:
            raise UserError(f'{where}: the location fraction {fraction} is outside [0, 1].')
    for views in block['views']:
        whole = isinstance(views, int) and not isinstance(views, bool) and views >= 1
        if views != UNLIMITED and not whole:
            raise UserError(
                f"{where}: views must be whole numbers of at least 1 or '{UNLIMITED}', "
                f'got {views!r}.'
            )
    for seed in block['seeds']:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise UserError(f'{where}: seeds must be whole numbers of at least 0, got {seed!r}.')


def _make_run(path: Path, cfg: Config, recipe: str, fraction, views, seed: int) -> StudyRun:
    settings = cfg.recipes[recipe]
    base = settings.get('base', cfg.get('base'))
    if not base:
        raise UserError(f'{path}: recipe {recipe!r} has no base, and the study names none.')
    # A path counts from the study file; a short name is looked up among the packaged configs.
    beside = path.parent / base
    options = {**_plain(cfg.get('options')), **_plain(settings.get('options'))}
    return StudyRun(
        name=f'{recipe}_loc{100 * fraction:g}_v{views}_s{seed}',
        recipe=recipe,
        fraction=float(fraction),
        views=views,
        seed=seed,
        base=str(beside) if beside.is_file() else base,
        options=options,
    )


def _plain(options: Mapping | None) -> dict:
    """A plain dict of what MMEngine read."""
    return options.to_dict() if isinstance(options, ConfigDict) else dict(options or {})
