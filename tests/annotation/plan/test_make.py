"""Plans: written, repeated, interrupted, refused."""

import errno
import json
import os
import shutil

import cv2
import pytest

from lfhpe_mmpose.annotation.plan import Settings, cutting, load_plan, make_plan, whole_images
from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.files.image_folders import find_images
from tests.refusal import refuses

from .conftest import NAMES, entries_of, plan_photos


@pytest.fixture
def out(tmp_path):
    """Folder of the plan."""
    return tmp_path / 'out'


class TestWriting:
    """What a plan writes."""

    def test_writes_everything(self, photos, out):
        """Pictures of the right size, the plan, the forms, and no temporary file."""
        planned = plan_photos(photos, out)
        assert len(planned.pictures) == planned.possible == 9
        files = sorted(p.name for p in (out / 'views').iterdir())
        assert files == sorted(p.file.removeprefix('views/') for p in planned.pictures)
        for picture in planned.pictures:
            assert max(cv2.imread(str(out / picture.file)).shape) == 32
        names = sorted(p.name for p in out.iterdir())
        wanted = ['label_studio_config.xml', 'label_studio_tasks.json', 'plan.json']
        assert names == [*wanted, 'questions.csv', 'views']

    def test_again_gives_the_same(self, photos, out):
        """No picture is cut twice."""
        plan_photos(photos, out)
        before = {p: p.stat().st_mtime_ns for p in (out / 'views').iterdir()}
        text = (out / 'plan.json').read_bytes()
        assert plan_photos(photos, out).kept == 9
        assert (out / 'plan.json').read_bytes() == text
        assert {p: p.stat().st_mtime_ns for p in before} == before

    def test_interrupted_run_goes_on(self, photos, tmp_path, out, monkeypatch):
        """Cut pictures are kept, and the plan equals that of an uninterrupted run."""
        plan_photos(photos, tmp_path / 'whole' / 'out')
        save, count = cutting.save_picture, []

        def interrupted(*args):
            if len(count) == 4:
                raise KeyboardInterrupt
            count.append(args)
            save(*args)

        monkeypatch.setattr(cutting, 'save_picture', interrupted)
        with pytest.raises(KeyboardInterrupt):
            plan_photos(photos, out)
        with refuses('plan-incomplete', place=out / 'plan.json'):
            load_plan(out / 'plan.json')
        monkeypatch.undo()
        assert plan_photos(photos, out).kept == 4
        for file in (tmp_path / 'whole').rglob('*.*'):
            again = tmp_path / file.relative_to(tmp_path / 'whole')
            assert again.read_bytes() == file.read_bytes()

    def test_more_images_leave_earlier_views_alone(self, photos, out):
        """The earlier pictures are part of the later plan, in the same order."""
        before = plan_photos(photos, out).plan
        shutil.copy(photos / 'a.png', photos / '0.png')
        after = plan_photos(photos, out).plan
        persons = {a['id']: a for a in after.annotations}
        assert len(persons) == 4
        assert all(persons[a['id']] == a for a in before.annotations)
        earlier = before.rest['plan']['pictures']
        assert [p for p in after.rest['plan']['pictures'] if p in earlier] == earlier

    def test_image_that_becomes_unreadable(self, photos, out):
        """Its pictures are left out, the others are asked."""
        images = entries_of(photos)
        (photos / 'b.png').unlink()
        settings = Settings(NAMES, views=3, image_size=32)
        planned = make_plan(photos, out, images, whole_images(images), settings)
        assert len(planned.pictures) == 6 and 'b.png' in planned.remarks[0]
        assert len(json.loads((out / 'label_studio_tasks.json').read_text())) == 6
        for name in ('a.png', 'sub/a.png'):
            (photos / name).unlink()
        with refuses('unreadable-image', place=photos):
            make_plan(photos, out.with_name('other'), images, whole_images(images), settings)


