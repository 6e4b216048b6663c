"""Image entries of a folder."""

import shutil

from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.files.images import find_images

from .conftest import entries_of


class TestImageEntries:
    """`image_entries`."""

    def test_damaged_images_are_left_out(self, photos):
        """An image that is cut off is reported."""
        (photos / 'b.png').write_bytes((photos / 'b.png').read_bytes()[:40])
        entries, faults = image_entries(photos, find_images(photos))
        assert [e['file_name'] for e in entries] == ['a.png', 'sub/a.png']
        assert len(faults) == 1 and 'b.png: left out' in faults[0]

    def test_ids_do_not_depend_on_other_images(self, photos):
        """A new first file changes no id; the same name in another folder is another image."""
        before = {e['file_name']: e['id'] for e in entries_of(photos)}
        assert len(set(before.values())) == 3
        shutil.copy(photos / 'a.png', photos / '0.png')
        after = {e['file_name']: e['id'] for e in entries_of(photos)}
        assert {k: after[k] for k in before} == before
