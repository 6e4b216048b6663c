"""The keypoints to ask about: spelled out, of MMPose's metainfo, or of another tag file."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import mmpose
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import load_tag_file


def read_names(
    keypoints: str | None = None, metainfo: str | None = None, like: str | None = None
) -> tuple[list[str], list[list[int]]]:
    """Read the keypoint names; one of the arguments is given.

    Args:
        keypoints (str, optional): Names with commas between.
        metainfo (str, optional): A metainfo file, or the name of one that MMPose brings
            ('coco', 'ap10k').
        like (str, optional): A tag file or COCO file.

    Returns:
        tuple[list[str], list[list[int]]]: Names of the K keypoints in order, and limbs as pairs
        of 1-based indices where the source has them.

    Raises:
        UserError: If none or several are given, or the source cannot be read.
    """
    given = [v for v in (keypoints, metainfo, like) if v]
    if len(given) != 1:
        raise UserError('give the keypoints by one of --keypoints, --metainfo and --like.')
    if keypoints:
        names = [name.strip() for name in keypoints.split(',')]
        check_names(names, '--keypoints')
        return names, []
    if like:
        tags = load_tag_file(like)
        names = tags.names()
        check_names(names, f'{like}: keypoints')
        category = next(c for c in tags.categories if c.get('keypoints'))
        return list(names), [list(limb) for limb in category.get('skeleton', [])]
    return _from_metainfo(str(metainfo))


def check_names(names: Sequence[object], where: str) -> None:
    """Refuse names that are empty, double or no strings.

    Args:
        names (Sequence[object]): The names.
        where (str): Where they come from, for the message.

    Raises:
        UserError: If one is.
    """
    for i, name in enumerate(names):
        if not isinstance(name, str) or not name.strip() or name in names[:i]:
            state = 'occurs twice' if name in names[:i] else 'is no name'
            raise UserError(f'{where}: entry {i + 1}, {name!r}, {state}. Give each keypoint once.')


def _from_metainfo(source: str) -> tuple[list[str], list[list[int]]]:
    path = Path(source)
    if not path.is_file():
        folder = Path(mmpose.__file__).parent / '.mim' / 'configs' / '_base_' / 'datasets'
        path = folder / f'{source.removesuffix(".py")}.py'
        if not path.is_file():
            known = sorted(p.stem for p in folder.glob('*.py'))
            near = get_close_matches(source, known, 1)
            hint = f'did you mean {near[0]!r}?' if near else f'MMPose brings {", ".join(known)}.'
            raise UserError(f'{source}: no metainfo file of this name; {hint}')
    try:
        info = parse_pose_metainfo(dict(from_file=str(path)))
    except Exception as error:  # it runs the user's file: whatever that may raise
        raise UserError(f'{source}: is no metainfo file ({error!r}).') from None
    names = [info['keypoint_id2name'][i] for i in range(info['num_keypoints'])]
    return names, [[int(a) + 1, int(b) + 1] for a, b in info['skeleton_links']]
