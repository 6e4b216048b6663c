"""Keypoint names that a user gives: in a list, or by one of MMPose's metainfo files."""

from pathlib import Path

from lfhpe_mmpose.errors import UserError

from .builder import check_names, nearest


def listed_names(text: str) -> list[str]:
    """Read ``a,b,c``.

    Args:
        text (str): Names separated by commas.

    Returns:
        list[str]: The names, in order.

    Raises:
        UserError: If one is empty or comes twice.
    """
    return check_names([name.strip() for name in text.split(',')], '--keypoints')


def metainfo_names(metainfo: str) -> list[str]:
    """Keypoint names of a metainfo file.

    Args:
        metainfo (str): A file, or the name of one of MMPose's, such as ``coco`` or ``ap10k``.

    Returns:
        list[str]: The names, in order.

    Raises:
        UserError: If there is no such file, or it is no metainfo.
    """
    import mmpose
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    path = Path(metainfo)
    if not path.is_file():
        folders = [
            Path(mmpose.__file__).parent / '.mim' / 'configs' / '_base_' / 'datasets',
            Path(__file__).parents[2] / 'datasets' / 'metainfo',
        ]
        known = {p.stem: p for f in folders for p in f.glob('*.py') if p.stem != '__init__'}
        if metainfo not in known:
            raise UserError(
                f'--metainfo {metainfo}: neither a file nor a metainfo of MMPose.'
                f'{nearest(metainfo, known)} Give a file, or one of {", ".join(sorted(known))}.'
            )
        path = known[metainfo]
    try:
        parsed = parse_pose_metainfo(dict(from_file=str(path)))
    except Exception as error:  # the file is Python and can fail in any way
        raise UserError(
            f'--metainfo {metainfo}: {path} cannot be read ({type(error).__name__}: {error}). It '
            'must define dataset_info, as docs/custom-keypoints.md says.'
        ) from None
    names = parsed['keypoint_id2name']
    return [names[i] for i in range(len(names))]
