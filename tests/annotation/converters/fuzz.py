"""Files of every format, whole and damaged, with an oracle that compares what was read.

Each file is written from a known truth by the writers here, which share no code with the package.
It is read whole, in another spelling (must give the truth), with one wrong value (must be refused,
or leave all other persons as they are), or with damaged bytes (must be read or refused). What was
read is written in every format. Run many:
``python -m tests.annotation.converters.fuzz 5000``.
"""

import csv
import io
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from PIL import Image

from lfhpe_mmpose.annotation.converters.convert import FORMATS
from lfhpe_mmpose.annotation.converters.convert import WRITERS as EXPORTS
from lfhpe_mmpose.annotation.converters.summary import summary
from lfhpe_mmpose.errors import UserError

SIZE = (64, 48)
WORDS = {
    1: ('visible', 'Yes', 'TRUE', '1', 'seen'),
    0: ('not_visible', 'no', 'False', '0', 'hidden'),
    -1: ('cannot tell', '-1', '__undefined__', 'unsure'),
}
WRONG: tuple[Any, ...] = (
    *(None, True, '', 'x', -1, 10**30, 1e300, float('nan'), [], {}, [1, 2], {'x': 1}),
    *('nan', '1e999', '../x', '\x00', '=1+1', 'a' * 300_000, '\ud800'),
)


@dataclass
class Truth:
    """What a file says: images by name, and persons with the index of their image."""

    names: list[str]
    images: list[str]
    persons: list[dict] = field(default_factory=list)


@dataclass
class Written:
    """A file: its text, the options to read it, and which persons a part of it is about.

    ``parts`` are the places of single values: a function that puts another value there, and the
    indices of the persons that may then differ (None: all).
    """

    kind: str
    name: str
    render: Callable[[], str]
    parts: list[tuple[Callable[[Any], None], set[int] | None]]
    options: dict[str, Any] = field(default_factory=dict)


def make_truth(r: random.Random, kind: str) -> Truth:
    """Random persons of the kinds that a format can hold."""
    names = r.sample(['nose', 'left_wrist', 'Ohr links', '左手', 'tip'], r.randint(2, 4))
    truth = Truth(names, ['a.png', 'd/b.png', 'd/ü c.png'][: r.randint(1, 3)])
    places = kind in ('deeplabcut', 'labelme', 'yolo')

    def box() -> list[float]:
        return [
            r.randint(0, 40) / 4,
            r.randint(0, 40) / 4,
            r.randint(8, 80) / 4,
            r.randint(8, 80) / 4,
        ]

    def tags() -> list[int]:
        return [r.choice((1, 0, -1)) for _ in names]

    for image in range(len(truth.images)):
        for _ in range(1 if kind == 'deeplabcut' else r.randint(1, 3)):
            person: dict[str, Any] = dict(image=image)
            if places or (r.random() < 0.4 and kind in ('coco', 'cvat', 'label-studio')):
                points = [[r.randint(1, 60), r.randint(1, 44), 2] for _ in names]
                points[r.randrange(1, len(names))] = [61, 45, 2]
                points[0] = [2, 3, 2] if places else [0, 0, 0]
                person['keypoints'] = [float(v) for point in points for v in point]
            if kind != 'deeplabcut':
                person['bbox'] = box()
            if not places:
                person['keypoint_tags'] = tags()
                if r.random() < 0.5 and kind != 'cvat-coco':
                    views = [
                        dict(bbox=box(), keypoint_tags=tags()) for _ in range(r.randint(1, 2))
                    ]
                    person['tag_views'] = views
            truth.persons.append(person)
    return truth


