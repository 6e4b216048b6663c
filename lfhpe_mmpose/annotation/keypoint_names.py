"""Keypoint names that a user gives: a list, a metainfo file of MMPose, or a tag file.

Metainfo files are plain Python with ``dataset_info`` and are run here without MMPose, whose
import takes seconds.
"""

import runpy
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.entries import names_faults
from lfhpe_mmpose.tags.faults import raise_fault

Keypoints = tuple[list[str], list[list[int]]]


def read_names(
    keypoints: str | None = None, metainfo: str | None = None, like: str | None = None
) -> Keypoints:
    """Read keypoint names and limbs from one of three sources.

    Returns:
        Names of the K keypoints in order, and limbs as pairs of 1-based indices (empty if the
        source has none).

    Raises:
        UserError: If not exactly one source is given, or it cannot be read.
    """
    if sum(bool(v) for v in (keypoints, metainfo, like)) != 1:
        raise UserError(
            'option', '--keypoints, --metainfo, --like', 'one of these is needed.', 'Give one.'
        )
    if keypoints:
        return listed_names(keypoints), []
    if metainfo:
        return metainfo_keypoints(metainfo)
    tags = load_tag_file(str(like))
    names = tags.names()
    category = next(c for c in tags.categories if c.get('keypoints'))
    return names, [list(limb) for limb in category.get('skeleton') or []]


def listed_names(text: str) -> list[str]:
    """Split ``a,b,c`` into names."""
    return check_names([name.strip() for name in text.split(',')], '--keypoints')


def check_names(names: list[str], place: str) -> list[str]:
    """Return the names, or raise if one is empty, duplicate or not a string."""
    for fault in names_faults(names):
        raise_fault(fault._replace(at=fault.at.removeprefix('.keypoints')), place)
    return names


def metainfo_keypoints(source: str) -> Keypoints:
    """Read names and limbs of a metainfo file.

    Args:
        source: A file, or the name of a file that MMPose or this package brings ('coco',
            'ap10k', 'lsp_extended').

    Returns:
        As ``read_names``.

    Raises:
        UserError: If there is no such file, or it does not define ``dataset_info``.
    """
    path = Path(source)
    if not path.is_file():
        known = packaged_metainfo()
        name = source.removesuffix('.py')
        if name not in known:
            near = get_close_matches(name, known, 1)
            fault = 'neither a file nor the name of a packaged metainfo.'
            remedy = (
                f'Did you mean {near[0]!r}?' if near else f'Names: {", ".join(sorted(known))}.'
            )
            raise UserError('metainfo', f'--metainfo {source}', fault, remedy)
        path = known[name]
    try:
        info: dict[str, Any] = runpy.run_path(str(path))['dataset_info']
        points = [info['keypoint_info'][i]['name'] for i in range(len(info['keypoint_info']))]
        numbers = {name: i for i, name in enumerate(points, 1)}
        limbs = [limb['link'] for limb in info.get('skeleton_info', {}).values()]
        skeleton = [[numbers[a], numbers[b]] for a, b in limbs]
    except Exception as error:  # the file is the user's code and may raise anything
        fault = f'{path} cannot be read ({type(error).__name__}: {error}).'
        remedy = 'It must define dataset_info, see docs/custom-keypoints.md.'
        raise UserError('metainfo', f'--metainfo {source}', fault, remedy) from None
    return check_names(points, f'{path}: keypoint_info'), skeleton


def packaged_metainfo() -> dict[str, Path]:
    """List the metainfo files of MMPose and of this package, by name."""
    spec = find_spec('mmpose')
    folders = [Path(__file__).parents[1] / 'datasets' / 'metainfo']
    if spec is not None and spec.origin:
        folders.append(Path(spec.origin).parent / '.mim' / 'configs' / '_base_' / 'datasets')
    return {p.stem: p for f in folders for p in f.glob('*.py') if p.stem != '__init__'}
