"""All that a preparation does, in order: convert, write the annotations, bring the images."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lfhpe_mmpose.errors import UserError

from . import aic, coco_style, lsp, mpii
from .images import SIZES, place_file, place_images
from .job import Job, OriginalPart, Part

DATASETS: dict[str, Callable[[Job], Iterator[Part | OriginalPart]]] = {
    'mpii': mpii.convert,
    'aic': aic.convert,
    'lsp': lsp.convert_lsp,
    'lspet': lsp.convert_lspet,
    **{name: partial(coco_style.convert, style=style) for name, style in coco_style.SETS.items()},
}
# Which options a data set has beside those of all.
WITH_VAL_LIST = ('mpii', 'lspet')
WITH_PERSONS = ('mpii',)


def prepare_dataset(name: str, job: Job) -> list[str]:
    """Prepare a public data set for the configs.

    Args:
        name (str): One of :data:`DATASETS`.
        job (Job): Where from, where to, how.

    Returns:
        list[str]: What was written and what was left out, a line each.

    Raises:
        UserError: If the name or an option is wrong, or a file is missing, malformed or in
            the way.
    """
    if name not in DATASETS:
        raise UserError(f'{name!r} is none of the data sets: {", ".join(sorted(DATASETS))}.')
    if job.images not in ('link', 'copy') or job.missing not in ('error', 'skip'):
        raise UserError("images must be 'link' or 'copy', missing 'error' or 'skip'.")
    if job.val_list is not None and name not in WITH_VAL_LIST:
        raise UserError(f'--val-list: {name} comes with a split; leave the option out.')
    if job.persons != 'all' and name not in WITH_PERSONS:
        raise UserError(f'--persons is for {", ".join(WITH_PERSONS)}; leave it out for {name}.')
    if not job.source.is_dir():
        raise UserError(f'{job.source}: no such folder. Give the folder of the unpacked files.')
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        lines = [line for part in DATASETS[name](job) for line in _write(part, job)]
        (job.out / SIZES).unlink(missing_ok=True)
    except OSError as error:
        at = error.filename or job.out
        raise UserError(
            f'{at}: {error.strerror or error}. Make room, or give another --out.'
        ) from None
    return lines


def _write(part: Part | OriginalPart, job: Job) -> list[str]:
    """Bring one part to its place; the annotations last, so that what is there is usable."""
    target = job.out / part.file
    images = job.out / part.image_prefix
    if isinstance(part, OriginalPart):
        names = [entry.name for entry in part.image_folder.iterdir()]
        done = place_images(part.image_folder, images, names, job.images, job.progress)
        place_file(part.original, target, job.images)
        return [f'{target}: as it is; {len(names)} images {done}']
    if not part.tags.annotations:
        raise UserError(
            f'{part.tags.path}: nobody is left for {part.file} ({_counts(part) or "it is empty"}).'
            ' Give the complete data set.'
        )
    if target.exists() and target.resolve() == Path(part.tags.path).resolve():
        raise UserError(
            f'{target}: is the file of the data set itself, and would be written over. Give '
            'another --out.'
        )
    part.tags.rest.setdefault('info', {})
    names = [image['file_name'] for image in part.tags.images]
    done = place_images(part.image_folder, images, names, job.images, job.progress)
    part.tags.save(target)
    lines = [
        f'{target}: {len(part.tags.images)} images, {len(part.tags.annotations)} persons; '
        f'images {done}'
    ]
    if part.left_out:
        lines.append(f'    left out: {_counts(part)}')
    return lines


def _counts(part: Part) -> str:
    return ', '.join(f'{count} {reason}' for reason, count in sorted(part.left_out.items()))
