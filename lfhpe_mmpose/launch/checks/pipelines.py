"""Checks of pipelines: WithholdLocations comes first, with valid arguments."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mmpose.registry import TRANSFORMS

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
