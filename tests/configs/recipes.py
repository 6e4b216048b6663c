"""The packaged recipes, and small data in the layout that each of them expects."""

from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PACKAGED = sorted((ROOT / 'configs').rglob('lfhpe_*.py'))
# For training and test, and for tests alone: OCHuman has no training set.
RECIPES = [path for path in PACKAGED if '_loc' in path.stem]
TESTS = [path for path in PACKAGED if path.stem.endswith('_test')]
# The two steps of training from one tag set for the whole person.
WHOLE = [path for path in PACKAGED if '_whole-' in path.stem]
# Of each folder below configs/: the variable that names its data, what they are called, the
# number of keypoints, and what is measured.
LAYOUTS: dict[str, dict[str, Any]] = {
    'aic': dict(
        variable='LFHPE_AIC',
        annotations='aic_{}.json',
        keypoints=14,
        metrics={'aic/AP'},
    ),
    'animalpose': dict(
        variable='LFHPE_ANIMALPOSE',
        annotations='animalpose_{}.json',
        keypoints=20,
        metrics={'pck@0.2/PCK', 'pck@0.1/PCK'},
    ),
    'ap10k': dict(
        variable='LFHPE_AP10K',
        annotations='ap10k-{}-split1.json',
        keypoints=17,
        metrics={'ap10k/AP'},
    ),
    'coco': dict(
        variable='LFHPE_COCO',
        annotations='person_keypoints_{}2017.json',
        images={'train': 'train2017', 'val': 'val2017'},
        keypoints=17,
        metrics={'coco/AP'},
    ),
    'crowdpose': dict(
        variable='LFHPE_CROWDPOSE',
        annotations='mmpose_crowdpose_{}.json',
        splits={'train': 'trainval', 'val': 'test'},
        keypoints=14,
        metrics={'crowdpose/AP', 'crowdpose/AP(E)', 'crowdpose/AP(M)', 'crowdpose/AP(H)'},
    ),
    'lsp': dict(
        variable='LFHPE_LSP',
        annotations='{}.json',
        splits={'train': 'train', 'val': 'test'},
        keypoints=14,
        metrics={'torso/PCK@0.2', 'torso/PCK@0.1', 'pck@0.2/PCK', 'pck@0.1/PCK'},
    ),
    'lspet': dict(
        variable='LFHPE_LSPET',
        annotations='{}.json',
        images={'train': 'images', 'val': 'images'},
        keypoints=14,
        metrics={'pck@0.2/PCK', 'pck@0.1/PCK'},
    ),
    'mpii': dict(
        variable='LFHPE_MPII',
        annotations='mpii_{}.json',
        keypoints=16,
        metrics={'pckh/PCKh@0.5', 'pckh/PCKh@0.1'},
    ),
    'synthetic': dict(
        variable='LFHPE_SYNTHETIC',
        annotations='person_keypoints_{}.json',
        images={'train': 'train', 'val': 'val'},
        keypoints=14,
        metrics={'pck@0.2/PCK', 'pck@0.1/PCK'},
    ),
}
# Recipes that synthetic people serve, each in a process of its own. A family differs in the
# fraction alone, so three fractions of it do. The others run in test_public_sets.py.
FRESH = [
    path
    for path in RECIPES
    if 'images' in LAYOUTS[path.parent.name] and not path.stem.endswith('_loc10')
]


def annotations_of(kind: str, split: str) -> str:
    """The annotation file of ``'train'`` or ``'val'``."""
    layout = LAYOUTS[kind]
    return layout['annotations'].format(layout.get('splits', {}).get(split, split))


def fraction_of(name: str) -> float:
    """The location fraction that a recipe's name promises."""
    return int(name.rpartition('_loc')[2]) / 100


def lay_out(kind: str, people: Path, folder: Path) -> Path:
    """Arrange synthetic people as a kind of recipe expects them.

    Both splits of LSP-extended share one folder of images, in which the names must differ.
    """
    layout = LAYOUTS[kind]
    (folder / 'annotations').mkdir(parents=True)
    for split in ('train', 'val'):
        text = (people / 'annotations' / f'person_keypoints_{split}.json').read_text()
        images = folder / layout['images'][split]
        images.mkdir(exist_ok=True)
        for image in (people / split).iterdir():
            name = f'{split}_{image.name}' if kind == 'lspet' else image.name
            (images / name).symlink_to(image)
            if name != image.name:
                text = text.replace(f'"{image.name}"', f'"{name}"')
        (folder / 'annotations' / layout['annotations'].format(split)).write_text(text)
    return folder
