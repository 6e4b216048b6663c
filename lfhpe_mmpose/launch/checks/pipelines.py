"""Checks of pipelines: the door comes first, with arguments that make sense."""

import copy
from collections.abc import Mapping, Sequence

from mmpose.registry import TRANSFORMS

from .report import problem
from .sources import Source, Step, type_name

_DOOR = 'WithholdLocations'
_PACK = 'PackTaggedInputs'


def check_pipelines(cfg: Mapping, sources: Sequence[Source]) -> list[str]:
    """Check the pipelines of all data sets.

    Args:
        cfg (Mapping): The whole config.
        sources (Sequence[Source]): The data sets of the run.

    Returns:
        list[str]: The problems.
    """
    head = type_name((cfg.get('model') or {}).get('head') or {})
    out = []
    for source in sources:
        for step in source.steps:
            out += _check_step(step)
        if source.training and head == 'LocationFreeHead':
            out += _check_order(source)
        if not source.training:
            out += _check_evaluation(source)
    return list(dict.fromkeys(out))


def _check_step(step: Step) -> list[str]:
    kind = step.cfg.get('type')
    kind = TRANSFORMS.get(kind) if isinstance(kind, str) else kind
    if kind is None:
        what = f'The pipeline step {step.name!r} is not registered.'
        return [problem(what, step.entry, 'correct the type, or add its module to custom_imports')]
    if step.name != _DOOR:
        return []
    arguments = copy.deepcopy({k: v for k, v in step.cfg.items() if k != 'type'})
    try:
        kind(**arguments)
    except (ValueError, TypeError) as error:
        remedy = (
            "write for example dict(type='WithholdLocations', fraction=0.25, seed=0, "
            "occluded='positive')"
        )
        return [problem(f'{error}', step.entry, remedy)]
    return []


def _check_order(source: Source) -> list[str]:
    names = [step.name for step in source.steps]
    out = []
    if names[:1] != [_DOOR]:
        first = names[0] if names else 'none'
        out.append(
            problem(
                f'The first step of the training pipeline is {first}, not {_DOOR}: withheld '
                'locations would leak, and LocationFreeHead would get no tags.',
                f'{source.entry}.pipeline[0]',
                "put dict(type='WithholdLocations', fraction=...) first (fraction=1.0 trains with "
                'all locations)',
            )
        )
    elif _PACK not in names:
        out.append(
            problem(
                f'The training pipeline does not end with {_PACK}: LocationFreeHead would get no '
                'tags.',
                f'{source.entry}.pipeline',
                f"replace PackPoseInputs by dict(type='{_PACK}')",
            )
        )
    return out


def _check_evaluation(source: Source) -> list[str]:
    out = []
    for step in source.steps:
        fraction = step.cfg.get('fraction')
        if step.name == _DOOR and isinstance(fraction, int | float) and 0 <= fraction < 1:
            out.append(
                problem(
                    f'The evaluation withholds locations (fraction={fraction}), so that it would '
                    'compare predictions with nothing.',
                    step.entry,
                    'set fraction=1.0 in pipelines of validation and test',
                )
            )
    return out
