"""The videos of a prediction, and the files that are written for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_videos

from .clip import Clip
from .sources import is_source


@dataclass
class ClipNames:
    """What is read and written for a video.

    Attributes:
        source: File, folder of pictures, address, or number of a camera.
        name: What it is called in the file.
        out: File of JSON lines.
        draw: The drawn video, if one is asked for.
    """

    source: str
    name: str
    out: Path
    draw: Path | None


def find_clips(given: Sequence[str], out: str | None, draw: str | None) -> list[ClipNames]:
    """The videos among what is given; none if it is images.

    A single video writes the files ``out`` and ``draw``. Several, or a folder of videos, write
    one file each in the folders ``out`` and ``draw``. A folder of pictures is a video if ``draw``
    is one.

    Raises:
        UserError: 'mixed' for videos together with images, 'no-output', 'same-picture', 'clip'.
    """
    drawn = draw is not None and draw.lower().endswith(Clip.ENDINGS)
    if len(given) == 1 and (is_source(given[0]) or (drawn and Path(given[0]).is_dir())):
        return [_single(given[0], out, draw)]
    sources: list[str] = []
    for path in given:
        sources += _videos(path)
    if not sources:
        return []
    others = [path for path in given if not _videos(path)]
    if others:
        fault = 'Videos and images cannot be given together.'
        raise UserError('mixed', others[0], fault, 'Call the command once for each kind.')
    folder = out or draw
    if folder is None:
        raise UserError('no-output', '--out', 'Give --out FOLDER or --draw FOLDER.')
    clips: dict[str, ClipNames] = {}
    for source in sources:
        stem = Path(source).stem
        if stem in clips:
            fault = f'{clips[stem].source} and {source} would both give this file.'
            raise UserError('same-picture', f'{stem}.jsonl', fault, 'Rename one.')
        picture = None if draw is None else Path(draw) / f'{stem}.mp4'
        clips[stem] = ClipNames(source, Path(source).name, Path(folder) / f'{stem}.jsonl', picture)
    return list(clips.values())


def _single(path: str, out: str | None, draw: str | None) -> ClipNames:
    if out is None and draw is None:
        raise UserError('no-output', '--out', 'Give --out FILE or --draw VIDEO.')
    if draw is not None:
        Clip.check_ending(Path(draw))
    lines = Path(out) if out is not None else Path(str(draw)).with_suffix('.jsonl')
    name = path if '://' in path else Path(path).name
    return ClipNames(path, name, lines, None if draw is None else Path(draw))


def _videos(path: str) -> list[str]:
    """A source itself, or the videos of a folder."""
    if not Path(path).is_dir():
        return [path] if is_source(path) else []
    return [str(Path(path) / name) for name in find_videos(path)]
