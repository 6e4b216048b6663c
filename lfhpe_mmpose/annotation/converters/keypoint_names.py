"""Keypoint names that a user gives: as a list, or by a metainfo file of MMPose."""

from pathlib import Path

from lfhpe_mmpose.errors import UserError

from .builder import check_names, nearest


def listed_names(text: str) -> list[str]:
    """Split ``a,b,c`` into names; refuses empty names and duplicates."""
    return check_names([name.strip() for name in text.split(',')], '--keypoints')


def metainfo_names(metainfo: str) -> list[str]:
    """Keypoint names of a metainfo: a file, or a name such as ``coco`` or ``ap10k``.

    Raises:
        UserError: 'metainfo' if the file does not exist or cannot be read.
    """
    import mmpose
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    where = f'--metainfo {metainfo}'
    path = Path(metainfo)
    if not path.is_file():
        folders = [
            Path(mmpose.__file__).parent / '.mim' / 'configs' / '_base_' / 'datasets',
            Path(__file__).parents[2] / 'datasets' / 'metainfo',
        ]
        known = {p.stem: p for f in folders for p in f.glob('*.py') if p.stem != '__init__'}
        if metainfo not in known:
            fault = f'this is neither a file nor a metainfo of MMPose.{nearest(metainfo, known)}'
            remedy = f'Give a file, or one of {", ".join(sorted(known))}.'
            raise UserError('metainfo', where, fault, remedy)
        path = known[metainfo]
    try:
        names = parse_pose_metainfo(dict(from_file=str(path)))['keypoint_id2name']
    except Exception as error:  # the file is Python and can fail in any way
        fault = f'{path} cannot be read ({type(error).__name__}: {error}).'
        remedy = 'Define dataset_info as docs/custom-keypoints.md shows.'
        raise UserError('metainfo', where, fault, remedy) from None
    return [names[i] for i in range(len(names))]
