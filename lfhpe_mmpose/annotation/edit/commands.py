"""What ``lfhpe split``, ``merge``, ``subset`` and ``stats`` do with files.

Each function reads, writes all of its outputs or none, and returns the text to print.
"""

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_together
from lfhpe_mmpose.tags import TagFile, load_tag_file

from .merge import merge_tag_files
from .split import file_lists, split_by_fraction, split_by_lists
from .statistics import statistics_table, tag_statistics
from .subset import Conditions, subset_tag_file
from .withhold import count_located, locate_fraction


@dataclass(frozen=True)
class LocatedParts:
    """Parts of a split in which only a share of the persons stays located.

    Attributes:
        fraction: Location fraction; None leaves all coordinates.
        parts: The parts; without any, the one called 'train'.
        occluded: Tag of flag 1.
        views: Views of a tagged person.
        view_seed: Seed of the views.
        whole_person: Whether the whole person is one of the views.
    """

    fraction: float | None = None
    parts: Collection[str] = ()
    occluded: str = 'positive'
    views: int = 1
    view_seed: int = 0
    whole_person: bool = True


def split_file(
    path: str,
    out: str,
    fractions: str | None = None,
    lists: Sequence[str] = (),
    seed: int = 0,
    group_by: str = 'image',
    write_lists: bool = False,
    located: LocatedParts | None = None,
) -> str:
    """Write the parts of a tag file to ``<out>/<part>.json``.

    Args:
        path: The file.
        out: The folder.
        fractions: Share of each part, ``train=0.8,val=0.2``; or give lists.
        lists: Files ``<part>.txt`` of image names.
        seed: Seed of the parts and of the located persons.
        group_by: As for ``split_by_fraction``.
        write_lists: Write ``<out>/<part>.txt`` as well.
        located: Parts in which coordinates are removed.

    Raises:
        UserError: If an argument or an entry is invalid, or a file cannot be read or written.
    """
    located = located or LocatedParts()
    tags = load_tag_file(path)
    if fractions is not None:
        parts = split_by_fraction(tags, read_fractions(fractions), seed, group_by)
    else:
        parts = split_by_lists(tags, _read_lists(lists))
    if located.fraction is not None:
        for name in located.parts or ['train']:
            if name not in parts:
                fault = f'there is no part {name!r} ({", ".join(parts)}).'
                raise UserError('option', '--located-parts', fault, 'Give names of parts.')
            parts[name] = locate_fraction(
                parts[name],
                located.fraction,
                seed,
                located.occluded,
                located.views,
                located.view_seed,
                located.whole_person,
            )
    elif located.parts or located.views != 1 or not located.whole_person:
        options = '--located-parts, --views, --no-whole-person'
        raise UserError('option', options, 'they need --located-fraction.', 'Give it as well.')
    outputs: dict[str | Path, TagFile | str] = {
        Path(out, f'{name}.json'): part for name, part in parts.items()
    }
    if write_lists:
        outputs |= {Path(out, f'{n}.txt'): text for n, text in file_lists(parts).items()}
    refuse_inputs([path, *lists], outputs)
    lines = []
    for name, part in parts.items():
        line = (
            f'{Path(out, name)}.json: {len(part.images)} images, {len(part.annotations)} persons'
        )
        if located.fraction is not None:
            line += f', {count_located(part)} located'
        lines.append(line)
    write_outputs(outputs)
    left = len(tags.images) - sum(len(part.images) for part in parts.values())
    if left:
        lines.append(f'{left} of {len(tags.images)} images are in no part.')
    return '\n'.join(lines)


def merge_files(
    paths: Sequence[str],
    out: str,
    keep_ids: bool = False,
    conflicts: str = 'error',
    occluded: str = 'positive',
) -> str:
    """Merge tag files into one, see ``merge_tag_files``.

    Raises:
        UserError: If the files do not fit, or cannot be read or written.
    """
    refuse_inputs(paths, [out])
    files = [load_tag_file(path) for path in paths]
    done = merge_tag_files(files, keep_ids, conflicts, occluded, progress=True)
    write_outputs({out: done.tags})
    lines = [
        f'{out}: {len(done.tags.images)} images, {len(done.tags.annotations)} persons of '
        f'{len(files)} files',
        f'joined: {done.same_images} images, {done.same_persons} persons; '
        f'{done.conflicts} contradictions ({conflicts})',
    ]
    if done.renumbered_images or done.renumbered_persons:
        lines.append(
            f'new ids: {done.renumbered_images} images, {done.renumbered_persons} persons. Which '
            'persons are located follows from the ids, so it may differ for them.'
        )
    return '\n'.join(lines)


