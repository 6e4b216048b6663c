"""The keypoints of a data set (MMPose's ``metainfo``), and what a flip exchanges."""

import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.flip_pairs import swap_faults

from .findings import Findings


@dataclass(frozen=True)
class Metainfo:
    """The keypoints of a data set.

    Attributes:
        source: Name or file.
        names: K keypoint names, in order.
        flip: Index of the keypoint that each becomes in a flip, K.
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
        source: Name of a data set class of MMPose (``CocoDataset``), or a file of
            ``dataset_info``; a plain name (``ap10k.py``) is one of MMPose's.

    Raises:
        UserError: 'metainfo' if there is none or it cannot be parsed.
    """
    from mmpose.datasets.datasets.utils import parse_pose_metainfo
    from mmpose.registry import DATASETS

    place = f'--metainfo {source}'
    raw: dict[str, Any] = dict(from_file=source)
    if not source.endswith('.py'):
        known = [n for n, kind in DATASETS.module_dict.items() if getattr(kind, 'METAINFO', None)]
        if source not in known:
            near = get_close_matches(source, known, 1)
            hint = f'Did you mean {near[0]!r}? Or give' if near else 'Give one as CocoDataset, or'
            fault = 'it is not a data set class of MMPose.'
            raise UserError('metainfo', place, fault, f'{hint} a metainfo file (*.py).')
        raw = dict(DATASETS.module_dict[source].METAINFO)
    try:
        # MMPose warns that it found the file among its own, which is what was asked for.
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            parsed = parse_pose_metainfo(raw)
        ids = parsed['keypoint_id2name']
        names = tuple(str(ids[i]) for i in range(len(ids)))
    except Exception as error:
        # The file is Python code of the user, so anything can be raised.
        text = f'{type(error).__name__}: {error}'.strip().rstrip(':.')
        there = '' if Path(source).is_file() or not source.endswith('.py') else ' (no such file)'
        raise UserError(
            'metainfo',
            place,
            f'it cannot be read{there}: {text}.',
            "Each keypoint needs its index and 'name'; 'swap' and 'link' name keypoints "
            '(lfhpe metainfo writes such a file).',
        ) from None
    return Metainfo(Path(source).name, names, tuple(parsed['flip_indices']))


def check_swaps(metainfo: Metainfo, findings: Findings) -> None:
    """Check that left and right change places in a flip."""
    findings.take(swap_faults(metainfo.names, metainfo.flip), metainfo.source.__str__)
