"""A whole preparation: convert, bring the images, write the annotations."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import writing

from . import aic, animalpose, coco_style, lsp, mpii
from .images import SIZES, place_file, place_images
from .job import Job, OriginalPart, Part

DATASETS: dict[str, Callable[[Job], Iterator[Part | OriginalPart]]] = {
    'mpii': mpii.convert,
    'aic': aic.convert,
    'animalpose': animalpose.convert,
    'animalpose-crops': animalpose.convert_crops,
    'lsp': lsp.convert_lsp,
    'lspet': lsp.convert_lspet,
    **{name: partial(coco_style.convert, style=style) for name, style in coco_style.SETS.items()},
}
# Options that only some data sets have.
WITH_VAL_LIST = ('animalpose', 'lspet', 'mpii')
WITH_PERSONS = ('mpii',)


def prepare_dataset(name: str, job: Job) -> list[str]:
    """Prepare a public data set for the configs, and return lines that say what was done.

    Raises:
        UserError: If a name or option is invalid, or a file is missing, malformed or in the way.
    """
    if name not in DATASETS:
        known = ', '.join(sorted(DATASETS))
        raise UserError('option', name, 'the data set is unknown.', f'Data sets: {known}.')
    for option, value, values in (
        ('--images', job.images, ('link', 'copy')),
        ('--missing', job.missing, ('error', 'skip')),
        ('--persons', job.persons, ('all', 'single') if name in WITH_PERSONS else ('all',)),
    ):
        if value not in values:
            fault = f'{value!r} is invalid for {name}.'
            raise UserError('option', option, fault, f'Give {" or ".join(values)}.')
    if job.val_list is not None and name not in WITH_VAL_LIST:
        raise UserError('option', '--val-list', f'{name} comes with a split.', 'Leave it out.')
    if not job.source.is_dir():
        remedy = 'Give the folder of the unpacked files.'
        raise UserError('folder-missing', str(job.source), 'there is no such folder.', remedy)
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        lines = [line for part in DATASETS[name](job) for line in _write(part, job)]
        (job.out / SIZES).unlink(missing_ok=True)
    except OSError as error:
        with writing(error.filename or job.out):
            raise
    return lines


def _write(part: Part | OriginalPart, job: Job) -> list[str]:
    """Bring one part to its place; the annotations last, so that what exists is usable."""
    target = job.out / part.file
    images = job.out / part.image_prefix
    if isinstance(part, OriginalPart):
        names = [entry.name for entry in part.image_folder.iterdir()]
        done = place_images(part.image_folder, images, names, job.images, job.progress)
        place_file(part.original, target, job.images)
        return [f'{target}: unchanged; {len(names)} images {done}']
    if not part.tags.annotations:
        fault = f'no person is left for {part.file} ({_counts(part) or "it is empty"}).'
        raise UserError('no-persons', part.tags.path, fault, 'Give the complete data set.')
    if target.exists() and target.resolve() == Path(part.tags.path).resolve():
        fault = 'the file of the data set itself would be overwritten.'
        raise UserError('in-the-way', str(target), fault, 'Give another --out.')
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