def subset_file(path: str, out: str, wanted: Conditions, images: str | None = None) -> str:
    """Write the persons of a tag file that meet some conditions.

    Raises:
        UserError: If a condition is invalid, or a file cannot be read or written.
    """
    if wanted.max_persons is not None and wanted.max_persons < 1:
        place = f'--max-persons {wanted.max_persons}'
        raise UserError('option', place, 'it is below 1.', 'Give at least 1.')
    refuse_inputs([path, *([images] if images else [])], [out])
    if images is not None:
        wanted = Conditions(**{**vars(wanted), 'images': dict.fromkeys(read_list(images))})
    tags = load_tag_file(path)
    part = subset_tag_file(tags, wanted)
    write_outputs({out: part})
    return (
        f'{out}: {len(part.images)} of {len(tags.images)} images, '
        f'{len(part.annotations)} of {len(tags.annotations)} persons'
    )


def count_file(path: str, as_json: bool = False) -> str:
    """The statistics of a tag file, as a table or as JSON.

    Raises:
        UserError: If the file cannot be read or an entry is malformed.
    """
    found = tag_statistics(load_tag_file(path), progress=True)
    return json.dumps(found, indent=1) if as_json else statistics_table(found)


def read_fractions(text: str) -> dict[str, float]:
    """Read ``train=0.8,val=0.2``.

    Raises:
        UserError: 'option'.
    """
    out: dict[str, float] = {}
    for item in text.split(','):
        name, _, number = (part.strip() for part in item.partition('='))
        try:
            fraction = float(number)
        except ValueError:
            fraction = -1.0
        if not name or name in out or name != Path(name).name or name == '..' or fraction < 0:
            fault, remedy = f'{item.strip()!r} is invalid.', 'Write train=0.8,val=0.2.'
            raise UserError('option', f'--fractions {text}', fault, remedy)
        out[name] = fraction
    return out


def _read_lists(paths: Sequence[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for path in paths:
        if Path(path).stem in out:
            fault = 'another list has the same name, which is that of its part.'
            raise UserError('option', path, fault, 'Rename one of them.')
        out[Path(path).stem] = read_list(path)
    return out


def read_list(path: str | os.PathLike[str]) -> list[str]:
    """Read a list of image names, one a line: each once, in order.

    Raises:
        UserError: 'unreadable-file', 'encoding', or 'no-images' if it is empty.
    """
    remedy = 'Give one file name a line.'
    try:
        text = Path(path).read_text(encoding='utf-8-sig')
    except OSError as error:
        fault = f'the file cannot be read ({error.strerror}).'
        raise UserError('unreadable-file', str(path), fault, 'Correct the path.') from None
    except UnicodeDecodeError:
        raise UserError('encoding', str(path), 'the file is not UTF-8 text.', remedy) from None
    names = [line.strip() for line in text.splitlines()]
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        raise UserError('no-images', str(path), 'the list is empty.', remedy)
    return names


def write_outputs(outputs: Mapping[str | Path, TagFile | str]) -> None:
    """Write tag files and texts by their paths: all of them or none.

    Raises:
        UserError: If one cannot be written.
    """
    with write_together(list(outputs)) as parts:
        for part, content in zip(parts, outputs.values(), strict=True):
            if isinstance(content, TagFile):
                content.dump(part)
            else:
                part.write_text(content, encoding='utf-8', errors='surrogateescape')


def refuse_inputs(inputs: Iterable[str], outputs: Iterable[str | Path]) -> None:
    """Refuse to write over what is read.

    Raises:
        UserError: 'overwrites-input'.
    """
    read = {os.path.realpath(path) for path in inputs}
    for path in outputs:
        if os.path.realpath(path) in read:
            fault = 'it is an input and would be overwritten.'
            raise UserError('overwrites-input', str(path), fault, 'Give another file.')