def values_of(value: Any, path: tuple = ()) -> list[tuple]:
    """The paths of all single values of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    out = []
    for key, inner in items:
        deep = isinstance(inner, dict | list) and inner
        out += values_of(inner, (*path, key)) if deep else [(*path, key)]
    return out


def setter(value: Any, path: tuple) -> Callable[[Any], None]:
    """A function that replaces one value of a JSON value."""

    def put(new: Any) -> None:
        node = value
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = new

    return put


def written_json(kind: str, name: str, data: Any, owners: Callable, r: random.Random) -> Written:
    """A JSON file; ``owners`` gives the persons that the value at a path is about."""
    parts = [(setter(data, path), owners(path)) for path in values_of(data)]
    indent = r.choice((None, 1))
    return Written(kind, name, lambda: json.dumps(data, indent=indent), parts)


def of_image(truth: Truth, image: int) -> set[int]:
    """The persons of an image."""
    return {i for i, person in enumerate(truth.persons) if person['image'] == image}


def write_coco(truth: Truth, r: random.Random, kind: str = 'coco') -> Written:
    """A COCO file, with attributes in place of tags for CVAT's form."""
    annotations = []
    for i, person in enumerate(truth.persons):
        entry = dict(id=i + 1, image_id=person['image'] + 1, category_id=1)
        entry |= {k: v for k, v in json.loads(json.dumps(person)).items() if k != 'image'}
        if kind == 'cvat':
            tags = dict(zip(truth.names, entry.pop('keypoint_tags'), strict=True))
            entry['attributes'] = {k: r.choice(WORDS[v]) for k, v in tags.items()} | {
                'occluded': 0
            }
        elif r.random() < 0.5:
            tags = zip(truth.names, entry['keypoint_tags'], strict=True)
            entry['keypoint_tags'] = {k: v for k, v in tags if v != -1}
        annotations.append(entry)
    size = dict(width=SIZE[0], height=SIZE[1])
    images = [dict(id=i + 1, file_name=name, **size) for i, name in enumerate(truth.images)]
    categories = [dict(id=1, name='person', keypoints=list(truth.names))]
    data = dict(images=images, annotations=annotations, categories=categories)

    def owners(path: tuple) -> set[int] | None:
        if path[0] == 'annotations' and path[-1] not in ('id', 'image_id', 'category_id'):
            return {path[1]}
        return None

    return written_json(kind, 'a.json', data, owners, r)


def write_label_studio(truth: Truth, r: random.Random) -> Written:
    """A full export: a task for each image, rectangles for persons and views."""
    size = dict(original_width=SIZE[0], original_height=SIZE[1], image_rotation=0)

    def place(box: list[float]) -> dict:
        sides = zip(('x', 'y', 'width', 'height'), box, (*SIZE, *SIZE), strict=True)
        return {k: 100 * v / side for k, v, side in sides} | dict(rotation=0)

    def region(
        number: str, box: list[float], label: str, tags: list[int], parent: str
    ) -> list[dict]:
        head = dict(id=number, to_name='image', **size)
        rectangle = dict(head, type='rectanglelabels', from_name='box')
        rectangle['value'] = {**place(box), 'rectanglelabels': [label]}
        if parent:
            rectangle['parentID'] = parent
        return [rectangle] + [
            dict(
                head,
                type='choices',
                from_name=n,
                value={**place(box), 'choices': [r.choice(WORDS[t])]},
            )
            for n, t in zip(truth.names, tags, strict=True)
        ]

    tasks = []
    for image, name in enumerate(truth.images):
        result: list[dict] = []
        for i in sorted(of_image(truth, image)):
            person = truth.persons[i]
            result += region(f'p{i}', person['bbox'], 'person', person['keypoint_tags'], '')
            for v, view in enumerate(person.get('tag_views', [])):
                tags = view['keypoint_tags']
                result += region(f'p{i}v{v}', view['bbox'], 'view', tags, f'p{i}')
            points = person.get('keypoints', [])
            for k, keypoint in enumerate(truth.names if points else []):
                x, y, flag = points[3 * k : 3 * k + 3]
                value = dict(x=100 * x / SIZE[0], y=100 * y / SIZE[1], keypointlabels=[keypoint])
                entry = dict(
                    id=f'p{i}k{k}', type='keypointlabels', from_name='k', parentID=f'p{i}'
                )
                result += [{**entry, **size, 'value': value}] if flag else []
        annotation = dict(id=image, was_cancelled=False, ground_truth=False, result=result)
        address = f'/data/local-files/?d={name}'
        tasks.append(dict(id=image, data=dict(image=address), annotations=[annotation]))
    written = written_json(
        'label-studio', 'a.json', tasks, lambda path: of_image(truth, path[0]), r
    )
    written.options = dict(names=truth.names)
    return written


