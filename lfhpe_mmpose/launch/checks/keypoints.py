"""Checks that head, data set and annotation file have the same keypoints."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.logging import print_log
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import Fault
from lfhpe_mmpose.tags.file_faults import file_faults, other_names
from lfhpe_mmpose.tags.flip_pairs import no_pair_fault, swap_faults

from .annotations import Annotations, coco_faults, group_faults, outside_faults
from .report import problem
from .sources import Source, type_name

# MMPose's heads name their number of keypoints differently. `out_channels`
# comes last: where a head has two of them it is not the number.
_HEAD_KEYS = ('num_keypoints', 'num_joints', 'out_channels')


def keypoint_names(cfg: Mapping[str, Any]) -> list[str]:
    """The keypoint names of a data set or a wrapper, in order; empty if the config has none.

    Raises:
        Exception: What MMPose raises for metainfo that it cannot read.
    """
    names = _metainfo(cfg).get('keypoint_id2name', {})
    return [names[i] for i in sorted(names)]


def flip_indices(cfg: Mapping[str, Any]) -> list[int]:
    """The keypoint that each becomes when an image is flipped; see ``keypoint_names``."""
    return list(_metainfo(cfg).get('flip_indices', []))


def _metainfo(cfg: Mapping[str, Any]) -> dict[str, Any]:
    metainfo = cfg.get('metainfo')
    if not metainfo and isinstance(cfg.get('dataset'), Mapping):
        return _metainfo(cfg['dataset'])
    if not metainfo and cfg.get('datasets'):
        return _metainfo(cfg['datasets'][0])
    if not metainfo:
        kind = cfg.get('type')
        kind = DATASETS.get(kind) if isinstance(kind, str) else kind
        metainfo = getattr(kind, 'METAINFO', None)
    return parse_pose_metainfo(dict(metainfo)) if metainfo else {}


def head_keypoints(cfg: Mapping[str, Any]) -> tuple[int | None, str]:
    """The number of keypoints of the head (None if it states none), and its entry."""
    head = (cfg.get('model') or {}).get('head') or {}
    for key in _HEAD_KEYS:
        if isinstance(head.get(key), int):
            return head[key], f'model.head.{key}'
    return None, 'model.head'


def check_head(cfg: Mapping[str, Any], sources: Sequence[Source]) -> list[UserError]:
    """Compare the number of keypoints of the head with that of the data sets."""
    number, entry = head_keypoints(cfg)
    out = []
    for source in sources:
        try:
            given = source.num_keypoints_given or len(keypoint_names(source.cfg))
        except Exception as error:
            out.append(_unreadable_metainfo(source, error))
            continue
        if number is not None and given and given != number:
            out.append(
                problem(
                    'head-keypoints',
                    f'{entry} = {number}; {source.entry} ({type_name(source.cfg)})',
                    f'The head has {number} keypoints, the data set {given}.',
                    f'Set {entry}={given}, or use a data set with {number} keypoints '
                    '(its type or its metainfo).',
                )
            )
        _warn_of_flips(cfg, source)
    return out


def _warn_of_flips(cfg: Mapping[str, Any], source: Source) -> None:
    """Warn if images are flipped, and left and right do not all change places."""
    flips = [step.entry for step in source.steps if step.name == 'RandomFlip']
    if not source.training and ((cfg.get('model') or {}).get('test_cfg') or {}).get('flip_test'):
        flips.append('model.test_cfg.flip_test')
    names, partners = keypoint_names(source.cfg), flip_indices(source.cfg)
    if not flips or len(partners) != len(names):
        return
    fault = no_pair_fault(names, partners) or next(swap_faults(names, partners), None)
    if fault:
        text = f'{flips[0]}: images are flipped, and {fault.text}. {fault.remedy} [{fault.code}]'
        print_log(text, 'current', level=logging.WARNING)


def check_annotated(annotations: Annotations, source: Source) -> list[UserError]:
    """Check the entries of an annotation file by the rules of its data set.

    A tag file is checked as ``TaggedCocoDataset`` does, so that the data set does not refuse it
    later. Of other files the number of keypoints and their names are checked.
    """
    try:
        names = keypoint_names(source.cfg)
    except Exception:
        names = []  # reported by check_head
    if source.reads_tags and names:
        faults = file_faults(annotations.tags, names)
    else:
        faults = coco_faults(annotations, names if source.parses_coco else ())
    found = list(faults)
    if source.parses_coco and names:
        found += _coco_names(annotations, names)
    if not any(fault.code == 'malformed' for _, fault in found):
        found += outside_faults(annotations)
    return group_faults(found, f'{source.entry}.ann_file = {annotations.path}')


def _coco_names(annotations: Annotations, names: Sequence[str]) -> Iterator[tuple[str, Fault]]:
    """Compare names and order of the used categories; spelling does not matter to MMPose."""
    used = {person.get('category_id') for _, person in annotations.persons}
    for i, category in enumerate(annotations.tags.categories):
        theirs = category.get('keypoints')
        if isinstance(theirs, list) and theirs and category['id'] in used:
            own = [_plain(name) for name in names]
            for fault in other_names([_plain(name) for name in theirs], own):
                yield f'categories[{i}]', fault


def _plain(name: object) -> str:
    """Lower case, with an underscore for blanks and hyphens."""
    return str(name).strip().lower().replace(' ', '_').replace('-', '_')


def _unreadable_metainfo(source: Source, error: Exception) -> UserError:
    return problem(
        'metainfo',
        f'{source.entry}.metainfo',
        f'The metainfo cannot be read ({type(error).__name__}: {error}).',
        "Give dict(from_file='<path of a Python file with dataset_info>') or a dict with "
        'dataset_name, keypoint_info, skeleton_info, joint_weights and sigmas.',
    )
