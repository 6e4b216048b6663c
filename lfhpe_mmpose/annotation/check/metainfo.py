"""The keypoints of a data set (MMPose's ``metainfo``), and what it exchanges in a flip."""

import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from lfhpe_mmpose.errors import UserError

from lfhpe_mmpose.tags.flip_pairs import flip_pairs
from .findings import Findings


@dataclass(frozen=True)
class Metainfo:
    """The keypoints of a data set.

    Attributes:
        source (str): Name or file.
        names (tuple[str, ...]): K keypoint names, in order.
        flip (tuple[int, ...]): Index of the keypoint that each becomes in a flip, K.
    """

    source: str
    names: tuple[str, ...]
    flip: tuple[int, ...]

    @property
    def partnered(self) -> frozenset[str]:
        """The keypoints that become another one in a flip."""
        return frozenset(n for i, n in enumerate(self.names) if self.flip[i] != i)


def load_metainfo(source: str) -> Metainfo:
    """Read a metainfo.

    Args:
        source (str): Name of a data set class of MMPose (``CocoDataset``), or a file of
            ``dataset_info``; a plain name (``ap10k.py``) is one of MMPose's.

    Returns:
        Metainfo: Names and flip.

    Raises:
        UserError: If there is none, or it cannot be parsed.
    """
    from mmpose.datasets.datasets.utils import parse_pose_metainfo
    from mmpose.registry import DATASETS

    raw: dict = dict(from_file=source)
    if not source.endswith('.py'):
        known = [n for n, kind in DATASETS.module_dict.items() if getattr(kind, 'METAINFO', None)]
        if source not in known:
            near = get_close_matches(source, known, 1)
            hint = (
                f'did you mean {near[0]!r}? Or give'
                if near
                else 'name one as CocoDataset, or give'
            )
            raise UserError(
                f'--metainfo {source}: no data set class of MMPose; {hint} a metainfo file (*.py).'
            )
        raw = dict(DATASETS.module_dict[source].METAINFO)
    try:
        # That a file was found among MMPose's is what was asked for.
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            parsed = parse_pose_metainfo(raw)
        ids = parsed['keypoint_id2name']
        names = tuple(str(ids[i]) for i in range(len(ids)))
    except Exception as error:
        # It is Python code of the user, so anything can be raised.
        text = f'{type(error).__name__}: {error}'.strip().rstrip(':.')
        there = '' if Path(source).is_file() or not source.endswith('.py') else ' (no such file)'
        raise UserError(
            f'--metainfo {source}: cannot be read{there}: {text}. Each keypoint needs its index '
            "and 'name'; 'swap' and 'link' name keypoints (tools/make_metainfo.py writes one)."
        ) from None
    return Metainfo(Path(source).name, names, tuple(parsed['flip_indices']))


def check_swaps(metainfo: Metainfo, findings: Findings) -> None:
    """Check that left and right change places in a flip.

    Args:
        metainfo (Metainfo): The keypoints.
        findings (Findings): Where faults are told.
    """
    names, flip = metainfo.names, metainfo.flip
    for i, name in enumerate(names):
        if flip[flip[i]] != i:
            text = f'{name!r} is swapped with {names[flip[i]]!r}, that one '
            back = flip[flip[i]]
            text += 'with none' if back == flip[i] else f'with {names[back]!r}'
            findings.add('metainfo-swap', f'{metainfo.source}: {text}')
    for left, right in flip_pairs(names):
        i, j = names.index(left), names.index(right)
        if flip[i] == i and flip[j] == j:
            text = f'{left!r} and {right!r} are not swapped'
            findings.add('metainfo-swap', f'{metainfo.source}: {text}')