class TestEarlierPlan:
    """A folder that holds a plan."""

    @pytest.mark.parametrize(
        'change',
        [
            dict(views=2),
            dict(seed=1),
            dict(image_size=64),
            dict(keypoints=['head']),
            dict(boxes='file'),
            dict(whole_person=False),
        ],
    )
    def test_other_settings_are_refused(self, photos, out, change):
        """The plan is unchanged, and the setting is named."""
        plan_photos(photos, out)
        text = (out / 'plan.json').read_bytes()
        settings = Settings(**{**dict(keypoints=NAMES, views=3, image_size=32), **change})
        with refuses('plan-settings', place=out / 'plan.json') as caught:
            plan_photos(photos, out, settings)
        assert next(iter(change)) in caught.value.fault
        assert (out / 'plan.json').read_bytes() == text

    def test_plan_of_an_earlier_version(self, photos, out):
        """It always asked about the whole person, and continues."""
        plan_photos(photos, out)
        plan = json.loads((out / 'plan.json').read_text())
        del plan['plan']['settings']['whole_person']
        (out / 'plan.json').write_text(json.dumps(plan))
        assert load_plan(out / 'plan.json')[1].whole_person
        assert plan_photos(photos, out).kept == 9

    def test_no_picture_is_forgotten(self, photos, out):
        """A smaller budget would lose answers."""
        plan_photos(photos, out, budget=5)
        assert len(plan_photos(photos, out, budget=7).pictures) == 7
        with refuses('answers-lost', place=out / 'plan.json'):
            plan_photos(photos, out, budget=6)

    def test_filled_in_table_is_not_overwritten(self, photos, out):
        """It is the work of an annotator."""
        plan_photos(photos, out)
        table = out / 'questions.csv'
        table.write_text(table.read_text().replace(',,', ',1,', 1))
        with refuses('answers-lost', place=table):
            plan_photos(photos, out)
        assert ',1,' in table.read_text()
        latin = table.read_text().replace(',1,', ';sí;').encode('latin-1')
        table.write_bytes(latin)
        with refuses('answers-lost', place=table):
            plan_photos(photos, out)
        assert table.read_bytes() == latin

    def test_other_files_are_in_the_way(self, photos, out):
        """A tag file called plan.json, and views without a plan."""
        (out / 'views').mkdir(parents=True)
        with refuses('in-the-way', place=out):
            plan_photos(photos, out)
        plan = dict(images=[], annotations=[], categories=[])
        (out / 'plan.json').write_text(json.dumps(plan))
        for about in (
            {},
            dict(plan=dict(settings={})),
            dict(plan=dict(settings={}, pictures=[1])),
        ):
            (out / 'plan.json').write_text(json.dumps({**plan, **about}))
            with refuses('plan', place=out / 'plan.json'):
                plan_photos(photos, out)
            with refuses('plan', place=out / 'plan.json'):
                load_plan(out / 'plan.json')

    def test_folder_that_cannot_be_written(self, photos, out):
        """It lies below a file."""
        out.write_text('')
        with refuses('not-writable', place=out):
            plan_photos(photos, out / 'round1')

    @pytest.mark.parametrize('kind', ['plan.json', '.jpg', '.csv', '.xml', 'tasks.json'])
    def test_full_disk(self, photos, out, monkeypatch, kind):
        """Whichever file does not fit is named; the plan continues when there is space."""
        real = os.replace

        def full(part, target):
            if str(target).endswith(kind):
                raise OSError(errno.ENOSPC, 'No space left on device', str(target))
            real(part, target)

        monkeypatch.setattr('lfhpe_mmpose.files.writing.os.replace', full)
        with refuses('disk-full', place=kind):
            plan_photos(photos, out)
        monkeypatch.undo()
        assert len(plan_photos(photos, out).pictures) == 9
        assert not list(out.rglob('.*'))

    def test_nothing_to_ask(self, photos, out):
        """A plan without persons is refused."""
        with refuses('nothing-to-ask', place=photos):
            make_plan(photos, out, [], [], Settings(NAMES))

    def test_plans_own_pictures_are_no_images(self, photos, out):
        """A plan inside the folder of images does not ask about its own pictures."""
        inside = photos / 'round1'
        plan_photos(photos, inside)
        assert plan_photos(photos, inside).kept == 9
        assert len(image_entries(photos, find_images(photos, inside))[0]) == 3
