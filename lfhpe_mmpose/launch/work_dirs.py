"""Work directories: continuing a run, and keeping an earlier one."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_folder

from .checkpoints import check_sums, load_published


@contextmanager
def own_work_dir(work_dir: str) -> Iterator[None]:
    """Keep a second training out of the folder, and remove what a killed one left half-written.

    Raises:
        UserError: 'locked' if another process trains there, 'disk-full' or 'not-writable'.
    """
    folder = Path(work_dir)
    with lock_folder(folder):
        for path in folder.glob('.*.part.pth'):
            path.unlink()
        yield


def latest_checkpoint(work_dir: str) -> str | None:
    """Find the newest whole checkpoint of a run, and report newer ones that are torn.

    Returns:
        The file, or None if the folder has no checkpoint.

    Raises:
        UserError: 'unreadable-checkpoint' if the folder has checkpoints and none is whole.
    """
    folder = Path(work_dir)
    found, torn = [], []
    for path in _candidates(folder):
        done = _iterations(path)
        if done is None:
            torn.append(path)
        elif done >= 0:
            found.append((done, path.stat().st_mtime, path))
    found.sort()
    while found and not _is_sound(found[-1][2]):
        torn.append(found.pop()[2])
    if torn:
        names = ', '.join(path.name for path in torn)
        if not found:
            raise UserError(
                'unreadable-checkpoint',
                work_dir,
                f'No checkpoint is whole: {names}.',
                'Delete these files to start from the beginning.',
            )
        text = f'--resume: skipping checkpoints that are cut off or damaged: {names}.'
        print_log(text, 'current')
    if not found:
        print_log(
            f'--resume: {work_dir} has no checkpoint; starting from the beginning.', 'current'
        )
        return None
    return str(found[-1][2])


def _is_sound(path: Path) -> bool:
    """Whether the checksums of a checkpoint are right; reads the whole file."""
    try:
        check_sums(path)
    except UserError:
        return False
    return True


def _candidates(folder: Path) -> list[Path]:
    """The checkpoints of a folder, and the one that ``last_checkpoint`` names elsewhere."""
    paths = [p for p in folder.glob('*.pth') if not p.name.startswith(('.', 'best_'))]
    try:
        named = Path((folder / 'last_checkpoint').read_text(encoding='utf-8').strip())
    except (OSError, UnicodeDecodeError):
        return paths
    is_here = (folder / named.name).exists() or not named.is_file()
    return paths if is_here else [*paths, named]


def _iterations(path: Path) -> int | None:
    """Iterations done at a checkpoint; -1 for another weights file, None for a torn file."""
    try:
        checkpoint = load_published(path, mmap=True)
    except UserError as error:
        return None if error.code == 'unreadable-checkpoint' else -1
    if 'optimizer' not in checkpoint or 'message_hub' not in checkpoint:
        return -1
    done = (checkpoint.get('meta') or {}).get('iter')
    return done if isinstance(done, int) else -1


def keep_earlier_run(cfg: Config) -> Path | None:
    """Move what an earlier run left in the work directory into a folder of its own.

    MMEngine would write over checkpoints and the config of an earlier run one by one.

    Returns:
        The folder, or None if there was nothing to move.

    Raises:
        UserError: 'work-dir' if the run starts from one of the files to be moved.
    """
    work_dir = Path(cfg.work_dir)
    files = [p for p in work_dir.glob('*.pth') if p.is_file()]
    if not files:
        return None
    start = cfg.get('load_from')
    if start and Path(start).resolve() in [p.resolve() for p in files]:
        raise UserError(
            'work-dir',
            f'load_from = {start}',
            'The file is in the work directory of this run, which would write over it.',
            'Give another --work-dir, or --resume to continue the earlier run.',
        )
    newest = max(p.stat().st_mtime for p in files)
    stamp = time.strftime('%Y%m%d_%H%M%S', time.localtime(newest))
    target = work_dir / f'earlier_{stamp}'
    for number in count(2):
        if not target.exists():
            break
        target = work_dir / f'earlier_{stamp}_{number}'
    target.mkdir()
    for path in [*files, *work_dir.glob('*.py'), work_dir / 'last_checkpoint']:
        if path.exists():
            shutil.move(path, target / path.name)
    print_log(
        f'{work_dir} contains an earlier run. Its checkpoints were moved to {target}; '
        '--resume continues a run instead.',
        'current',
    )
    return target
