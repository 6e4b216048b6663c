"""Small data sets in the genuine form of each public one: the files of their authors."""

import json
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image

from lfhpe_mmpose.annotation.prepare.coco_style import SETS
from lfhpe_mmpose.annotation.prepare.job import category_of

WIDTH, HEIGHT = 60, 80
EMPTY = np.zeros((0, 0))


def write_source(kind: str, folder: Path, count: int = 12, seed: int = 0) -> Path:
    """Write a small data set of a kind, with ``count`` images or, of LSP, persons."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    WRITERS[kind.replace('-', '_')](folder, count, rng)
    return folder


def write_image(path: Path, rng: np.random.Generator) -> None:
    """Write a small picture with something in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.integers(0, 255, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((WIDTH, HEIGHT)).save(path)


def struct(rows: list[dict]) -> np.ndarray:
    """A MATLAB struct array: one row, every element with the same fields, some empty."""
    fields = list(dict.fromkeys(key for row in rows for key in row))
    out = np.empty((1, len(rows)), dtype=[(name, object) for name in fields])
    for i, row in enumerate(rows):
        for name in fields:
            out[name][0, i] = row.get(name, EMPTY)
    return out


def cell(values: list) -> np.ndarray:
    """A MATLAB cell column."""
    out = np.empty((len(values), 1), dtype=object)
    for i, value in enumerate(values):
        out[i, 0] = value
    return out


def mpii_person(rng: np.random.Generator, left: int = 0) -> dict:
    """One ``annorect``: the last keypoints are not annotated, those of the head have no flag."""
    points = []
    for k in range(14):
        x, y = rng.uniform(2, WIDTH - 2), rng.uniform(2, HEIGHT - 2)
        # Upper neck and head top come without the flag; others have a character or a number.
        seen = EMPTY if k in (8, 9) else [str(k % 2), float(k % 2)][k % 3 == 0]
        points.append(dict(x=x, y=y, id=float(k), is_visible=seen))
    return dict(
        x1=20.0,
        y1=5.0,
        x2=32.0,
        y2=21.0,
        annopoints=struct([dict(point=struct(points))]),
        scale=0.3,
        objpos=struct([dict(x=30.0, y=40.0)]),
    )


def write_mpii(folder: Path, count: int, rng: np.random.Generator) -> None:
    """``RELEASE`` with training images of two persons, one bare person, and a test image."""
    entries, training, apart = [], [], []
    for i in range(count):
        name = f'{15601864 + i:09d}.jpg'
        write_image(folder / 'images' / name, rng)
        persons = [mpii_person(rng), mpii_person(rng)]
        if i == 0:
            persons.append(dict(x1=1.0, y1=1.0, x2=9.0, y2=9.0))  # a head only
        entries.append(dict(image=struct([dict(name=name)]), annorect=struct(persons)))
        training.append(1)
        apart.append(np.array([[1, 2]]) if i % 2 else np.array([[2]]))
    write_image(folder / 'images' / '099999999.jpg', rng)
    test = dict(scale=1.0, objpos=struct([dict(x=5.0, y=5.0)]))
    image = struct([dict(name='099999999.jpg')])
    entries.append(dict(image=image, annorect=struct([test])))
    entries.append(dict(image=struct([dict(name='099999998.jpg')])))
    release = dict(
        annolist=struct(entries),
        img_train=np.array([[*training, 0, 0]], dtype=np.uint8),
        version='12',
        single_person=cell([*apart, np.array([[1]]), EMPTY]),
    )
    scipy.io.savemat(
        folder / 'mpii_human_pose_v1_u12_1.mat', dict(RELEASE=struct([release])), oned_as='row'
    )


def joints(count: int, rng: np.random.Generator) -> np.ndarray:
    """Coordinates (count, 14, 2) inside the images."""
    return rng.uniform((2, 2), (WIDTH - 3, HEIGHT - 3), (count, 14, 2))


def write_lsp(folder: Path, count: int, rng: np.random.Generator) -> None:
    """3 x 14 x persons; a flag of 1 is an occluded joint."""
    points = joints(count, rng)
    flags = rng.random((count, 14)) < 0.3
    out = np.concatenate([points, flags[..., None]], axis=-1).transpose(2, 1, 0)
    scipy.io.savemat(folder / 'joints.mat', dict(joints=out))
    for i in range(count):
        write_image(folder / 'images' / f'im{i + 1:04d}.jpg', rng)


def write_lspet(folder: Path, count: int, rng: np.random.Generator) -> None:
    """14 x 3 x persons; a flag of 1 is an annotated joint, the others are anywhere."""
    points = joints(count, rng)
    flags = rng.random((count, 14)) < 0.8
    points[~flags] = -20
    out = np.concatenate([points, flags[..., None]], axis=-1).transpose(1, 2, 0)
    scipy.io.savemat(folder / 'joints.mat', dict(joints=out))
    for i in range(count):
        write_image(folder / 'images' / f'im{i + 1:05d}.jpg', rng)


def write_aic(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Two lists, and the two folders of their images, as they are unpacked."""
    for split, date, day in (
        ('train', '20170909', '20170902'),
        ('validation', '20170911', '20170911'),
    ):
        images = f'ai_challenger_keypoint_{split}_{date}/keypoint_{split}_images_{day}'
        entries = []
        for i in range(count):
            name = f'{split[0]}{i:039x}'
            write_image(folder / images / f'{name}.jpg', rng)
            points = {}
            for human in ('human1', 'human2'):
                flags = rng.choice([1, 2, 3], 14, p=[0.6, 0.2, 0.2])
                flags[0] = 1
                rows = [
                    (0, 0, 3) if v == 3 else (int(x), int(y), int(v))
                    for (x, y), v in zip(joints(1, rng)[0], flags)
                ]
                points[human] = [value for row in rows for value in row]
            entries.append(
                dict(
                    url='http://www.sinaimg.cn/dy/slidenews/1.jpg',
                    image_id=name,
                    keypoint_annotations=points,
                    human_annotations=dict(human1=[2, 2, 56, 77], human2=[5, 4, 50, 70]),
                )
            )
        parent = folder / images.partition('/')[0]
        (parent / f'keypoint_{split}_annotations_{date}.json').write_text(json.dumps(entries))


def coco_style(
    names: Sequence[str], count: int, rng: np.random.Generator, first: int = 1, categories: int = 1
) -> dict:
    """A COCO-style file with two persons an image."""
    images, annotations = [], []
    for i in range(count):
        image_id = first + i
        images.append(
            dict(id=image_id, file_name=f'{image_id:06d}.jpg', width=WIDTH, height=HEIGHT)
        )
        for person in range(2):
            flags = rng.choice([0, 1, 2], len(names), p=[0.2, 0.2, 0.6])
            flags[0] = 2
            xy = rng.integers(2, WIDTH - 3, (len(names), 2))
            rows = [(int(x), int(y), int(v)) if v else (0, 0, 0) for (x, y), v in zip(xy, flags)]
            annotations.append(
                dict(
                    id=10 * image_id + person,
                    image_id=image_id,
                    category_id=1 + (i + person) % categories,
                    bbox=[2, 2, 54, 74],
                    area=54 * 74,
                    iscrowd=0,
                    num_keypoints=int((flags > 0).sum()),
                    keypoints=[value for row in rows for value in row],
                )
            )
    return dict(
        images=images,
        annotations=annotations,
        categories=[
            dict(id=1 + c, name=f'kind{c}', keypoints=list(names), skeleton=[[1, 2]])
            for c in range(categories)
        ],
    )


def write_crowdpose(folder: Path, count: int, rng: np.random.Generator) -> None:
    """``json/crowdpose_*.json`` beside ``images``; crowdIndex, but no area."""
    (folder / 'json').mkdir()
    for part, first in (('trainval', 100001), ('test', 110001)):
        data = coco_style(SETS['crowdpose'].names, count, rng, first)
        # The metric looks for easy, medium and hard images.
        for image, index in zip(data['images'], [0.0, 0.5, 0.9] * count):
            image['crowdIndex'] = index
            image['file_name'] = f'{image["id"]}.jpg'
            write_image(folder / 'images' / image['file_name'], rng)
        for annotation in data['annotations']:
            del annotation['area']
        data['categories'][0]['name'] = 'person'
        (folder / 'json' / f'crowdpose_{part}.json').write_text(json.dumps(data))


def write_ochuman(folder: Path, count: int, rng: np.random.Generator) -> None:
    """The COCO-format files beside ``images``."""
    names = category_of('ochuman')['keypoints']
    for part, first in (('val', 1), ('test', 501)):
        data = coco_style(names, count, rng, first)
        for image in data['images']:
            write_image(folder / 'images' / image['file_name'], rng)
        file = folder / f'ochuman_coco_format_{part}_range_0.00_1.00.json'
        file.write_text(json.dumps(data))


def write_ap10k(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Three splits in three files each, two species, one folder of images."""
    root = folder / 'ap-10k'
    (root / 'annotations').mkdir(parents=True)
    for n in (1, 2, 3):
        for p, part in enumerate(('train', 'val', 'test')):
            first = 1 + 1000 * p
            data = coco_style(SETS['ap10k'].names, count, rng, first, categories=2)
            data['info'] = dict(description='AP-10k', version='1.0', year=2021)
            if n == 1:
                for image in data['images']:
                    write_image(root / 'data' / image['file_name'], rng)
            file = root / 'annotations' / f'ap10k-{part}-split{n}.json'
            file.write_text(json.dumps(data))


def write_coco(folder: Path, count: int, rng: np.random.Generator) -> None:
    """COCO 2017 as it is unpacked."""
    (folder / 'annotations').mkdir()
    for part, first in (('train', 1), ('val', 501)):
        data = coco_style(category_of('coco')['keypoints'], count, rng, first)
        for image in data['images']:
            write_image(folder / f'{part}2017' / image['file_name'], rng)
        file = folder / 'annotations' / f'person_keypoints_{part}2017.json'
        file.write_text(json.dumps(data))


def write_animalpose(folder: Path, count: int, rng: np.random.Generator) -> None:
    """``keypoints.json``: corners as boxes, flags 0 and 1, coordinates of absent keypoints."""
    images, annotations = {}, []
    for i in range(count):
        name = f'2007_{i:06d}.jpg'
        write_image(folder / 'images' / name, rng)
        images[str(i + 1)] = name
        for species in (1, 2):
            flags = rng.choice([0, 1], 20, p=[0.4, 0.6])
            flags[0] = 1
            xy = rng.integers(2, WIDTH - 3, (20, 2)) * flags[:, None]
            rows = [[int(x), int(y), int(flag)] for (x, y), flag in zip(xy, flags)]
            entry = dict(image_id=i + 1, category_id=species, bbox=[2, 3, 56, 77])
            annotations.append(dict(entry, num_keypoints=int(flags.sum()), keypoints=rows))
    names = ['left_eye', 'right_eye', 'nose', 'left_ear', 'right_ear']
    for joint in ('elbow', 'knee', 'paw'):
        names += [f'{s}_{e}_{joint}' for e in ('front', 'back') for s in ('left', 'right')]
    names += ['throat', 'withers', 'tailbase']
    categories = [dict(id=i, name=n, keypoints=names) for i, n in ((1, 'dog'), (2, 'cat'))]
    data = dict(images=images, annotations=annotations, categories=categories)
    (folder / 'keypoints.json').write_text(json.dumps(data))


def write_animalpose_crops(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Crops in COCO's format with the authors' keypoints, the images in two archives."""
    write_animalpose(folder, 1, rng)
    names = json.loads((folder / 'keypoints.json').read_text())['categories'][0]['keypoints']
    (folder / 'keypoints.json').unlink()
    shutil.rmtree(folder / 'images')
    (folder / 'annotations').mkdir()
    for split, first in (('train', 1), ('val', 501)):
        data = coco_style(names, count, rng, first)
        with tarfile.open(folder / f'images_{split}.tar', 'w') as tar:
            for image in data['images']:
                write_image(folder / 'crop.jpg', rng)
                tar.add(folder / 'crop.jpg', f'images/{image["file_name"]}')
        (folder / 'crop.jpg').unlink()
        (folder / 'annotations' / f'{split}.json').write_text(json.dumps(data))


WRITERS = dict(
    aic=write_aic,
    animalpose=write_animalpose,
    animalpose_crops=write_animalpose_crops,
    ap10k=write_ap10k,
    coco=write_coco,
    crowdpose=write_crowdpose,
    lsp=write_lsp,
    lspet=write_lspet,
    mpii=write_mpii,
    ochuman=write_ochuman,
)
