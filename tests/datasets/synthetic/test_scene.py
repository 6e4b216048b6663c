"""One picture: reproducible, truthful, varied."""

import time

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.datasets.synthetic import KEYPOINT_NAMES, draw_person_image
from lfhpe_mmpose.datasets.synthetic.keypoints import owners
from lfhpe_mmpose.datasets.synthetic.scene import PERSON_STRIDE
from tests.refusal import refuses


def table(annotation: dict) -> np.ndarray:
    """Keypoints as (K, 3)."""
    return np.array(annotation['keypoints']).reshape(-1, 3)


@pytest.fixture(scope='module')
def many():
    """400 pictures' annotations with the 14 keypoints, and with the 17."""
    return {
        keypoints: [
            annotation
            for index in range(400)
            for annotation in draw_person_image(0, index, keypoints=keypoints)[1]
        ]
        for keypoints in ('lsp', 'coco')
    }


class TestReproducible:
    """A pure function of seed and index."""

    def test_same_seed_same_picture(self):
        """Calls in between change nothing."""
        first, people = draw_person_image(5, 17)
        draw_person_image(5, 18)
        again, same = draw_person_image(5, 17)
        assert first.tobytes() == again.tobytes() and people == same

    @pytest.mark.parametrize('seed, index', [(6, 17), (5, 18), (51, 7)])
    def test_other_seed_or_index_other_people(self, seed, index):
        """Another seed or index gives other people, also where the digits join alike."""
        _, people = draw_person_image(5, 17)
        _, others = draw_person_image(seed, index)
        assert people != others

    def test_keypoint_set_does_not_change_the_picture(self):
        """The 14 and the 17 keypoints describe the same picture, alike where they share joints."""
        lsp, a = draw_person_image(1, 2, keypoints='lsp')
        coco, b = draw_person_image(1, 2, keypoints='coco')
        assert lsp.tobytes() == coco.tobytes()
        left = KEYPOINT_NAMES['lsp'].index('left_knee'), KEYPOINT_NAMES['coco'].index('left_knee')
        assert table(a[0])[left[0]].tolist() == table(b[0])[left[1]].tolist()


class TestTruthful:
    """Flags, boxes and counts say what the picture shows."""

    @pytest.mark.parametrize('persons', [1, 3])
    def test_flags_agree_with_the_part_map(self, persons):
        """2: the pixel shows a part of this person that owns the keypoint; 0: zeros."""
        counts, shown = np.zeros(3, int), set()
        for index in range(60):
            image, people, parts = draw_person_image(
                2, index, keypoints='lsp', persons=persons, return_parts=True
            )
            height, width = image.shape[:2]
            for annotation in people:
                owner = set(range(persons))
                for name, (x, y, v) in zip(KEYPOINT_NAMES['lsp'], table(annotation)):
                    counts[int(v)] += 1
                    if v == 0:
                        assert x == y == 0
                        continue
                    x, y = round(x), round(y)
                    assert 0 <= x < width and 0 <= y < height
                    person, part = divmod(int(parts[y, x]), PERSON_STRIDE)
                    if v == 2:
                        assert part in owners(name), (index, name)
                        owner &= {person}
                # All that is seen of an annotation is seen of one person.
                assert len(owner) >= 1
                shown |= owner if len(owner) == 1 else set()
        assert (counts > 20).all()
        assert shown == set(range(persons))

    def test_box_and_area_follow_the_silhouette(self):
        """The box holds the person's pixels, lies in the picture; the area counts those seen."""
        for index in range(60):
            _, people, parts = draw_person_image(3, index, return_parts=True)
            for annotation in people:
                x, y, w, h = annotation['bbox']
                assert x >= 0 and y >= 0 and x + w <= 176.05 and y + h <= 176.05
                rows, columns = np.nonzero((parts > 0) & (parts < PERSON_STRIDE))
                assert annotation['area'] == max(1, len(rows))
                if len(rows):
                    assert columns.min() >= x - 0.1 and columns.max() + 1 <= x + w + 0.1
                    assert rows.min() >= y - 0.1 and rows.max() + 1 <= y + h + 0.1
                flags = table(annotation)[:, 2]
                assert annotation['num_keypoints'] == (flags > 0).sum()
                assert annotation['iscrowd'] == 0

    def test_padding_is_uneven(self):
        """Boxes leave unequal room at the sides, as those of annotators do."""
        offsets = []
        for index in range(80):
            _, people, parts = draw_person_image(4, index, return_parts=True)
            x, _, w, _ = people[0]['bbox']
            columns = np.nonzero(parts.any(axis=0))[0]
            if x > 1 and x + w < 175:
                offsets.append((columns.min() - x) - (x + w - columns.max()))
        assert np.std(offsets) > 3


