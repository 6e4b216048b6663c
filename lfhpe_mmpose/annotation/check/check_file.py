"""Check a tag file from beginning to end."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import is_not_finite, short
from lfhpe_mmpose.tags.tag_file import check_version
from lfhpe_mmpose.tags.visibility import OCCLUDED_TAGS

from .categories import check_categories
from .findings import Findings
from .image_entries import Images, read_images
from .image_files import check_folder, check_image_files
from .kinds import FATAL, KINDS
from .leakage import OtherFile, check_leakage
from .metainfo import check_swaps, load_metainfo
from .persons import Persons
from .reader import Reader
from .report import Report
from .scan import Layout, Part, ScanError, scan

_LISTS = ('images', 'annotations', 'categories')


@dataclass
class CheckOptions:
    """What is to be checked.

    Attributes:
        images (str, optional): Image folder; without one no file is looked for.
        image_seconds (float): Time for opening images; 0: none, infinity: all.
        metainfo (str, optional): Data set class of MMPose, or metainfo file.
        occluded (str): Tag of flag 1, as for ``WithholdLocations``.
        against (Sequence[str]): Files that must not share an image with this one.
        against_images (Sequence[str]): Their image folders, one for each or one for all.
            Without them they are taken to have the folder of this file.
        same_bytes (bool): Compare the images of those files byte by byte.
        ignore (Sequence[str]): Codes that are neither errors nor warnings.
        max_shown (int): Entries named of each kind.
        quiet (bool): No progress bar.
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


def check_tag_file(path: str | os.PathLike, options: CheckOptions | None = None) -> Report:
    """Check a tag file, or a plain COCO keypoint file.

    It is read as a stream: of a person 16 bytes are kept, of an image about 50.

    Args:
        path (str | os.PathLike): The file.
        options (CheckOptions, optional): Defaults to the file alone.

    Returns:
        Report: What was found.

    Raises:
        UserError: If an option is wrong, or the file cannot be opened.
    """
    options = options or CheckOptions()
    _check_options(options)
    metainfo = load_metainfo(options.metainfo) if options.metainfo else None
    others = [OtherFile(p, root) for p, root in zip(options.against, _folders(options))]
    findings = Findings(options.max_shown, options.ignore)
    report = Report(str(path), findings)
    size = os.path.getsize(path) if os.path.isfile(path) else 0
    with tqdm(
        total=2 * size,
        unit='B',
        unit_scale=True,
        desc='reading',
        disable=True if options.quiet else None,
    ) as bar:
        try:
            layout = scan(path, bar.update)
            parts = _parts(layout, findings)
            reader = Reader(layout, findings, bar.update)
            _check_info(reader, layout)
        except ScanError as error:
            findings.add(error.code, error.text)
            report.complete = False
            return report
        for part in layout.parts:
            if part.kind in ('list', 'object') and part not in parts.values():
                reader.check_json(part)
        if metainfo:
            check_swaps(metainfo, findings)
        categories = check_categories(reader, parts['categories'], findings, metainfo)
        images = read_images(reader, parts['images'], findings)
        persons = Persons(categories, images, findings, options.occluded)
        persons.read(reader, parts['annotations'])
    report.complete = 'not-json' not in findings.codes()
    _fill(report, images, persons)
    quiet = Reader(layout, findings)
    for other in others:
        number = check_leakage(
            quiet, parts['images'], images, options.images, other, findings, options.same_bytes
        )
        report.statistics.setdefault('shared_images', {})[other.path] = number
    if options.images is not None:
        with tqdm(
            total=images.count, unit=' images', disable=True if options.quiet else None
        ) as bar:
            report.statistics['image_files'] = check_image_files(
                quiet,
                parts['images'],
                options.images,
                findings,
                options.image_seconds,
                bar.update,
            )
    return report


def _check_options(options: CheckOptions) -> None:
    for code in options.ignore:
        if code not in KINDS or code in FATAL:
            near = get_close_matches(code, [c for c in KINDS if c not in FATAL], 1)
            hint = f'did you mean {near[0]!r}?' if near else 'the report names the codes.'
            state = 'cannot be ignored' if code in KINDS else 'is no kind of fault'
            raise UserError(f'--ignore {code}: {state}; {hint}')
    if options.occluded not in OCCLUDED_TAGS:
        raise UserError(f'--occluded {options.occluded}: write one of {", ".join(OCCLUDED_TAGS)}.')
    if math.isnan(options.image_seconds) or options.image_seconds < 0:
        raise UserError(f'--image-seconds {options.image_seconds:g}: give 0 or more.')
    if options.max_shown < 0:
        raise UserError(f'--max-shown {options.max_shown}: give 0 or more.')
    if options.images is not None:
        check_folder(options.images, '--images')
    for root in options.against_images:
        check_folder(root, '--against-images')
    if options.against_images and len(options.against_images) not in (1, len(options.against)):
        raise UserError(
            f'--against-images: {len(options.against_images)} folders for '
            f'{len(options.against)} files; give one for each of --against, or one for all.'
        )
    if options.same_bytes and not (options.against and options.images):
        raise UserError('--same-bytes compares image files: give --against and --images as well.')


def _folders(options: CheckOptions) -> list[str | None]:
    given: list[str | None] = [*options.against_images] or [options.images]
    return given * len(options.against) if len(given) == 1 else given


def _parts(layout: Layout, findings: Findings) -> dict[str, Part]:
    """The three lists of the file."""
    out, wrong = {}, []
    for key in _LISTS:
        part = layout.part(key)
        if part is None or part.kind != 'list':
            state = 'missing' if part is None else f'a value of type {part.kind}, no list'
            wrong.append(f'{key!r} is {state}')
        else:
            out[key] = part
    keys = [part.key for part in layout.parts]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            text = f'the file has the key {short(key)} {keys.count(key)} times; the last was read'
            findings.add('duplicate-key', text)
    if wrong:
        raise ScanError('structure', ', '.join(wrong))
    return out


def _check_info(reader: Reader, layout: Layout) -> None:
    part = layout.part('info')
    if part is None or part.kind != 'object':
        return
    version = reader.value_in(part, 'tag_format')
    info = dict(tag_format='NaN' if is_not_finite(version) else version)
    try:
        check_version(info, layout.path)
    except UserError as error:
        text = str(error).removeprefix(f'{layout.path}: ')
        raise ScanError('version', text) from None


def _fill(report: Report, images: Images, persons: Persons) -> None:
    counts: dict[str, Any] = dict(persons.counts)
    report.statistics = dict(
        images=images.count,
        annotations=counts.get('annotations', 0),
        persons=counts.get('annotations', 0) - counts.get('crowds', 0),
        **{
            key: counts.get(key, 0)
            for key in ('crowds', 'located', 'tagged', 'with_views', 'views', 'teach_nothing')
        },
    )
    report.keypoint_sets = [dict(keypoints=t.to_dict()) for t in persons.tallies.values()]
