"""Plans: ids, order, resuming, refusing."""

import json
import shutil

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan import (
    Settings,
    build,
    make_plan,
    persons_from_file,
    whole_images,
)
from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.annotation.plan.names import read_names
from lfhpe_mmpose.annotation.plan.persons import boxed_persons
from lfhpe_mmpose.annotation.plan.pictures import cut, draw_pictures
from lfhpe_mmpose.annotation.plan.selection import not_answered, shuffled
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_images
from lfhpe_mmpose.tags import TagFile, load_tag_file

from .people import plan_people

NAMES = ['head', 'tail']


@pytest.fixture
def photos(tmp_path):
    """Three images, one in a sub-folder; each pixel tells its place."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    for name in ('a.png', 'b.png', 'sub/a.png'):
        image = np.zeros((80, 120, 3), np.uint8)
        image[..., 0] = np.arange(120)
        image[..., 1] = np.arange(80)[:, None]
        cv2.imwrite(str(folder / name), image)
    return folder


def _plan(photos, out, settings=None, **options):
    images, _ = image_entries(photos, find_images(photos, out))
    settings = settings or Settings(NAMES, views=3, image_size=32)
    return make_plan(photos, out, images, whole_images(images), settings, **options)


class TestImages:
    """The images of a folder."""

    def test_sub_folders_and_the_plans_own(self, photos):
        """Pictures of an earlier plan are no images."""
        (photos / 'round1' / 'views').mkdir(parents=True)
        shutil.copy(photos / 'a.png', photos / 'round1' / 'views' / 'x.png')
        (photos / '.hidden.png').write_bytes(b'')
        assert find_images(photos, photos / 'round1') == ['a.png', 'b.png', 'sub/a.png']

    def test_damaged_image_is_told_and_left_out(self, photos):
        """By name, with the fault."""
        (photos / 'b.png').write_bytes((photos / 'b.png').read_bytes()[:40])
        entries, faults = image_entries(photos, find_images(photos))
        assert [e['file_name'] for e in entries] == ['a.png', 'sub/a.png']
        assert len(faults) == 1 and 'b.png: left out' in faults[0]

    def test_image_damaged_inside(self, photos):
        """Its ends are whole, what lies between is not."""
        data = bytearray((photos / 'b.png').read_bytes())
        data[60:70] = bytes(10)
        (photos / 'b.png').write_bytes(data)
        entries, faults = image_entries(photos, find_images(photos))
        assert len(entries) == 2 and 'b.png' in faults[0]

    def test_ids_do_not_depend_on_other_images(self, photos):
        """A new first file changes no id, and the same name elsewhere is another image."""
        before = {e['file_name']: e['id'] for e in image_entries(photos, find_images(photos))[0]}
        assert len(set(before.values())) == 3
        shutil.copy(photos / 'a.png', photos / '0.png')
        after = {e['file_name']: e['id'] for e in image_entries(photos, find_images(photos))[0]}
        assert {k: after[k] for k in before} == before


class TestNames:
    """The keypoints."""

    def test_three_sources(self, people):
        """Spelled out, of MMPose, of a file."""
        assert read_names(keypoints='head, tail') == (NAMES, [])
        names, skeleton = read_names(metainfo='coco')
        assert names[0] == 'nose' and [16, 14] in skeleton and len(skeleton) == 19
        file = people / 'annotations' / 'person_keypoints_train.json'
        assert read_names(like=str(file))[0] == load_tag_file(file).names()

    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            (dict(), 'one of'),
            (dict(keypoints='a,a'), "entry 2, 'a', occurs twice"),
            (dict(keypoints='a,,b'), "entry 2, '', is no name"),
            (dict(metainfo='cocco'), "did you mean 'coco'"),
        ],
    )
    def test_mistakes(self, options, message):
        """Named."""
        with pytest.raises(UserError, match=message):
            read_names(**options)


class TestPersons:
    """Boxes."""

    def test_ids_follow_the_box_not_the_order(self, photos):
        """The same box twice is one person."""
        images, _ = image_entries(photos, ['a.png'])
        boxes = [[1, 2, 30, 40], [50, 2, 30, 40]]
        one = boxed_persons(images, {'a.png': boxes})
        two = boxed_persons(images, {'a.png': [*boxes[::-1], boxes[0]]})
        key = lambda p: p['id']  # noqa: E731
        assert sorted(one, key=key) == sorted(two, key=key)

    def test_table(self, photos, tmp_path):
        """A row a person."""
        path = tmp_path / 'boxes.csv'
        path.write_text('image,x,y,width,height\nsub/a.png,1,2,30,40\n')
        images, _ = image_entries(photos, find_images(photos))
        _, (person,), _ = persons_from_file(str(path), str(photos), images)
        assert person['bbox'] == [1, 2, 30, 40] and person['image_id'] == images[2]['id']

    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            ('image,x,y,w,height\na.png,1,2,3,4', 'no column width'),
            ('image,x,y,width,height\nA.png,1,2,3,4', "row 2, column image.*mean 'a.png'"),
            ('image,x,y,width,height\na.png,1,b,3,4', "row 2, column y: 'b'"),
            ('image,x,y,width,height\na.png,1,1,0,4', 'above 0'),
            ('image,x,y,width,height\na.png,1,nan,3,4', 'pixels'),
        ],
    )
    def test_wrong_table(self, photos, tmp_path, text, message):
        """Row and column."""
        path = tmp_path / 'boxes.csv'
        path.write_text(text)
        images, _ = image_entries(photos, find_images(photos))
        with pytest.raises(UserError, match=message):
            persons_from_file(str(path), str(photos), images)

    def test_file_keeps_ids_and_drops_the_rest(self, photos, tmp_path):
        """No keypoint, no crowd, and an image that is not there is told."""
        tags = TagFile.new(NAMES)
        for number, name in (('x', 'a.png'), (7, 'gone.png')):
            tags.images.append(dict(id=number, file_name=name, width=120, height=80))
        person = dict(id=3, image_id='x', category_id=1, bbox=[1, 2, 30, 40])
        tags.annotations = [
            dict(person, keypoints=[1, 2, 2, 3, 4, 2], keypoint_tags=[1, 1]),
            dict(person, id=4, iscrowd=1),
            dict(person, id=5, image_id=7),
        ]
        tags.save(tmp_path / 'boxes.json')
        images, _ = image_entries(photos, find_images(photos))
        found = persons_from_file(str(tmp_path / 'boxes.json'), str(photos), images)
        assert found[0] == tags.images[:1]
        assert found[1] == [dict(id=3, image_id='x', bbox=[1, 2, 30, 40])]
        assert '1 images are not in' in found[2][0] and 'gone.png' in found[2][0]

    def test_file_of_other_images(self, photos, tmp_path):
        """Another size means another picture; no image at all means another folder."""
        tags = TagFile.new(NAMES)
        tags.images = [dict(id=1, file_name='a.png', width=80, height=120)]
        tags.save(tmp_path / 'boxes.json')
        images, _ = image_entries(photos, find_images(photos))
        with pytest.raises(UserError, match='80 x 120 pixels, the image is 120 x 80'):
            persons_from_file(str(tmp_path / 'boxes.json'), str(photos), images)
        tags.images[0]['file_name'] = 'photos/a.png'
        tags.save(tmp_path / 'boxes.json')
        with pytest.raises(UserError, match='none of its 1 images'):
            persons_from_file(str(tmp_path / 'boxes.json'), str(photos), images)


class TestPictures:
    """Crops."""

    def test_shows_its_window(self, photos):
        """The pixels of the window, clipped to the image."""
        images, _ = image_entries(photos, ['a.png'])
        persons = boxed_persons(images, {'a.png': [[20, 10, 60, 50]]})
        pictures, _ = draw_pictures(images, persons, 4, 0)
        assert len(pictures) == 4
        for picture, crop in cut(pictures, photos):
            x1, y1, x2, y2 = picture.crop
            assert (crop[0, 0, :2] == (x1, y1)).all()
            assert (crop[-1, -1, :2] == (x2 - 1, y2 - 1)).all()
            if picture.view:
                x, y, w, h = persons[0]['tag_views'][picture.view - 1]['bbox']
                assert abs(np.array([x, y, x + w, y + h]) - picture.crop).max() <= 0.5
            else:
                assert picture.crop == (17, 8, 83, 62)  # 1.1 times the box

    def test_box_of_a_few_pixels_is_left_out(self, photos):
        """And told."""
        images, _ = image_entries(photos, ['a.png'])
        persons = boxed_persons(images, {'a.png': [[20, 10, 60, 5]]})
        pictures, remarks = draw_pictures(images, persons, 4, 0)
        assert not pictures and 'less than 8 pixels' in remarks[0]

    def test_string_ids_give_harmless_file_names(self, photos):
        """Two ids that look alike are two files."""
        images, _ = image_entries(photos, ['a.png'])
        persons = [dict(id=i, image_id=images[0]['id']) for i in ('../a b', '..-a-b')]
        files = [p.file for p in draw_pictures(images, persons, 1, 0)[0]]
        assert len(set(files)) == 2 and all(f.startswith('views/a-b-') for f in files)


class TestMakePlan:
    """`make_plan`."""

    def test_writes_everything(self, photos, tmp_path):
        """Pictures of the right size, and no part file."""
        planned = _plan(photos, tmp_path / 'out')
        assert len(planned.pictures) == planned.possible == 9
        files = sorted(p.name for p in (tmp_path / 'out' / 'views').iterdir())
        assert files == sorted(p.file.removeprefix('views/') for p in planned.pictures)
        for picture in planned.pictures:
            assert max(cv2.imread(str(tmp_path / 'out' / picture.file)).shape) == 32
        names = sorted(p.name for p in (tmp_path / 'out').iterdir())
        wanted = ['label_studio_config.xml', 'label_studio_tasks.json', 'plan.json']
        assert names == [*wanted, 'questions.csv', 'views']

    def test_again_gives_the_same(self, photos, tmp_path):
        """Nothing is cut twice."""
        _plan(photos, tmp_path / 'out')
        before = {p: p.stat().st_mtime_ns for p in (tmp_path / 'out' / 'views').iterdir()}
        text = (tmp_path / 'out' / 'plan.json').read_bytes()
        planned = _plan(photos, tmp_path / 'out')
        assert planned.kept == 9
        assert (tmp_path / 'out' / 'plan.json').read_bytes() == text
        assert {p: p.stat().st_mtime_ns for p in before} == before

    def test_interrupted_run_goes_on(self, photos, tmp_path, monkeypatch):
        """The pictures that were cut are kept, and the plan is that of a whole run."""
        _plan(photos, tmp_path / 'whole')
        save, count = build.save_picture, []

        def interrupted(*args):
            if len(count) == 4:
                raise KeyboardInterrupt
            count.append(args)
            save(*args)

        monkeypatch.setattr(build, 'save_picture', interrupted)
        with pytest.raises(KeyboardInterrupt):
            _plan(photos, tmp_path / 'out')
        with pytest.raises(UserError, match='was interrupted'):
            build.load_plan(tmp_path / 'out' / 'plan.json')
        monkeypatch.undo()
        assert _plan(photos, tmp_path / 'out').kept == 4
        for file in (tmp_path / 'whole').rglob('*.*'):
            again = tmp_path / 'out' / file.relative_to(tmp_path / 'whole')
            assert again.read_bytes() == file.read_bytes()

    def test_more_images_leave_earlier_views_alone(self, photos, tmp_path):
        """The earlier pictures are a part of the later plan, with the same windows."""
        before = _plan(photos, tmp_path / 'out').plan
        shutil.copy(photos / 'a.png', photos / '0.png')
        after = _plan(photos, tmp_path / 'out').plan
        persons = {a['id']: a for a in after.annotations}
        assert len(persons) == 4
        assert all(persons[a['id']] == a for a in before.annotations)
        pictures = after.rest['plan']['pictures']
        kept = [p for p in pictures if p in before.rest['plan']['pictures']]
        assert kept == before.rest['plan']['pictures']  # in the same order

    @pytest.mark.parametrize(
        ('change', 'message'),
        [
            (dict(views=2), 'views 3, not 2'),
            (dict(seed=1), 'seed 0, not 1'),
            (dict(image_size=64), 'image_size 32, not 64'),
            (dict(keypoints=['head']), 'keypoints'),
            (dict(boxes='file'), "boxes 'whole', not 'file'"),
            (dict(whole_person=False), 'whole_person True, not False'),
        ],
    )
    def test_other_settings_are_refused(self, photos, tmp_path, change, message):
        """The plan stays as it is."""
        _plan(photos, tmp_path / 'out')
        text = (tmp_path / 'out' / 'plan.json').read_bytes()
        settings = Settings(**{**dict(keypoints=NAMES, views=3, image_size=32), **change})
        with pytest.raises(UserError, match=message):
            _plan(photos, tmp_path / 'out', settings)
        assert (tmp_path / 'out' / 'plan.json').read_bytes() == text

    def test_plan_of_an_earlier_version(self, photos, tmp_path):
        """It always asked about the whole person, and goes on."""
        _plan(photos, tmp_path / 'out')
        path = tmp_path / 'out' / 'plan.json'
        plan = json.loads(path.read_text())
        del plan['plan']['settings']['whole_person']
        path.write_text(json.dumps(plan))
        assert build.load_plan(path)[1].whole_person
        assert _plan(photos, tmp_path / 'out').kept == 9

    def test_no_picture_is_forgotten(self, photos, tmp_path):
        """A smaller budget would lose answers."""
        _plan(photos, tmp_path / 'out', budget=5)
        assert len(_plan(photos, tmp_path / 'out', budget=7).pictures) == 7
        with pytest.raises(UserError, match='asks 1 pictures that this plan would not'):
            _plan(photos, tmp_path / 'out', budget=6)

    def test_filled_in_table_is_not_overwritten(self, photos, tmp_path):
        """It is the work of a person."""
        _plan(photos, tmp_path / 'out')
        table = tmp_path / 'out' / 'questions.csv'
        table.write_text(table.read_text().replace(',,', ',1,', 1))
        with pytest.raises(UserError, match=r'questions\.csv: holds answers'):
            _plan(photos, tmp_path / 'out')
        assert ',1,' in table.read_text()

    def test_image_that_cannot_be_read_after_all(self, photos, tmp_path):
        """Its pictures are left out, the others are asked."""
        images, _ = image_entries(photos, find_images(photos))
        (photos / 'b.png').unlink()
        settings = Settings(NAMES, views=3, image_size=32)
        planned = make_plan(photos, tmp_path / 'out', images, whole_images(images), settings)
        assert len(planned.pictures) == 6 and 'b.png' in planned.remarks[0]
        assert len(json.loads((tmp_path / 'out' / 'label_studio_tasks.json').read_text())) == 6

    def test_nothing_to_ask(self, photos, tmp_path):
        """Said."""
        with pytest.raises(UserError, match='nothing to ask'):
            make_plan(photos, tmp_path / 'out', [], [], Settings(NAMES))


class TestSelection:
    """What was answered is not asked again."""

    def test_answered_pictures_are_left_out(self, people, tmp_path):
        """By person and window, whatever the seed of the order."""
        planned = plan_people(people, tmp_path / 'a', views=3)
        done = TagFile.new(planned.plan.names())
        first, second = planned.plan.annotations[:2]
        known = [1] + [-1] * 13
        windows = [dict(v, keypoint_tags=known) for v in first['tag_views'][1:]]
        done.annotations = [
            dict(first, keypoint_tags=known, tag_views=windows),
            {**second, 'keypoint_tags': [-1] * 14},  # nobody knows: not answered
        ]
        again = plan_people(people, tmp_path / 'b', views=3, done=done)
        left = {(p.annotation, p.view) for p in planned.pictures}
        left -= {(first['id'], 0), (first['id'], 2)}
        assert {(p.annotation, p.view) for p in again.pictures} == left

    def test_tags_of_other_pictures_are_a_mistake(self, people, tmp_path):
        """Another seed draws other views."""
        planned = plan_people(people, tmp_path / 'a', views=3)
        done = TagFile.new(planned.plan.names())
        first = planned.plan.annotations[0]
        done.annotations = [
            dict(first, tag_views=[dict(first['tag_views'][0], keypoint_tags=[1] * 14)])
        ]
        with pytest.raises(UserError, match='none of these pictures'):
            plan_people(people, tmp_path / 'b', views=3, seed=6, done=done)
        assert len(not_answered(planned.pictures, planned.plan.annotations, done)) == 143

    def test_order_by_chance_is_nested(self, people, tmp_path):
        """It depends on the picture and the seed alone."""
        pictures = plan_people(people, tmp_path / 'a').pictures
        assert shuffled(pictures, 5) == list(range(len(pictures)))
        assert shuffled(pictures, 6) != list(range(len(pictures)))
        half = sorted(pictures[::2], key=lambda p: p.file)
        assert [half[i] for i in shuffled(half, 5)] == pictures[::2]
