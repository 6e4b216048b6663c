"""A model's maps of the persons of a plan, in a file, so that asking needs no model.

The file is an ``.npz`` with ``persons`` (ids as JSON), ``keypoints`` (names), ``maps``
(P, K, G, G) over each person's window, the highest cell 1, and ``visible`` (P, K), probabilities.
"""

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole
from lfhpe_mmpose.runtime.results import FoundPerson

from .grid import CELLS, Grid
from .plan_source import AskPlan, PersonEntry
from .questions import Person

# Probability that a keypoint is visible, of a model that predicts none.
_VISIBLE = 0.9
_ARRAYS = ('persons', 'keypoints', 'maps', 'visible')


class ModelMaps:
    """Maps by person.

    Args:
        path: File of ``write_maps``.
        keypoints: Names of the plan's keypoints.

    Raises:
        UserError: 'maps' if the file is none, or of other keypoints.
    """

    def __init__(self, path: str | os.PathLike[str], keypoints: tuple[str, ...]) -> None:
        remedy = 'Make the maps again.'
        try:
            with np.load(path, allow_pickle=False) as file:
                persons, names, self._maps, self._visible = (file[key] for key in _ARRAYS)
            self._rows = {json.loads(str(person)): i for i, person in enumerate(persons)}
            whole = self._maps.shape == (len(persons), len(names), CELLS, CELLS)
        except OSError as error:
            fault = f'the file cannot be read ({error.strerror or error}).'
            raise UserError('unreadable-file', str(path), fault, 'Correct the path.') from None
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise UserError('maps', str(path), f'these are no maps ({error}).', remedy) from None
        if tuple(map(str, names)) != keypoints or not whole:
            fault = 'the maps belong to other keypoints.'
            raise UserError('maps', str(path), fault, remedy)

    def __contains__(self, person: Person) -> bool:
        return person in self._rows

    def maps(self, person: Person) -> np.ndarray:
        """Maps (K, G * G) of a person, at least 0."""
        maps = self._maps[self._rows[person]].astype(np.float64)
        return np.asarray(maps.reshape(len(maps), -1))

    def visible(self, person: Person) -> np.ndarray:
        """Probabilities (K, ) that the keypoints are visible."""
        return np.asarray(self._visible[self._rows[person]], dtype=np.float64)


def write_maps(
    model: Any, plan: AskPlan, path: str | os.PathLike[str], progress: bool = False
) -> None:
    """Run a model on the persons of a plan and write its maps.

    Args:
        model: A model of ``init_model``; it is not changed.
        plan: The persons. Those of an image that cannot be read have no maps.
        path: The file.
        progress: Whether to show a progress bar.

    Raises:
        UserError: 'unknown-keypoint' if the model does not know a keypoint.
    """
    from lfhpe_mmpose.annotation.plan.pictures import dataset_box
    from lfhpe_mmpose.annotation.plan.ranking import keypoint_columns
    from lfhpe_mmpose.apis import PosePredictor

    columns = keypoint_columns(model, plan.keypoints)
    by_image: dict[str, list[PersonEntry]] = {}
    for entry in plan.persons.values():
        by_image.setdefault(entry.file, []).append(entry)
    items = (
        (
            plan.image_path(persons[0].id),
            np.stack([dataset_box(p.bbox, p.width, p.height) for p in persons]),
        )
        for persons in by_image.values()
    )
    predictor = PosePredictor(model)
    before = predictor.model.test_cfg
    predictor.model.test_cfg = dict(before or {}, output_heatmaps=True)
    found: list[tuple[Person, np.ndarray, np.ndarray]] = []
    bar = tqdm(by_image.values(), 'maps', unit='image', disable=not progress)
    try:
        for persons, result in zip(bar, predictor(items)):
            for entry, seen in zip(persons, result.persons):
                maps = _on_grid(seen.sample, entry.grid())[columns]
                found.append((entry.id, maps, _visible(seen, columns)))
    finally:
        predictor.model.test_cfg = before
    with write_whole(path) as part, open(part, 'wb') as file:
        np.savez(
            file,
            persons=np.array([json.dumps(person) for person, *_ in found]),
            keypoints=np.array(plan.keypoints),
            maps=np.stack([maps for _, maps, _ in found]),
            visible=np.stack([visible for *_, visible in found]),
        )


def predict_maps(
    config: str,
    weights: str | None,
    device: str | None,
    plan: AskPlan,
    path: str | os.PathLike[str],
    progress: bool = False,
) -> None:
    """``write_maps`` of the model of a config; weights and device are as for ``init_model``."""
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.inputs import resolve_device

    write_maps(init_model(config, weights, resolve_device(device)), plan, path, progress)


def model_maps(
    config: str,
    weights: str | None,
    device: str | None,
    plan: str | os.PathLike[str],
    journal: str | os.PathLike[str],
    images: str | os.PathLike[str] | None,
) -> Path:
    """The file of a model's maps beside a journal; made by the model if it is missing."""
    model = f'{config} {weights or ""}'.encode('utf-8', 'surrogatepass')
    path = Path(f'{os.fspath(journal)}.{hashlib.blake2b(model, digest_size=4).hexdigest()}.npz')
    if not path.exists():
        predict_maps(config, weights, device, AskPlan(plan, images), path, progress=True)
    return path


def _on_grid(sample: Any, grid: Grid) -> np.ndarray:
    """Heatmaps of a predicted person on the cells of its window: (K, G, G), the highest is 1."""
    import cv2

    maps = np.asarray(sample.pred_fields.heatmaps.cpu(), dtype=np.float32)
    height, width = maps.shape[1:]
    centre, scale = np.ravel(sample.input_center), np.ravel(sample.input_scale)
    at = (grid.centres - (centre - scale / 2)) / scale * (width, height) - 0.5
    x, y = at.astype(np.float32).reshape(grid.cells, grid.cells, 2).transpose(2, 0, 1)
    # Beyond its crop the model says what it says at the border.
    out = np.stack(
        [cv2.remap(m, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for m in maps]
    )
    out = np.maximum(out, 0)
    return (out / np.maximum(out.max((1, 2), keepdims=True), 1e-12)).astype(np.float16)


def _visible(person: FoundPerson, columns: list[int]) -> np.ndarray:
    if person.probs is None:
        return np.full(len(columns), _VISIBLE, dtype=np.float32)
    return np.asarray(person.probs, dtype=np.float32)[columns]
