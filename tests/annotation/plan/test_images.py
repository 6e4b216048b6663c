"""Image entries of a folder."""

import os
import shutil

from PIL import Image

from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.files.image_folders import find_images

from .conftest import entries_of


class TestImageEntries:
    """`image_entries`."""

    def test_damaged_images_are_left_out(self, photos):
        """An image that is cut off, and one that is damaged in the middle, are reported."""
        data = (photos / 'b.png').read_bytes()
        (photos / 'b.png').write_bytes(data[:40])
        (photos / 'c.png').write_bytes(data[:60] + bytes(10) + data[70:])
        entries, faults = image_entries(photos, find_images(photos))
        assert [e['file_name'] for e in entries] == ['a.png', 'sub/a.png']
        assert len(faults) == 2 and 'b.png: left out' in faults[0] and 'c.png' in faults[1]

    def test_ids_do_not_depend_on_other_images(self, photos):
        """A new first file changes no id; the same name in another folder is another image."""
        before = {e['file_name']: e['id'] for e in entries_of(photos)}
        assert len(set(before.values())) == 3
        shutil.copy(photos / 'a.png', photos / '0.png')
        after = {e['file_name']: e['id'] for e in entries_of(photos)}
        assert {k: after[k] for k in before} == before

    def test_name_that_is_not_utf8(self, photos):
        """It is reported in letters that can be printed; the other images are used."""
        os.link(photos / 'a.png', os.fsencode(photos) + b'/caf\xe9.png')
        entries, (fault,) = image_entries(photos, find_images(photos))
        assert len(entries) == 3 and r'caf\xe9.png' in fault
        fault.encode()

    def test_more_pixels_than_pillow_opens(self, photos):
        """200 million pixels are not a damaged file."""
        Image.new('1', (20_000, 10_000)).save(photos / 'wide.png')
        entries, faults = image_entries(photos, ['wide.png'])
        assert (entries[0]['width'], entries[0]['height']) == (20_000, 10_000) and not faults
