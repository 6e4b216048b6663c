"""Checks that a data set does not select persons by withheld coordinates."""

import logging
from typing import Any

from mmengine.logging import print_log
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets.blind_datasets import SelectsByFlags
from lfhpe_mmpose.errors import UserError

from .annotations import Annotations
from .report import problem
from .sources import Source

_CODE = 'selects-by-coordinates'


def check_selection(source: Source, annotations: Annotations | None) -> list[UserError]:
    """Refuse a data set that leaves out persons by withheld coordinates; warn if it may.

    MMPose's own data sets leave out a person whose coordinates are all zero or negative. This
    check looks at the coordinates so that none of them decides who is trained on.

    Args:
        source: A data set.
        annotations: Its file, None if it could not be read.
    """
    doors = [step.cfg for step in source.steps if step.name == 'WithholdLocations']
    kind = source.kind
    if not source.training or not doors or doors[0].get('fraction') == 1:
        return []
    if not isinstance(kind, type) or not issubclass(kind, BaseCocoStyleDataset):
        return []
    if issubclass(kind, SelectsByFlags):
        return []
    blind = f'Blind{kind.__name__}'
    better = blind if blind in DATASETS else 'TaggedCocoDataset'
    entry = f'{source.entry}.type = {kind.__name__}'
    rule = 'leaves out persons whose coordinates are all zero or negative, even if withheld'
    remedy = f'Use {better!r}, which selects persons by visibility flags.'
    persons = annotations.persons if annotations else []
    lost = [person for _, person in persons if _is_left_out(person)]
    if lost:
        fault = f'The data set {rule}: {len(lost)} of {len(persons)}.'
        places = [f'annotation {person.get("id")}' for person in lost]
        return [problem(_CODE, entry, fault, remedy, places)]
    text = f'{entry}: The data set {rule}. {remedy} [{_CODE}]'
    print_log(text, 'current', level=logging.WARNING)
    return []


def _is_left_out(person: dict[str, Any]) -> bool:
    points = person['keypoints']
    if not isinstance(points, list) or not all(isinstance(v, int | float) for v in points):
        return False  # reported as malformed
    return max([*points[0::3], *points[1::3]], default=1) <= 0