def write_labelme(truth: Truth, r: random.Random) -> Written:
    """The file of one image (the first)."""
    truth.images, truth.persons = truth.images[:1], [p for p in truth.persons if not p['image']]
    shapes = []
    for i, person in enumerate(truth.persons):
        x, y, w, h = person['bbox']
        about = dict(group_id=i, flags={})
        shapes.append(
            dict(about, label='cat', shape_type='rectangle', points=[[x, y], [x + w, y + h]])
        )
        for k, name in enumerate(truth.names):
            point = person['keypoints'][3 * k : 3 * k + 2]
            shapes.append(dict(about, label=name, shape_type='point', points=[point]))
    data = dict(imagePath='a.png', imageWidth=SIZE[0], imageHeight=SIZE[1], shapes=shapes)
    return written_json('labelme', 'a.json', data, lambda path: None, r)


def written_rows(kind: str, name: str, rows: list, owners: Callable, r: random.Random) -> Written:
    """A file of cells; ``owners`` gives the persons that a row is about."""
    separator = r.choice(',;\t') if kind == 'table' else ',' if kind == 'deeplabcut' else ' '
    end = r.choice(('\n', '\r\n'))

    def render() -> str:
        file = io.StringIO()
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
        return file.getvalue()

    places = [(i, k) for i, row in enumerate(rows) for k in range(len(row))]
    return Written(kind, name, render, [(setter(rows, p), owners(p[0])) for p in places])


def write_table(truth: Truth, r: random.Random) -> Written:
    """A row for each person and view, columns in any order."""
    head = ['image', 'person', 'view', 'x', 'y', 'width', 'height', 'image_width', 'image_height']
    rows, owners = [], []
    for i, person in enumerate(truth.persons):
        for v, entry in enumerate([person, *person.get('tag_views', [])]):
            answers = [r.choice(WORDS[t]) for t in entry['keypoint_tags']]
            about = [truth.images[person['image']], f'p{i}', v, *entry['bbox'], *SIZE]
            rows.append([*about, *answers])
            owners.append(i)
    columns = [head + truth.names, *rows]
    order = r.sample(range(len(columns[0])), len(columns[0]))
    shuffled = [[row[k] for k in order] for row in columns]
    written = written_rows(
        'table', 'a.csv', shuffled, lambda row: {owners[row - 1]} if row else None, r
    )
    written.options = dict(names=truth.names)
    return written


def write_deeplabcut(truth: Truth, r: random.Random) -> Written:
    """CollectedData of one animal."""
    parts = [name for name in truth.names for _ in 'xy']
    head = [
        ['scorer', *['me'] * len(parts)],
        ['bodyparts', *parts],
        ['coords', *'xy' * len(truth.names)],
    ]
    rows = []
    for person in truth.persons:
        points = person['keypoints']
        cells = [points[3 * k + c] for k in range(len(truth.names)) for c in (0, 1)]
        rows.append([truth.images[person['image']], *cells])
    written = written_rows(
        'deeplabcut', 'a.csv', head + rows, lambda row: {row - 3} if row > 2 else None, r
    )
    written.options = dict(image_root='.')
    return written


def write_yolo(truth: Truth, r: random.Random) -> Written:
    """The label file of one image (the first); data.yaml lies in the folder."""
    truth.images, truth.persons = ['a.png'], [p for p in truth.persons if not p['image']]
    rows = []
    for person in truth.persons:
        x, y, w, h = person['bbox']
        row = [0, (x + w / 2) / SIZE[0], (y + h / 2) / SIZE[1], w / SIZE[0], h / SIZE[1]]
        for k in range(len(truth.names)):
            px, py, flag = person['keypoints'][3 * k : 3 * k + 3]
            row += [px / SIZE[0], py / SIZE[1], int(flag)]
        rows.append(row)
    written = written_rows('yolo', 'a.txt', rows, lambda row: {row}, r)
    written.options = dict(names=truth.names)
    return written


