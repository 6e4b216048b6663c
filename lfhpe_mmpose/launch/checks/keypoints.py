"""Do head, data set and annotation file speak of the same keypoints?"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from .annotations import Annotations
from .report import problem
from .sources import Source, type_name

# MMPose's heads name their number of keypoints differently. `out_channels`
# comes last: where a head has two of them it is not the number.
_HEAD_KEYS = ('num_keypoints', 'num_joints', 'out_channels')


def keypoint_names(cfg: Mapping) -> list[str]:
    """The keypoint names of a data set's config, in order.

    Args:
        cfg (Mapping): A data set or a wrapper.

    Returns:
        list[str]: The names, empty if the config gives none.

    Raises:
        Exception: Whatever MMPose raises for meta information it cannot read.
    """
    metainfo = cfg.get('metainfo')
    if metainfo:
        parsed = parse_pose_metainfo(dict(metainfo))
    elif isinstance(cfg.get('dataset'), Mapping):
        return keypoint_names(cfg['dataset'])
    elif cfg.get('datasets'):
        return keypoint_names(cfg['datasets'][0])
    else:
        kind = cfg.get('type')
        kind = DATASETS.get(kind) if isinstance(kind, str) else kind
        raw = getattr(kind, 'METAINFO', None)
        parsed = parse_pose_metainfo(dict(raw)) if raw else {}
    names = parsed.get('keypoint_id2name', {})
    return [names[i] for i in sorted(names)]


def head_keypoints(cfg: Mapping) -> tuple[int | None, str]:
    """The number of keypoints of the model's head.

    Args:
        cfg (Mapping): The whole config.

    Returns:
        tuple[int | None, str]: The number (None if the head states none) and
        the entry that states it.
    """
    head = (cfg.get('model') or {}).get('head') or {}
    for key in _HEAD_KEYS:
        if isinstance(head.get(key), int):
            return head[key], f'model.head.{key}'
    return None, 'model.head'


def check_head(cfg: Mapping, sources: Sequence[Source]) -> list[str]:
    """Compare the number of keypoints of the head with that of the data sets.

    Args:
        cfg (Mapping): The whole config.
        sources (Sequence[Source]): The data sets of the run.

    Returns:
        list[str]: The problems.
    """
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
                    f'The head gives {number} keypoints, the data set has {given}.',
                    f'{entry} = {number}; {source.entry} ({type_name(source.cfg)})',
                    f'set {entry}={given}, or use the data set with {number} keypoints '
                    '(its type or its metainfo)',
                )
            )
    return out


def check_annotated(annotations: Annotations, source: Source) -> list[str]:
    """Compare the keypoints of an annotation file with those of its data set.

    Args:
        annotations (Annotations): The file.
        source (Source): The data set that reads it.

    Returns:
        list[str]: The problems.
    """
    try:
        names = keypoint_names(source.cfg)
    except Exception:
        return []  # told by check_head
    if not names or not source.parses_coco:
        return []
    entry = f'{source.entry} ({type_name(source.cfg)})'
    return _check_lengths(annotations, names, entry) + _check_names(annotations, names, entry)


def _check_lengths(annotations: Annotations, names: Sequence[str], entry: str) -> list[str]:
    wrong = []
    for i, annotation in annotations.persons:
        keypoints = annotation['keypoints']
        if not isinstance(keypoints, list):
            wrong.append(f'annotations[{i}].keypoints (id {annotation["id"]}) is no flat list')
        elif len(keypoints) != 3 * len(names):
            wrong.append(
                f'annotations[{i}].keypoints (id {annotation["id"]}) has {len(keypoints)} '
                f'numbers, i.e. {len(keypoints) / 3:g} keypoints'
            )
    if not wrong:
        return []
    what = (
        f'{annotations.path}: {len(wrong)} of {len(annotations.persons)} persons do not have the '
        f'{len(names)} keypoints of the data set ({3 * len(names)} numbers x, y, visibility).'
    )
    remedy = (
        'use the data set type or the metainfo (its keypoint_info) that belongs to the file, and '
        'set model.head.out_channels to its number of keypoints'
    )
    return [problem(what, entry, remedy, wrong)]


def _check_names(annotations: Annotations, names: Sequence[str], entry: str) -> list[str]:
    used = {a['category_id'] for _, a in annotations.persons}
    own = [_plain(n) for n in names]
    out = []
    for i, category in enumerate(annotations.data['categories']):
        if not isinstance(category, dict) or not isinstance(category.get('keypoints'), list):
            continue
        theirs = [_plain(n) for n in category['keypoints']]
        if category.get('id') not in used or theirs == own:
            continue
        unknown = [n for n in theirs if n not in own]
        at = f'{annotations.path}: categories[{i}].keypoints'
        remedy = (
            "set the data set's metainfo to one whose keypoint_info has the names and the order "
            'of the file'
        )
        if unknown:
            rows = []
            for name in unknown:
                near = get_close_matches(name, own, 1)
                rows.append(f'{name!r}' + (f', did you mean {near[0]!r}?' if near else ''))
            what = f'{at} names {len(unknown)} keypoints that the data set does not know.'
            out.append(problem(what, entry, remedy, rows))
        elif len(theirs) != len(own):
            lost = [n for n in own if n not in theirs]
            what = f'{at} has {len(theirs)} names, the data set {len(own)}.'
            out.append(problem(what, entry, remedy, [f'not in the file: {n!r}' for n in lost]))
        else:
            rows = [f'index {k}: {a!r}, not {b!r}' for k, (a, b) in enumerate(zip(theirs, own))]
            rows = [r for r, a, b in zip(rows, theirs, own) if a != b]
            what = f"{at} has the data set's keypoints in another order."
            out.append(problem(what, entry, remedy, rows))
    return out


def _plain(name: object) -> str:
    """Spelling that does not matter: case, and blank or hyphen for underscore."""
    return str(name).strip().lower().replace(' ', '_').replace('-', '_')


def _unreadable_metainfo(source: Source, error: Exception) -> str:
    return problem(
        f'The meta information of the data set cannot be read ({type(error).__name__}: {error}).',
        f'{source.entry}.metainfo',
        "give dict(from_file='<path of a Python file with dataset_info>') or a dict with "
        'dataset_name, keypoint_info, skeleton_info, joint_weights and sigmas',
    )
