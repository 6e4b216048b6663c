"""The models that are measured, by name, from their configs, with random weights.

To add one to the default list, add its config to ``NICKNAMES``.
"""

import difflib
import importlib.util
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmpose
import torch
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.apis import find_config, list_configs
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.quiet import quiet

from .plain_encoder import plain_neck

# Packaged configs of ours or of MMPose.
NICKNAMES = {
    'td-hm_res50': 'td-hm_res50_8xb64-210e_coco-256x192',
    'ours': 'lfhpe_res50_coco-256x192_loc25',
    'ours+plain': 'lfhpe_res50_coco-256x192_loc25+plain',
    'hrnet-w32': 'td-hm_hrnet-w32_8xb64-210e_coco-256x192',
    'rtmpose-m': 'rtmpose-m_8xb256-420e_coco-256x192',
    'vitpose-s': 'td-hm_ViTPose-small_8xb64-210e_coco-256x192',
    'vitpose-b': 'td-hm_ViTPose-base_8xb64-210e_coco-256x192',
}
REFERENCE = 'td-hm_res50'
_PLAIN = '+plain'


@dataclass
class Subject:
    """A model to measure.

    Attributes:
        name: As the user wrote it; the name of its row.
        cfg: Its config, without pretrained weights.
        skipped: Why it cannot be measured here, or ''.
    """

    name: str
    cfg: Config
    skipped: str = ''

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the input, pixels."""
        return _input_size(self.cfg)


def load_subject(name: str, input_size: tuple[int, int] | None = None) -> Subject:
    """Read the config of a model.

    Args:
        name (str): A nickname, the base name of a packaged config of ours or of MMPose, or
            the path of a config. The suffix ``+plain`` replaces its neck by a plain
            transformer encoder.
        input_size (tuple[int, int], optional): Width and height of the input; heatmaps are
            scaled with it. Defaults to the config's.

    Raises:
        UserError: If the config is missing or has no neck to replace.
    """
    init_default_scope('mmpose')
    target = NICKNAMES.get(name, name)
    path = find_any_config(target.removesuffix(_PLAIN))
    cfg = Config.fromfile(path)
    if 'model' not in cfg or 'backbone' not in cfg.model:
        raise UserError('config-model', path, 'The config has no model with a backbone.')
    if target.endswith(_PLAIN):
        if (cfg.model.get('neck') or {}).get('type') != 'MultiScaleContextEncoder':
            fault = f'{_PLAIN} needs a MultiScaleContextEncoder as the neck of {path}.'
            raise UserError('config-model', name, fault)
        cfg.model.neck = plain_neck(cfg.model.neck)
    cfg.model = _without_weights(cfg.model.to_dict())
    if input_size is not None:
        _resize(cfg, input_size)
    return Subject(name, cfg, _missing(cfg))


def find_any_config(name: str) -> str:
    """Find a config by path, or by base name (with or without ``.py``) among ours and MMPose's.

    Raises:
        UserError: If there is none.
    """
    short = name.removesuffix('.py')
    if Path(name).is_file() or short in list_configs():
        return find_config(name)
    root = Path(mmpose.__file__).parent / '.mim' / 'configs'
    theirs = {path.stem: path for path in root.rglob('*.py') if '_base_' not in path.parts}
    if short in theirs:
        return str(theirs[short])
    known = [*NICKNAMES, *list_configs(), *theirs]
    close = difflib.get_close_matches(short, known, n=3, cutoff=0.4)
    hint = f'Did you mean {" or ".join(map(repr, close))}? ' if close else ''
    raise UserError(
        'config-missing',
        name,
        'No config has this path, or this name in lfhpe_mmpose or MMPose.',
        f'{hint}Short names: {", ".join(NICKNAMES)}.',
    )


def build_model(subject: Subject, seed: int = 0) -> nn.Module:
    """Build a pose estimator with random weights, in training mode, on the CPU."""
    init_default_scope('mmpose')
    torch.manual_seed(seed)
    with quiet():
        model = MODELS.build(deepcopy(subject.cfg.model))
        model.init_weights()
    # There is one process.
    model = revert_sync_batchnorm(model)
    model.train()
    return model


def parameters_by_part(model: nn.Module) -> dict[str, int]:
    """Count the parameters of ``backbone``, ``neck`` and ``head``."""
    counts = dict(backbone=0, neck=0, head=0)
    for name, value in model.named_parameters():
        part = name.partition('.')[0]
        counts[part if part in counts else 'head'] += value.numel()
    return counts


def _without_weights(value: Any) -> Any:
    """A copy of a config that loads no weights from a file or the network."""
    if isinstance(value, Mapping):
        return {
            key: None if key == 'init_cfg' and _loads(entry) else _without_weights(entry)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return type(value)(_without_weights(entry) for entry in value)
    return value


def _loads(init_cfg: Any) -> bool:
    entries = init_cfg if isinstance(init_cfg, list | tuple) else [init_cfg]
    return any(isinstance(e, Mapping) and 'checkpoint' in e for e in entries)


def _input_size(cfg: Config) -> tuple[int, int]:
    """The input size of the crop in the training pipeline."""
    for step in cfg.train_dataloader.dataset.pipeline:
        if step['type'] == 'TopdownAffine':
            return tuple(step['input_size'])
    raise UserError(
        'config-model',
        cfg.filename,
        'The training pipeline has no TopdownAffine.',
        'Name a top-down model.',
    )


def _resize(cfg: Config, new: tuple[int, int]) -> None:
    """Set the input size, and what a config derives from it, everywhere."""
    old = _input_size(cfg)

    def scaled(size: Sequence[float], flip: bool = False) -> tuple[int, ...]:
        factors = [n / o for n, o in zip(new, old)]
        return tuple(round(s * f) for s, f in zip(size, factors[::-1] if flip else factors))

    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            out = {}
            for key, entry in value.items():
                if key in ('input_size', 'heatmap_size', 'in_featuremap_size') and entry:
                    entry = scaled(entry)
                elif key == 'img_size' and isinstance(entry, list | tuple):
                    entry = scaled(entry, flip=True)
                out[key] = walk(entry)
            return out
        if isinstance(value, list | tuple):
            return type(value)(walk(entry) for entry in value)
        return value

    cfg.model = walk(cfg.model.to_dict())
    cfg.train_dataloader = walk(cfg.train_dataloader.to_dict())


def _missing(cfg: Config) -> str:
    """The package that a model's modules need and that is not installed."""
    text = str(cfg.model.to_dict())
    for package in ('mmpretrain', 'mmdet'):
        if (f"'{package}." in text or f"'_scope_': '{package}'" in text) and (
            importlib.util.find_spec(package) is None
        ):
            return f'needs {package}'
    return ''
