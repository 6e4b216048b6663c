"""Check a tag file from beginning to end."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.fault_codes import FATAL, KINDS
from lfhpe_mmpose.files.json_stream import JsonFile, open_json
from lfhpe_mmpose.tags.entries import answer_error_faults
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.tag_file import check_version
from lfhpe_mmpose.tags.visibility import OCCLUDED_TAGS

from .categories import check_categories
from .findings import Findings
from .image_entries import read_images
from .image_files import check_folder, check_image_files
from .leakage import ImageList, find_shared
from .metainfo import check_swaps, load_metainfo
from .persons import Persons
from .report import Report

_LISTS = ('images', 'annotations', 'categories')
PICTURES = ('.png', '.pdf', '.svg', '.jpg')


@dataclass
class CheckOptions:
    """What is checked.

    Attributes:
        images: Image folder; without one no file is looked for.
        image_seconds: Time for opening images; 0: none, infinity: all.
        metainfo: Data set class of MMPose, or metainfo file.
        occluded: Tag of flag 1, as for ``WithholdLocations``.
        against: Files that must not share an image with this one.
        against_images: Their image folders, one for each or one for all. Without them they are
            taken to have the folder of this file.
        same_bytes: Compare the images of those files byte by byte.
        ignore: Codes that are neither errors nor warnings.
        max_shown: Entries named of each kind.
        quiet: No progress bar.
    """

    images: str | None = None
    image_seconds: float = 20.0
    metainfo: str | None = None
    occluded: str = 'positive'
    against: Sequence[str] = ()
    against_images: Sequence[str] = ()
    same_bytes: bool = False
    ignore: Sequence[str] = ()
    max_shown: int = 5
    quiet: bool = True


def check_tag_file(path: str | os.PathLike[str], options: CheckOptions | None = None) -> Report:
    """Check a tag file, or a plain COCO keypoint file.

    It is read as a stream: of a person 16 bytes are kept, of an image about 50.

    Raises:
        UserError: If an option is invalid, or the file cannot be opened.
    """
    options = options or CheckOptions()
    _check_options(options)
    metainfo = load_metainfo(options.metainfo) if options.metainfo else None
    others = [ImageList.read(p, root) for p, root in zip(options.against, _folders(options))]
    findings = Findings(options.max_shown, options.ignore)
    report = Report(str(path), findings)
    hidden = True if options.quiet else None  # None: shown on a terminal alone
    size = os.path.getsize(path) if os.path.isfile(path) else 0
    with tqdm(total=2 * size, unit='B', unit_scale=True, desc='reading', disable=hidden) as bar:
        try:
            file = open_json(path, bar.update)
            _check_structure(file, findings)
        except UserError as error:
            if error.code not in FATAL:
                raise
            findings.add(error.code, error.place, error.fault, remedy=error.remedy)
            report.complete = False
            return report
        if metainfo:
            check_swaps(metainfo, findings)
        categories = check_categories(file, findings, metainfo)
        images = read_images(file, findings, bar.update)
        persons = Persons(categories, images, findings, options.occluded)
        persons.read(file, bar.update)
    _count(report, images.count, persons)
    mine = ImageList(report.path, options.images, file, images)
    for other in others:
        number = find_shared(mine, other, findings, options.same_bytes)
        report.statistics.setdefault('shared_images', {})[other.path] = number
    if options.images is not None:
        with tqdm(total=images.count, unit=' images', disable=hidden) as bar:
            report.statistics['image_files'] = check_image_files(
                file, options.images, findings, options.image_seconds, bar.update
            )
    return report


def check_outputs(inputs: Sequence[str], report: str | None, picture: str | None) -> None:
    """Refuse outputs that could not be written after a long check, or that are inputs.

    Raises:
        UserError: 'option' if a folder is missing, a name is used twice, or the ending of the
            picture is invalid.
    """
    read = {Path(path).resolve() for path in inputs}
    for option, path in (('--report', report), ('--picture', picture)):
        if path and (not Path(path).resolve().parent.is_dir() or Path(path).is_dir()):
            fault = 'it is a folder, or its folder does not exist.'
            raise UserError('option', f'{option} {path}', fault, 'Give another file.')
        if path and Path(path).resolve() in read:
            raise UserError('option', f'{option} {path}', 'it is an input.', 'Give another file.')
    if picture and Path(picture).suffix.lower() not in PICTURES:
        remedy = f'Give a name that ends in {", ".join(PICTURES)}.'
        raise UserError('option', f'--picture {picture}', 'the ending is unknown.', remedy)
    if report and picture and Path(report).resolve() == Path(picture).resolve():
        fault = '--report and --picture are the same file.'
        raise UserError('option', report, fault, 'Give two names.')


def _check_options(options: CheckOptions) -> None:
    for code in options.ignore:
        if code not in KINDS or code in FATAL:
            near = get_close_matches(code, [c for c in KINDS if c not in FATAL], 1)
            fault = 'it cannot be ignored.' if code in KINDS else 'there is no such code.'
            remedy = f'Did you mean {near[0]!r}?' if near else 'The report names the codes.'
            raise UserError('option', f'--ignore {code}', fault, remedy)
    if options.occluded not in OCCLUDED_TAGS:
        remedy = f'Give one of {", ".join(OCCLUDED_TAGS)}.'
        raise UserError('option', f'--occluded {options.occluded}', 'it is unknown.', remedy)
    for option, number in (
        ('--image-seconds', options.image_seconds),
        ('--max-shown', options.max_shown),
    ):
        if math.isnan(number) or number < 0:
            raise UserError('option', f'{option} {number:g}', 'it is negative.', 'Give 0 or more.')
    for option, roots in (
        ('--images', [] if options.images is None else [options.images]),
        ('--against-images', options.against_images),
    ):
        for root in roots:
            check_folder(root, option)
    folders, files = len(options.against_images), len(options.against)
    if folders not in (0, 1, files):
        fault = f'{folders} folders are given for {files} files.'
        remedy = 'Give one for each of --against, or one for all.'
        raise UserError('option', '--against-images', fault, remedy)
    if options.same_bytes and not (options.against and options.images):
        remedy = 'Give --against and --images as well.'
        raise UserError('option', '--same-bytes', 'it compares image files.', remedy)


def _folders(options: CheckOptions) -> list[str | None]:
    given: list[str | None] = [*options.against_images] or [options.images]
    return given * len(options.against) if len(given) == 1 else given


def _check_structure(file: JsonFile, findings: Findings) -> None:
    """Check the outermost object, its version, and that no object has a key twice."""
    keys = [part.key for part in file.parts]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            text = f'the key {short(key)} is there {keys.count(key)} times; the last one was read'
            findings.add('duplicate-key', 'the file', text)
    for place, key in file.doubles:
        findings.add('duplicate-key', place, f'the key {short(key)} is there twice')
    wrong = []
    for key in _LISTS:
        part = file.part(key)
        if part is None or part.kind != 'list':
            wrong.append(f'{key!r} is {f"a {part.kind}, not a list" if part else "missing"}')
    if wrong:
        raise UserError('structure', file.path, f'{", ".join(wrong)}.')
    info = file.part('info')
    check_version(info.value if info else None, file.path)
    if info is not None and isinstance(info.value, dict):
        findings.take(answer_error_faults(info.value), lambda: 'info')


def _count(report: Report, num_images: int, persons: Persons) -> None:
    counts = persons.counts
    report.statistics = dict(
        images=num_images,
        annotations=counts['annotations'],
        persons=counts['annotations'] - counts['crowds'],
        **{
            key: counts[key]
            for key in ('crowds', 'located', 'tagged', 'with_views', 'views', 'teach_nothing')
        },
    )
    report.keypoint_sets = [dict(keypoints=t.to_dict()) for t in persons.tallies.values()]
