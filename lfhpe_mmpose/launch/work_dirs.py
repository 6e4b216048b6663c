"""Work directories: continuing a run, and keeping an earlier one."""

import shutil
import time
from itertools import count
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError


def latest_checkpoint(work_dir: str) -> str | None:
    """Find the checkpoint from which a run in a work directory resumes.

    Returns:
        The file that ``last_checkpoint`` names, also if the folder was moved since; None if
        there is no run to resume.

    Raises:
        UserError: 'checkpoint-missing' if the file that it names does not exist.
    """
    note = Path(work_dir) / 'last_checkpoint'
    if not note.is_file():
        print_log(
            f'--resume: {work_dir} has no checkpoint; starting from the beginning.', 'current'
        )
        return None
    named = Path(note.read_text().strip())
    for path in (named, Path(work_dir) / named.name):
        if path.is_file():
            return str(path)
    raise UserError(
        'checkpoint-missing',
        str(note),
        f'It names {named}, which does not exist.',
        f'Give one of the other checkpoints of the folder (--resume PATH), or delete {note} to '
        'start from the beginning.',
    )


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
