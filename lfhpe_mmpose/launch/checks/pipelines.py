"""Checks of pipelines: WithholdLocations comes first, with valid arguments."""

import copy
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.logging import print_log
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS, TRANSFORMS

from lfhpe_mmpose.datasets.blind_datasets import SelectsByFlags
from lfhpe_mmpose.errors import UserError

from .arguments import arguments_of
from .report import at, problem
from .sources import Source, Step, type_name

_DOOR = 'WithholdLocations'
_PACK = 'PackTaggedInputs'
_HEADS = ('LocationFreeHead', 'LocalEvidenceHead')


def check_pipelines(cfg: Mapping[str, Any], sources: Sequence[Source]) -> list[UserError]:
    """Check the pipelines of all data sets."""
    head = type_name((cfg.get('model') or {}).get('head') or {})
    out = []
    for source in sources:
        for step in source.steps:
            out += _check_step(step)
        if source.training and head in _HEADS:
            out += _check_order(source)
        if source.training:
            _warn_of_selection(source)
        if not source.training:
            out += _check_evaluation(source)
    return out


def _check_step(step: Step) -> list[UserError]:
    kind = step.cfg.get('type')
    kind = TRANSFORMS.get(kind) if isinstance(kind, str) else kind
    if kind is None or step.name != _DOOR:
        return []
    arguments = copy.deepcopy({k: v for k, v in step.cfg.items() if k != 'type'})
    if set(arguments) - (arguments_of(kind) or set()):
        return []  # reported by check_arguments
    try:
        kind(**arguments)
    except UserError as error:
        return [at(error, step.entry)]
    except (ValueError, TypeError) as error:
        remedy = (
            "Write for example dict(type='WithholdLocations', fraction=0.25, seed=0, "
            "occluded='positive')."
        )
        return [problem('option', step.entry, f'{error}', remedy)]
    return []


def _check_order(source: Source) -> list[UserError]:
    names = [step.name for step in source.steps]
    if names[:1] != [_DOOR]:
        return [
            problem(
                'pipeline-order',
                f'{source.entry}.pipeline[0]',
                f'The first step of the training pipeline is {names[0] if names else "missing"}, '
                f'not {_DOOR}: withheld locations would leak, and LocationFreeHead would get no '
                'tags.',
                "Put dict(type='WithholdLocations', fraction=...) first (fraction=1.0 trains with "
                'all locations).',
            )
        ]
    if _PACK not in names:
        return [
            problem(
                'pipeline-order',
                f'{source.entry}.pipeline',
                f'The training pipeline does not end with {_PACK}: LocationFreeHead would get no '
                'tags.',
                f"Replace PackPoseInputs by dict(type='{_PACK}').",
            )
        ]
    return []


def _warn_of_selection(source: Source) -> None:
    """Warn of a data set that looks at withheld coordinates when it selects persons."""
    doors = [step.cfg for step in source.steps if step.name == _DOOR]
    kind = source.kind
    if not doors or doors[0].get('fraction') == 1 or not isinstance(kind, type):
        return
    if not issubclass(kind, BaseCocoStyleDataset) or issubclass(kind, SelectsByFlags):
        return
    blind = f'Blind{kind.__name__}'
    better = blind if blind in DATASETS else 'TaggedCocoDataset'
    print_log(
        f'{source.entry}.type = {kind.__name__}: it leaves out persons whose coordinates are all '
        f'zero or negative, withheld coordinates included. Use {better!r}, which selects by '
        'visibility flags.',
        'current',
        level=logging.WARNING,
    )


def _check_evaluation(source: Source) -> list[UserError]:
    out = []
    for step in source.steps:
        fraction = step.cfg.get('fraction')
        if step.name == _DOOR and isinstance(fraction, int | float) and 0 <= fraction < 1:
            out.append(
                problem(
                    'withheld-evaluation',
                    step.entry,
                    f'The evaluation withholds locations (fraction={fraction}), so predictions '
                    'would be compared with nothing.',
                    'Set fraction=1.0 in pipelines of validation and test.',
                )
            )
    return out
