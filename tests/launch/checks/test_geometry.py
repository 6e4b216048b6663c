"""Boxes and keypoints that do not fit their images."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run, geometry

from .words import refuses


def change(data, fraction: bool, part: str) -> None:
    """Write all boxes or keypoints as fractions of the image."""
    for annotation in data.data['annotations']:
        if part == 'bbox':
            x, y, w, h = annotation['bbox']
            annotation['bbox'] = [x / 40, y / 48, w / 40, h / 48]
        else:
            points = annotation['keypoints']
            points[0::3] = [x / 40 for x in points[0::3]]
            points[1::3] = [y / 48 for y in points[1::3]]
    data.write()


@pytest.mark.parametrize(
    ('part', 'code'), [('bbox', 'box-fraction'), ('keypoints', 'point-fraction')]
)
def test_fractions(cfg, data, part, code):
    """Fractions of the image in place of pixels."""
    cfg.train_dataloader.dataset.pipeline[0].fraction = 0.5
    change(data, True, part)
    refuses(cfg, code, data.path)


def test_withheld_coordinates_decide_nothing(cfg, data):
    """Coordinates that are withheld from every person may be anything."""
    change(data, True, 'keypoints')
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    check_before_run(cfg, 'train')


def test_doubtful(cfg, data, monkeypatch):
    """Keypoints at (0, 0) and far outside the box are named, and the run starts."""
    for annotation in data.data['annotations']:
        annotation['keypoints'][:3] = [0, 0, 2]
        annotation['bbox'] = [20, 20, 6, 6]
    data.write()
    cfg.train_dataloader.dataset.pipeline[0].fraction = 0.5
    said = []
    monkeypatch.setattr(geometry, 'print_log', lambda text, *_, **__: said.append(text))
    check_before_run(cfg, 'train')
    for code in ('point-zero', 'point-outside-box'):
        assert any(code in line for line in said)