class TestVaried:
    """Tags and places vary."""

    @pytest.mark.parametrize('keypoints', ['lsp', 'coco'])
    def test_every_keypoint_is_absent_at_times(self, many, keypoints):
        """Each keypoint cannot be seen in 12 to 40% of people (ears: 60%), outside in 3 to 30%."""
        flags = np.array([table(a)[:, 2] for a in many[keypoints]])
        for name, hidden, outside in zip(
            KEYPOINT_NAMES[keypoints], (flags < 2).mean(axis=0), (flags == 0).mean(axis=0)
        ):
            high = 0.6 if name.endswith(('ear', 'eye')) else 0.45
            assert 0.12 < hidden < high, name
            assert 0.03 < outside < 0.30, name

    def test_left_and_right_are_alike(self, many):
        """No side is hidden more often than the other."""
        flags = np.array([table(a)[:, 2] for a in many['lsp']])
        hidden = dict(zip(KEYPOINT_NAMES['lsp'], (flags < 2).mean(axis=0)))
        for joint in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'):
            assert abs(hidden[f'left_{joint}'] - hidden[f'right_{joint}']) < 0.1

    def test_sizes_vary(self, many):
        """The longer side of the boxes differs by a fifth and more."""
        longer = np.array([max(a['bbox'][2:]) for a in many['lsp']])
        low, high = np.quantile(longer, (0.1, 0.9))
        assert high > 1.2 * low

    def test_several_people(self):
        """With three persons, most pictures show three, and boxes overlap at times."""
        numbers, overlaps = [], 0
        for index in range(40):
            _, people = draw_person_image(0, index, persons=3)
            numbers.append(len(people))
            boxes = [a['bbox'] for a in people]
            overlaps += any(
                a[0] < b[0] + b[2]
                and b[0] < a[0] + a[2]
                and a[1] < b[1] + b[3]
                and b[1] < a[1] + a[3]
                for i, a in enumerate(boxes)
                for b in boxes[:i]
            )
        assert np.mean(numbers) > 2.5
        assert overlaps > 10


class TestArguments:
    """Bad arguments are named."""

    @pytest.mark.parametrize(
        'arguments, word',
        [
            (dict(keypoints='mpii'), 'keypoints'),
            (dict(image_size=20), 'image_size'),
            (dict(image_size=(100, 100, 3)), 'image_size'),
            (dict(image_size=99.5), 'image_size'),
            (dict(persons=0), 'persons'),
            (dict(persons=8), 'persons'),
            (dict(back_views=1.5), 'back_views'),
        ],
    )
    def test_error_names_the_argument(self, arguments, word):
        """The error names the argument."""
        with refuses('argument', word):
            draw_person_image(0, 0, **arguments)

    def test_width_and_height(self):
        """A size is width, height."""
        image, _ = draw_person_image(0, 0, image_size=(120, 90))
        assert image.shape == (90, 120, 3)


class TestSpeed:
    """Fast enough to make thousands in seconds."""

    def test_pictures_a_second(self):
        """Processor time allows 60 pictures a second with the JPEG; on idle machines far more."""
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        try:
            draw_person_image(0, 0)
            began = time.process_time()
            for index in range(100):
                cv2.imencode('.jpg', draw_person_image(9, index)[0])
            assert 100 / (time.process_time() - began) > 60
        finally:
            cv2.setNumThreads(threads)