def write_cvat(truth: Truth, r: random.Random) -> Written:
    """XML with boxes, views and skeletons in groups."""
    root = ET.Element('annotations')
    labels = ET.SubElement(ET.SubElement(ET.SubElement(root, 'meta'), 'task'), 'labels')
    for label in ('person', 'view', 'body'):
        entry = ET.SubElement(labels, 'label')
        ET.SubElement(entry, 'name').text = label
        attributes = ET.SubElement(entry, 'attributes')
        for name in truth.names if label != 'body' else []:
            attribute = ET.SubElement(attributes, 'attribute')
            ET.SubElement(attribute, 'name').text = name
            ET.SubElement(attribute, 'input_type').text = 'select'
    for name in truth.names:
        entry = ET.SubElement(labels, 'label')
        ET.SubElement(entry, 'name').text = name
        ET.SubElement(entry, 'parent').text = 'body'
    parts: list[tuple[Callable[[Any], None], set[int] | None]] = []

    def box(image: ET.Element, label: str, entry: dict, group: int) -> None:
        x, y, w, h = entry['bbox']
        sides = {k: str(v) for k, v in zip(('xtl', 'ytl', 'xbr', 'ybr'), (x, y, x + w, y + h))}
        shape = ET.SubElement(image, 'box', dict(label=label, group_id=str(group)) | sides)
        for name, tag in r.sample(
            list(zip(truth.names, entry['keypoint_tags'])), len(truth.names)
        ):
            ET.SubElement(shape, 'attribute', name=name).text = r.choice(WORDS[tag])

    for number, name in enumerate(truth.images):
        size = dict(width=str(SIZE[0]), height=str(SIZE[1]))
        image = ET.SubElement(root, 'image', dict(id=str(number), name=name) | size)
        for i in sorted(of_image(truth, number)):
            person = truth.persons[i]
            box(image, 'person', person, i + 1)
            for view in person.get('tag_views', []):
                box(image, 'view', view, i + 1)
            if 'keypoints' in person:
                skeleton = ET.SubElement(image, 'skeleton', label='body', group_id=str(i + 1))
                for k, keypoint in enumerate(truth.names):
                    x, y, flag = person['keypoints'][3 * k : 3 * k + 3]
                    about = dict(label=keypoint, outside=str(int(not flag)), points=f'{x},{y}')
                    ET.SubElement(skeleton, 'points', about)
        for element in image.iter():
            for key in element.attrib:
                put = lambda new, e=element, k=key: e.attrib.update({k: str(new)})  # noqa: E731
                parts.append((put, of_image(truth, number)))
    return Written('cvat', 'a.xml', lambda: ET.tostring(root, 'unicode'), parts)


WRITERS: dict[str, Callable[[Truth, random.Random], Written]] = {
    'coco': write_coco,
    'cvat': write_cvat,
    'cvat-coco': lambda truth, r: write_coco(truth, r, 'cvat'),
    'label-studio': write_label_studio,
    'table': write_table,
    'labelme': write_labelme,
    'deeplabcut': write_deeplabcut,
    'yolo': write_yolo,
}


def said(persons: list[dict], files: dict[Any, str], with_box: bool) -> Counter[str]:
    """What is said about each person, in a form that can be compared."""

    def plain(box: Any) -> Any:
        return None if box is None else [round(float(v), 4) for v in box]

    return Counter(
        repr(
            (
                files[p['image']],
                plain(p.get('bbox')) if with_box else None,
                p.get('keypoint_tags'),
                [(plain(v['bbox']), v['keypoint_tags']) for v in p.get('tag_views', [])],
                plain(p.get('keypoints')),
            )
        )
        for p in persons
    )


