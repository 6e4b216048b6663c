"""Checks that head, data set and annotation file have the same keypoints."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mmengine.logging import print_log
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import Fault
from lfhpe_mmpose.tags.flip_pairs import no_pair_fault, swap_faults
from lfhpe_mmpose.tags.labels import keypoints_faults, tags_faults, views_faults

from .annotations import Annotations, group_faults
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
    """Compare the keypoints of an annotation file with those of its data set.

    A tag file is checked by the rules of ``TaggedCocoDataset``, so that the data set does
    not refuse it later. Of other files the number of keypoints is checked.
    """
    try:
        names = keypoint_names(source.cfg)
    except Exception:
        return []  # reported by check_head
    if not names or not (source.parses_coco or source.reads_tags):
        return []
    place = f'{source.entry}.ann_file = {annotations.path}'
    if source.reads_tags:
        persons = list(enumerate(annotations.data['annotations']))
        wrong = [(_where(i, a), f) for i, a in persons for f in _tag_faults(a, names)]
    else:
        wrong = [
            (_where(i, a), f)
            for i, a in annotations.persons
            for f in keypoints_faults(a['keypoints'], names)
            if f.code == 'keypoint-count'
        ]
    return group_faults(wrong, place) + _check_names(annotations, names, place, source.reads_tags)


def _where(index: int, annotation: Mapping[str, Any]) -> str:
    return f'annotations[{index}] (id {annotation["id"]})'


def _tag_faults(annotation: Mapping[str, Any], names: Sequence[str]) -> Iterator[Fault]:
    if annotation.get('keypoint_tags') is not None:
        for fault in tags_faults(annotation['keypoint_tags'], names):
            yield fault._replace(at=f'.keypoint_tags{fault.at}')
    if annotation.get('tag_views') is not None:
        for fault in views_faults(annotation['tag_views'], names):
            yield fault._replace(at=f'.tag_views{fault.at}')
    if annotation.get('keypoints') is not None:
        yield from keypoints_faults(annotation['keypoints'], names)


def _check_names(
    annotations: Annotations, names: Sequence[str], place: str, exact: bool
) -> list[UserError]:
    """Compare names and order; spelling does not matter to MMPose's data sets."""
    used = {a['category_id'] for _, a in annotations.persons}
    spelled = str if exact else _plain
    own = [spelled(n) for n in names]
    out = []
    for i, category in enumerate(annotations.data['categories']):
        given = category.get('keypoints')
        if not given or not isinstance(given, list) or not (exact or category.get('id') in used):
            continue
        theirs = [spelled(n) for n in given]
        if theirs != own:
            fault = f'categories[{i}].keypoints differ from the keypoints of the data set.'
            remedy = (
                "Give the data set's metainfo the names and the order of the file; "
                '`lfhpe metainfo` writes it.'
            )
            examples = _differences(theirs, own)
            out.append(problem('metainfo-names', place, fault, remedy, examples))
    return out


def _differences(theirs: Sequence[str], own: Sequence[str]) -> list[str]:
    unknown = [n for n in theirs if n not in own]
    if unknown:
        near = {n: get_close_matches(n, own, 1) for n in unknown}
        return [
            f'{n!r} is unknown to the data set'
            + (f', did you mean {near[n][0]!r}?' if near[n] else '')
            for n in unknown
        ]
    if len(theirs) != len(own):
        return [f'{n!r} is not in the file' for n in own if n not in theirs]
    pairs = enumerate(zip(theirs, own, strict=True))
    return [
        f'index {k}: {a!r} in the file, {b!r} in the data set' for k, (a, b) in pairs if a != b
    ]


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
