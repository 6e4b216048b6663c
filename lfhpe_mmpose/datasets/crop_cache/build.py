"""Makes a cache: each image is read and decoded once, by any number of processes."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cv2
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError

from .encoding import crop_person
from .people import in_groups, plan_of, read_image
from .store import CropEntry, CropWriter, box_of, person_key

# Images between two commits: what Ctrl-C loses, and what is in memory at a time.
_GROUP = 64
# Images that tell how large the cache will be.
_PROBE = 48
_PAGE = 4096
# Of LMDB's index, and what may change while a cache is written.
_SLACK = 1.03


def build_cache(
    path: str | os.PathLike,
    images: list[list[dict]],
    settings: Mapping,
    max_bytes: int,
    workers: int = 0,
    backend_args: dict | None = None,
    progress: bool = True,
    log: Callable[[str], None] = print,
) -> int:
    """Write the crops that are not there yet.

    The content depends on images, boxes, ids and settings alone, not on the workers.

    Args:
        path (str): The folder of the cache.
        images (list[list[dict]]): Persons by image, of ``read_persons``.
        settings (Mapping): Of ``make_settings``.
        max_bytes (int): Bound on the size of the file.
        workers (int): Processes that read and encode; 0 works in this one. Defaults to 0.
        backend_args (dict, optional): Of MMEngine's file client.
        progress (bool): Show a bar. Defaults to True.
        log (Callable): Where the estimate goes. Defaults to ``print``.

    Returns:
        int: Crops written by this call.

    Raises:
        UserError: If an image cannot be read, the bound would be passed, a person's box is
            another than in the cache, or the folder holds other settings.
        KeyboardInterrupt: After Ctrl-C; what was done stays for the next call.
    """
    total = sum(map(len, images))
    with _pool(workers) as run:
        work = _Work(dict(settings), backend_args)
        need = _estimate(run, work, images, total)
        log(f'{total} persons in {len(images)} images: about {_size(need)}.')
        if need > max_bytes:
            raise UserError(
                f'{path}: the crop cache would take about {_size(need)}, more than the '
                f'{_size(max_bytes)} allowed; nothing was written. Raise --max-gib, or take a '
                'smaller --quality, --oversample or --margin.'
            )
        writer = CropWriter(path, settings, max_bytes)
        try:
            todo, done = _missing(images, writer)
            written = 0
            with tqdm(
                total=total, initial=done, desc='crops', unit='person', disable=not progress
            ) as bar:
                for group in in_groups(todo, _GROUP):
                    crops = [crop for part in run(work, group) for crop in part]
                    writer.write(crops)
                    written += len(crops)
                    bar.update(len(crops))
            writer.finish()
        finally:
            writer.close()
    return written


class _Work:
    """Cut and encode the persons of one image; can be sent to another process."""

    def __init__(self, settings: dict, backend_args: dict | None) -> None:
        self.settings = settings
        self.backend_args = backend_args

    def __call__(self, persons: list[dict]) -> list[tuple[CropEntry, bytes]]:
        image, file = read_image(persons, self.backend_args)
        plan = plan_of(self.settings)
        form, quality = self.settings['format'], self.settings.get('quality', 0)
        return [crop_person(p, image, file, plan, form, quality) for p in persons]


def _missing(images: list[list[dict]], writer: CropWriter) -> tuple[list[list[dict]], int]:
    """The persons without a crop, by image, and how many have one."""
    known = writer.known()
    todo, done = [], 0
    for persons in images:
        left = []
        for person in persons:
            entry = known.get(person_key(person['img_id'], person['id']))
            if entry is None:
                left.append(person)
            elif entry.box != box_of(person):
                raise UserError(
                    f'{writer.path}: the crop of annotation {entry.ann_id!r} of image '
                    f'{entry.img_id!r} was cut for the box {entry.box}, the annotation file now '
                    f'has {box_of(person)}. Remove the cache, or choose another folder.'
                )
            else:
                done += 1
        if left:
            todo.append(left)
    return todo, done


def _estimate(run: Callable, work: _Work, images: list[list[dict]], total: int) -> int:
    """Bytes of the whole cache, from images spread evenly over the data set."""
    probe = images[:: max(1, len(images) // _PROBE)][:_PROBE]
    parts = [crop for part in run(work, probe) for crop in part]
    # LMDB keeps a large value in pages of its own, a small one beside others.
    sizes = [
        (-(-(len(data) + 16) // _PAGE) * _PAGE if len(data) > _PAGE // 2 else len(data) * 1.5)
        + 1.5 * len(entry.to_bytes())
        for entry, data in parts
    ]
    return int(_SLACK * sum(sizes) / len(sizes) * total) + 16 * _PAGE


@contextmanager
def _pool(workers: int) -> Iterator[Callable[[_Work, list], Any]]:
    """A function that does the work on a list, in order, by some processes."""
    if workers <= 0:
        yield lambda work, items: map(work, items)
        return
    with multiprocessing.get_context('spawn' if os.name == 'nt' else 'fork').Pool(
        workers, _start_worker
    ) as pool:
        yield lambda work, items: pool.imap(work, items, chunksize=4)


def _start_worker() -> None:
    # Ctrl-C is for the main process, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)


def _size(num_bytes: float) -> str:
    mib = num_bytes / 2**20
    return f'{mib / 1024:.1f} GiB' if mib >= 1024 else f'{mib:.1f} MiB'