def run_one(seed: int, folder: Path) -> str:
    """Write, read and compare one file; returns its format and what was done with it."""
    r = random.Random(seed)
    kind = r.choice(list(WRITERS))
    truth = make_truth(r, kind)
    written = WRITERS[kind](truth, r)
    how = r.choice(('whole', 'spelling', 'value', 'value', 'bytes'))
    affected: set[int] | None = set()
    if how == 'value':
        put, affected = r.choice(written.parts)
        put(r.choice(WRONG))
    content = written.render().encode('utf-8', errors='surrogatepass')
    if how == 'spelling' and kind not in ('yolo', 'coco'):  # a tag file must be without the mark
        content = b'\xef\xbb\xbf' + content
    if how == 'bytes':
        raw, affected = bytearray(content), None
        for _ in range(r.randint(1, 3)):
            start = r.randint(0, len(raw))
            new = range(256) if r.random() < 0.2 else b'0123456789.,;:-+e"\'<>{}[]/&=_ \n\tnal'
            raw[start : start + r.randint(0, 4)] = bytes(r.choices(new, k=r.randint(0, 4)))
        content = bytes(raw)
    path = folder / written.name
    path.write_bytes(content)
    if kind == 'yolo':
        (folder / 'labels').mkdir(exist_ok=True)
        (folder / 'labels' / 'a.txt').write_bytes(content)
        path = folder / 'data.yaml'
        shape = f'[{len(truth.names)}, 3]'
        path.write_text(f'train: images\nkpt_shape: {shape}\nnames: [cat]\n')
    options = {k: str(folder) if v == '.' else v for k, v in written.options.items()}
    try:
        tags = FORMATS[written.kind].read(str(path), **options)
        tags.save(folder / 'out.json')
        assert summary(tags, 'out.json')
    except UserError as error:
        assert how in ('value', 'bytes'), f'seed {seed}: {kind}, {how}: {error}'
        return f'{kind} {how} refused'
    for writer in EXPORTS:
        with suppress(UserError):
            FORMATS[writer].write(tags, str(folder / 'export'))
    if affected is not None:
        _compare(truth, tags, affected, seed, f'{kind}, {how}')
    return f'{kind} {how} read'


def _compare(truth: Truth, tags: Any, affected: set[int], seed: int, what: str) -> None:
    with_box = 'deeplabcut' not in what
    names = {i: name for i, name in enumerate(truth.images)}
    names[0] = 'images/a.png' if what.startswith('yolo') else names[0]
    files = {image['id']: image['file_name'] for image in tags.images}
    persons = [{**a, 'image': a['image_id']} for a in json.loads(json.dumps(tags.annotations))]
    for person in persons:
        if isinstance(person.get('keypoint_tags'), dict):
            given = person['keypoint_tags']
            person['keypoint_tags'] = [given.get(name, -1) for name in truth.names]
    got = said(persons, files, with_box)
    kept = [p for i, p in enumerate(truth.persons) if i not in affected]
    missing = said(kept, names, with_box) - got
    assert not missing, f'seed {seed}: {what}: misread {missing}, got {got}'
    # A person whose id or group changed may become two.
    most = len(truth.persons) + len(affected)
    assert len(persons) <= most, f'seed {seed}: {what}: more persons than written'


def fuzz(number: int, first: int, folder: Path) -> Counter[str]:
    """Run many files; counts what was done with them."""
    for name in ('a.png', 'd/b.png', 'd/ü c.png', 'images/a.png'):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', SIZE).save(folder / name)
    return Counter(run_one(seed, folder) for seed in range(first, first + number))


if __name__ == '__main__':
    root = Path(tempfile.mkdtemp())
    try:
        done = fuzz(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0, root)
    finally:
        shutil.rmtree(root)
    for what, count in sorted(done.items()):
        print(f'{count:6d}  {what}')
    print(f'importers: {done.total()} files tried, 0 lost')
