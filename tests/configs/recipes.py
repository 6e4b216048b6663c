"""The packaged recipes, and small data in the layout that each of them expects."""

from pathlib import Path

from tests.conftest import ROOT

RECIPES = sorted(path for path in (ROOT / 'configs').rglob('lfhpe_*.py'))
# Of each folder below configs/: the variable that names its data, and what they are called.
LAYOUTS = {
    'coco': dict(
        variable='LFHPE_COCO',
        annotations='person_keypoints_{}2017.json',
        images={'train': 'train2017', 'val': 'val2017'},
    ),
    'lspet': dict(
        variable='LFHPE_LSPET',
        annotations='{}.json',
        images={'train': 'images', 'val': 'images'},
    ),
    'synthetic': dict(
        variable='LFHPE_SYNTHETIC',
        annotations='person_keypoints_{}.json',
        images={'train': 'train', 'val': 'val'},
    ),
}


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
