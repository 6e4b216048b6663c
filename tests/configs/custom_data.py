"""Generated pictures for the examples of custom keypoint sets: pens with tags, animals mixed."""

from pathlib import Path

import cv2
import numpy as np

from lfhpe_mmpose.tags import TagFile

SIZE = 96


def write_pens(folder: Path, num_train: int = 16, num_val: int = 8) -> None:
    """Pens of whom only tags are known: of the picture, and of three windows in it."""
    for split, number in (('train', num_train), ('val', num_val)):
        rng = np.random.default_rng(number)
        tags = TagFile.new(['tip', 'cap'], [(1, 2)], category='pen')
        for i in range(1, number + 1):
            points = rng.integers(12, SIZE - 12, size=(2, 2))
            shown = np.array([1, int(rng.random() < 0.7)])
            image = rng.integers(90, 110, size=(SIZE, SIZE, 3), dtype=np.uint8)
            cv2.line(image, points[0].tolist(), points[1].tolist(), (200, 200, 200), 3)
            for point, color, seen in zip(points, ((0, 0, 255), (255, 0, 0)), shown):
                if seen:
                    cv2.circle(image, point.tolist(), 5, color, -1)
            _picture(folder, tags, image, f'{split}_{i}.png', i)
            views = []
            for corner in rng.integers(0, SIZE // 2, size=(3, 2)):
                inside = ((points >= corner) & (points < corner + SIZE // 2)).all(axis=1)
                box = [*corner.tolist(), SIZE // 2, SIZE // 2]
                views.append(dict(bbox=box, keypoint_tags=(inside * shown).tolist()))
            names = dict(zip(('tip', 'cap'), shown.tolist()))
            person = dict(id=i, image_id=i, category_id=1, keypoint_tags=names, tag_views=views)
            tags.annotations.append(person)
        tags.save(folder / f'{split}.json')


def write_animals(folder: Path, names: list[str], num_train: int = 16, num_val: int = 8) -> None:
    """Animals with a dot a keypoint: in the training set every second one is only tagged."""
    for split, number in (('train', num_train), ('val', num_val)):
        rng = np.random.default_rng(number)
        tags = TagFile.new(names, category='animal')
        for i in range(1, number + 1):
            points = rng.integers(10, SIZE - 10, size=(len(names), 2))
            flags = rng.integers(0, 3, size=len(names))
            image = rng.integers(90, 110, size=(SIZE, SIZE, 3), dtype=np.uint8)
            for k in np.flatnonzero(flags):
                cv2.circle(image, points[k].tolist(), 3, (12 * int(k), 255 - 12 * int(k), 90), -1)
            _picture(folder, tags, image, f'{split}_{i}.png', i)
            person = dict(id=f'a{i}', image_id=i, category_id=1, bbox=[5, 5, SIZE - 10, SIZE - 10])
            if split == 'val' or i % 2:
                rows = np.column_stack([points, flags]) * (flags > 0)[:, None]
                person.update(
                    keypoints=rows.flatten().tolist(), num_keypoints=int((flags > 0).sum())
                )
            else:
                person['keypoint_tags'] = [int(f > 0) for f in flags]
            if i % 4 == 0:
                view = dict(bbox=[0, 0, SIZE // 2, SIZE], keypoint_tags={names[0]: 1, names[1]: 0})
                person['tag_views'] = [view] * (i // 4)
            tags.annotations.append(person)
        tags.save(folder / f'{split}.json')


def _picture(folder: Path, tags: TagFile, image: np.ndarray, name: str, number: int) -> None:
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / 'images' / name), image)
    tags.images.append(dict(id=number, file_name=name, width=SIZE, height=SIZE))
