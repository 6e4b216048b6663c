"""A small exported model, made once for all tests of a run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from lfhpe_mmpose.apis import init_model
from lfhpe_mmpose.apis.export_onnx import export_onnx

from .tiny_model import make_tiny_model


@dataclass
class ExportedModel:
    """A model and its file.

    Attributes:
        config, weights: Of the model.
        model: Loaded, with calibrated scores.
        path: The file: float32, flip test as the model, with maps.
    """

    config: Path
    weights: Path
    model: Any
    path: Path


def exported_model(tmp_path_factory: pytest.TempPathFactory) -> ExportedModel:
    """Export a small model with 14 keypoints, unless another process of this run has done so."""
    root = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        root = root.parent  # that of all workers
    folder = root / 'exported_model'
    folder.mkdir(exist_ok=True)
    with FileLock(folder / 'lock'):
        made = make_tiny_model(folder, 14)
        model = init_model(made.config, made.weights, 'cpu')
        model.head.calibration.set_knots([0.0, 0.2, 1.0], [0.0, 0.7, 1.0])
        path = folder / 'tiny.onnx'
        if not path.exists():
            flips = bool(model.test_cfg.get('flip_test'))
            said = export_onnx(model, path, flip_test=flips, maps=True, say=lambda _: None)
            assert [line.split(':')[0] for line in said] == ['batch 1', 'batch 3', 'batch 16']
    return ExportedModel(Path(made.config), Path(made.weights), model, path)
