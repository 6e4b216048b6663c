"""Tests of boxes and keypoints that do not fit their images, and of the guesses at the cause."""

import copy

import numpy as np
import pytest

from lfhpe_mmpose.tags import geometry
from lfhpe_mmpose.tags.misfits import misfits, size_guess

K = 6


def persons(number=40, seed=0):
    """Valid persons: annotation and image, boxes inside the image, keypoints inside the box."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(number):
        width, height = rng.integers(300, 800, 2).tolist()
        w, h = rng.uniform(0.3, 0.7) * width, rng.uniform(0.3, 0.7) * height
        x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
        points = rng.uniform([x, y], [x + w, y + h], (K, 2))
        rows = [[*point, 2] for point in points.tolist()]
        rows[-1] = [0, 0, 0]
        annotation = dict(id=i, bbox=[x, y, w, h], keypoints=[v for row in rows for v in row])
        out.append((annotation, dict(width=width, height=height)))
    return out


def changed(box=None, point=None, size=None, number=40):
    """The same persons with a function applied to each box, located point, or image size."""
    out = copy.deepcopy(persons(number))
    for annotation, image in out:
        w, h = image['width'], image['height']
        x, y, bw, bh = annotation['bbox']
        k = annotation['keypoints']
        if point:
            for i in range(0, 3 * K - 3, 3):
                k[i : i + 2] = point(k[i], k[i + 1], (x, y, bw, bh), w, h)
        if box:
            annotation['bbox'] = list(box(x, y, bw, bh, w, h))
        if size:
            image['width'], image['height'] = size(w, h)
    return out


def codes(found):
    """Code to guess without the sentence around it."""
    return {
        m.code: m.guess.removeprefix('They look like ').removesuffix('.') for m in misfits(found)
    }


class TestMisfits:
    """Whole files written in another form."""

    def test_valid(self):
        """Valid persons fit; so do persons without box, without points, without an image size."""
        assert misfits(persons()) == []
        some = persons()
        del some[0][0]['bbox'], some[1][0]['keypoints'], some[2][1]['width']
        some[3][0]['bbox'] = 'x'
        some[4][0]['keypoints'] = [1, 2]
        some[5][0]['keypoints'] = [0] * 3 * K
        assert misfits(some) == []
        assert misfits([]) == []

    def test_box_fractions(self):
        """An error for each box."""
        found = changed(box=lambda x, y, w, h, iw, ih: (x / iw, y / ih, w / iw, h / ih))
        (misfit,) = misfits(found)
        assert misfit[:5] == ('box-fraction', True, 40, 40, 'annotation 0')
        assert geometry.FRACTIONS in misfit.guess

    def test_box_corners(self):
        """Certain if all boxes can be corners and half of them cannot be sizes."""
        found = codes(changed(box=lambda x, y, w, h, iw, ih: (x, y, x + w, y + h)))
        assert found['box-corners'] == geometry.CORNERS
        assert found['box-partly-outside'] == geometry.CORNERS
        few = codes(changed(box=lambda x, y, w, h, iw, ih: (x, y, x + w, y + h), number=4))
        assert 'box-corners' not in few

    def test_padded_boxes(self):
        """Boxes that were enlarged beyond the image are not taken for corners or another size."""
        found = changed(box=lambda x, y, w, h, iw, ih: (x - w / 2, y - h / 2, 2 * w, 2 * h))
        assert codes(found) == {'box-partly-outside': ''}

    def test_sizes(self):
        """Width and height exchanged, and the size of an image half as large."""
        wide = [p for p in persons(200) if p[1]['width'] > 1.4 * p[1]['height']]
        for _, image in wide:
            image['width'], image['height'] = image['height'], image['width']
        assert codes(wide)['box-partly-outside'] == geometry.SWAPPED
        half = changed(size=lambda w, h: (w / 2, h / 2))
        assert codes(half)['box-partly-outside'] == geometry.SCALED

    @pytest.mark.parametrize(
        'point, code, guess',
        [
            (lambda x, y, b, w, h: (x / w, y / h), 'point-fraction', geometry.FRACTIONS),
            (
                lambda x, y, b, w, h: ((x - b[0]) / b[2], (y - b[1]) / b[3]),
                'point-fraction',
                geometry.OF_BOX,
            ),
            (
                lambda x, y, b, w, h: (100 * x / w, 100 * y / h),
                'point-outside-box',
                'percentages of the image',
            ),
            (lambda x, y, b, w, h: (x - 200, y), 'point-outside-box', ''),
        ],
    )
    def test_points(self, point, code, guess):
        """Fractions are certain; percentages are guessed; a shift is not explained."""
        found = codes(changed(point=point))
        assert guess in found[code] and bool(found[code]) == bool(guess)
        assert all(
            m.certain == (m.code in geometry.CERTAIN) for m in misfits(changed(point=point))
        )

    def test_points_of_the_box(self):
        """Offsets from the corner of the box, and exchanged coordinates."""
        far = persons(200)
        far = [p for p in far if min(p[0]['bbox'][:2]) > 150]
        for annotation, _ in far:
            k, (x, y, *_) = annotation['keypoints'], annotation['bbox']
            k[:-3:3] = [v - x for v in k[:-3:3]]
            k[1:-3:3] = [v - y for v in k[1:-3:3]]
        assert 'offsets from the corner' in codes(far)['point-outside-box']
        apart = [p for p in persons(300) if p[0]['bbox'][0] > 2.5 * p[0]['bbox'][1] + 100]
        for annotation, _ in apart:
            k = annotation['keypoints']
            k[:-3:3], k[1:-3:3] = k[1:-3:3], k[:-3:3]
        assert 'y, x in place' in codes(apart)['point-outside-box']

    def test_zero(self):
        """Located keypoints at exactly (0, 0) are counted, and are in no other misfit."""
        some = persons()
        for annotation, _ in some[:7]:
            annotation['keypoints'][:2] = [0, 0]
        (misfit,) = misfits(some)
        assert misfit[:4] == ('point-zero', False, 7, 40 * (K - 1))

    def test_single(self):
        """A single bad box or point is found, and not explained."""
        some = persons()
        some[3][0]['bbox'][2:] = [1.5, 200]
        some[4][0]['keypoints'][:2] = [-900, 5]
        assert codes(some) == {'box-tiny': '', 'point-outside': '', 'point-outside-box': ''}


class TestSizeGuess:
    """Sizes that are not those of the image files."""

    def test_guess(self):
        """Exchanged, annotated at another scale, or without a common reason."""
        swapped = [((40, 60), (60, 40)), ((80, 20), (20, 80))]
        assert 'exchanged' in size_guess(swapped)
        assert ' 2 times' in size_guess([((80, 120), (40, 60)), ((100, 60), (50, 30))])
        assert size_guess([*swapped, ((10, 10), (20, 20))]) == ''
        assert size_guess([((None, 60), (60, 40))]) == size_guess([]) == ''
