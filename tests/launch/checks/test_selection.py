"""A data set that selects persons by withheld coordinates is refused, or reported."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run, selection
from lfhpe_mmpose.launch.checks.sources import find_sources

from .words import refuses

CODE = 'selects-by-coordinates'


@pytest.fixture
def training(cfg):
    """The config without validation."""
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    return cfg


def zero(data, value=0) -> None:
    """Write the same coordinates for every keypoint of two persons."""
    for annotation in data.data['annotations'][:2]:
        annotation['keypoints'] = [value, value, 2] * 17
    data.write()


@pytest.mark.parametrize(
    ('kind', 'fraction', 'better'),
    [
        ('CocoDataset', 0.25, 'BlindCocoDataset'),
        ('CocoWholeBodyDataset', 0.0, 'TaggedCocoDataset'),
        ('CocoDataset', 1.0, None),
        ('BlindCocoDataset', 0.0, None),
    ],
)
def test_warning(training, monkeypatch, kind, fraction, better):
    """With the class that selects by flags, if locations are withheld."""
    said = []
    monkeypatch.setattr(selection, 'print_log', lambda text, *_, **__: said.append(text))
    dataset = training.train_dataloader.dataset
    dataset.type = kind
    dataset.pipeline[0].fraction = fraction
    (source,) = find_sources(training, ['train_dataloader'])
    assert selection.check_selection(source, None) == []
    assert [f'{kind}:' in text and f"'{better}'" in text for text in said] == [True] * bool(better)


@pytest.mark.parametrize('value', [0, -3.5])
@pytest.mark.parametrize('wrapper', ['', 'ConcatDataset', 'RepeatDataset', 'CombinedDataset'])
def test_lost_persons(training, data, value, wrapper):
    """Persons that MMPose would leave out are counted, inside wrappers too."""
    zero(data, value)
    inner = training.train_dataloader.dataset
    entry = 'train_dataloader.dataset'
    if wrapper == 'RepeatDataset':
        training.train_dataloader.dataset = dict(type=wrapper, dataset=inner, times=2)
        entry += '.dataset'
    elif wrapper:
        training.train_dataloader.dataset = dict(type=wrapper, datasets=[inner])
        entry += '.datasets[0]'
    if wrapper == 'CombinedDataset':
        training.train_dataloader.dataset.update(metainfo={}, pipeline=[])
    error = refuses(training, CODE, f'{entry}.type = CocoDataset', '2 of 4', 'annotation 10')
    assert 'BlindCocoDataset' in error.remedy
    inner.type = 'BlindCocoDataset'
    check_before_run(training, 'train')
