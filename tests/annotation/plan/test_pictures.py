"""Views as pictures, and their crops."""

import numpy as np

from lfhpe_mmpose.annotation.plan import draw_pictures
from lfhpe_mmpose.annotation.plan.cutting import cut
from lfhpe_mmpose.annotation.plan.persons import boxed_persons
from tests.refusal import refuses

from .conftest import entries_of


def _draw(photos, boxes, views=4):
    images = entries_of(photos)[:1]
    persons = boxed_persons(images, {'a.png': boxes})
    return persons, *draw_pictures(images, persons, views, 0)


class TestPictures:
    """`draw_pictures` and `cut`."""

    def test_shows_its_window(self, photos):
        """A crop has the pixels of its window, clipped to the image."""
        (person,), pictures, _ = _draw(photos, [[20, 10, 60, 50]])
        assert len(pictures) == 4
        for picture, crop in cut(pictures, photos):
            x1, y1, x2, y2 = picture.crop
            assert (crop[0, 0, :2] == (x1, y1)).all()
            assert (crop[-1, -1, :2] == (x2 - 1, y2 - 1)).all()
            if picture.view:
                x, y, w, h = person['tag_views'][picture.view - 1]['bbox']
                assert abs(np.array([x, y, x + w, y + h]) - picture.crop).max() <= 0.5
            else:
                assert picture.crop == (17, 8, 83, 62)  # 1.1 times the box

    def test_box_of_a_few_pixels_is_left_out(self, photos):
        """A remark says so."""
        _, pictures, remarks = _draw(photos, [[20, 10, 60, 5]])
        assert not pictures and 'smaller than 8 pixels' in remarks[0]

    def test_string_ids_give_harmless_file_names(self, photos):
        """Two similar ids give two files; half a character is an id as well."""
        images = entries_of(photos)[:1]
        persons = [dict(id=i, image_id=images[0]['id']) for i in ('../a b', '..-a-b', '\ud800')]
        files = [p.file for p in draw_pictures(images, persons, 1, 0)[0]]
        assert len(set(files)) == 3 and all(f.startswith('views/a-b-') for f in files[:2])

    def test_two_persons_with_one_file_name(self, photos, monkeypatch):
        """The second person is refused."""
        monkeypatch.setattr(
            'lfhpe_mmpose.annotation.plan.pictures.file_stem', lambda number: 'same'
        )
        with refuses('duplicate-id', place='a.png'):
            _draw(photos, [[20, 10, 60, 50], [20, 10, 60, 51]])
