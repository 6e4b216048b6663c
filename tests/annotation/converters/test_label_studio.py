"""Label Studio's export, as it writes it, and what is wrong with others."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.converters import AnswerWords, label_studio
from lfhpe_mmpose.tags import TagFile
from tests.annotation.plan.people import choice, genuine
from tests.refusal import refuses

NAMES = ['nose', 'left_wrist', 'right_wrist']
SIZE = dict(original_width=216, original_height=174, image_rotation=0)


def rectangle(number, box, label='person', **more):
    """A rectangle as Label Studio exports it; its box in percent."""
    value = dict(zip(('x', 'y', 'width', 'height'), box, strict=True))
    value.update(rotation=0, rectanglelabels=[label])
    head = dict(id=number, type='rectanglelabels', origin='manual', to_name='image')
    return {**head, 'from_name': 'bbox', **SIZE, 'value': value, **more}


def about(region, name, answer):
    """Choices perRegion: they have the region's id and repeat its place."""
    value = {k: v for k, v in region['value'].items() if k != 'rectanglelabels'}
    head = dict(id=region['id'], type='choices', origin='manual', to_name='image')
    return {**head, 'from_name': name, **SIZE, 'value': {**value, 'choices': [answer]}}


def point(number, name, x, y, **more):
    """A labelled point."""
    value = dict(x=x, y=y, width=0.23, keypointlabels=[name])
    head = dict(id=number, type='keypointlabels', origin='manual', to_name='image')
    return {**head, 'from_name': 'keypoints', **SIZE, 'value': value, **more}


def save(path, *tasks):
    """Write an export."""
    path.write_text(json.dumps(tasks))
    return str(path)


@pytest.fixture
def plan():
    """A plan of one person with two sub-crops, one of them asked."""
    tags = TagFile.new(NAMES)
    tags.images = [dict(id=1, file_name='a.jpg', width=100, height=100)]
    views = [dict(bbox=[5, 5, 20, 20 + v], keypoint_tags=[-1] * 3) for v in (1, 2)]
    tags.annotations = [
        dict(id=17, image_id=1, category_id=1, bbox=[0, 0, 50, 60], tag_views=views)
    ]
    tags.rest['plan'] = dict(
        pictures=[dict(file=f'views/17_{v}.jpg', annotation=17, view=v) for v in (0, 2)]
    )
    tags.path = 'plan.json'
    return tags


class TestPlanPictures:
    """Answers about a plan's pictures."""

    @pytest.mark.parametrize(
        'url',
        [
            '/data/local-files/?d=views/17_2.jpg',
            '/data/upload/18/1f0e3dad-17_2.jpg',
            'https://bucket.example/x/17_2.jpg?X-Amz-Signature=0/1',
            's3://bucket/views/17_2.jpg',
            'views/17_2.jpg',
        ],
    )
    def test_picture_is_found_by_its_base_name(self, tmp_path, plan, url):
        """Whichever way Label Studio got it."""
        path = save(tmp_path / 'e.json', genuine(1, url, [choice('nose', 'visible')]))
        (person,) = label_studio.read(path, plan=plan).annotations
        assert person['tag_views'] == [dict(bbox=[5, 5, 20, 22], keypoint_tags=[1, -1, -1])]
        assert 'keypoint_tags' not in person

    @pytest.mark.parametrize(
        'url', ['/data/upload/18/1f0e3dad-17_1.jpg', '1f0e3da-17_2.jpg', 'x17_2.jpg']
    )
    def test_other_picture_is_never_guessed(self, tmp_path, plan, url):
        """Task and field are named."""
        path = save(tmp_path / 'e.json', genuine(7, url, [choice('nose', 'visible')]))
        with refuses('unknown-picture', place='task 7, annotation 1007: data.image'):
            label_studio.read(path, plan=plan)

    def test_skipped_tasks_drafts_and_predictions_are_no_answers(self, tmp_path, plan):
        """Only what somebody submitted."""
        task = genuine(1, '17_0.jpg', [choice('nose', 'visible')], was_cancelled=True)
        tags = label_studio.read(save(tmp_path / 'e.json', task), plan=plan)
        assert tags.annotations == []

    def test_two_annotators(self, tmp_path, plan):
        """They agree, differ, or one is starred."""
        one = genuine(1, '17_0.jpg', [choice('nose', 'visible'), choice('left_wrist', 'visible')])
        two = genuine(1, '17_0.jpg', [choice('nose', 'visible'), choice('left_wrist', 'no')])
        one['annotations'] += two['annotations']
        path = save(tmp_path / 'e.json', one)
        with refuses('conflict') as caught:
            label_studio.read(path, plan=plan)
        assert 'left_wrist is 1' in caught.value.fault
        (person,) = label_studio.read(path, plan=plan, conflicts='unknown').annotations
        assert person['keypoint_tags'] == [1, -1, -1]
        one['annotations'][1]['ground_truth'] = True
        (person,) = label_studio.read(save(tmp_path / 'e.json', one), plan=plan).annotations
        assert person['keypoint_tags'] == [1, 0, -1]

    def test_ticks(self, tmp_path, plan):
        """Not ticked is absent; ticked as unknown is unknown; nothing is nothing."""
        result = [choice('visible', 'nose'), choice('cannot_tell', 'right_wrist')]
        path = save(
            tmp_path / 'e.json',
            genuine(1, '17_0.jpg', result),
            genuine(2, '17_2.jpg', [choice('visible', 'none of these')]),
        )
        (person,) = label_studio.read(path, plan=plan).annotations
        assert person['keypoint_tags'] == [1, 0, -1]
        assert person['tag_views'][0]['keypoint_tags'] == [0, 0, 0]

    def test_ticked_twice(self, tmp_path, plan):
        """A keypoint ticked as visible and as unknown: the task is named, --conflicts decides."""
        result = [choice('visible', 'nose', 'left_wrist'), choice('cannot_tell', 'nose')]
        path = save(tmp_path / 'e.json', genuine(3, '17_0.jpg', result))
        with refuses('conflict', place='task 3, annotation 1003'):
            label_studio.read(path, plan=plan)
        (person,) = label_studio.read(path, plan=plan, conflicts='unknown').annotations
        assert person['keypoint_tags'] == [-1, 1, 0]

    def test_empty_submission_answers_nothing(self, tmp_path, plan):
        """It is not read as 'nothing is visible'."""
        path = save(tmp_path / 'e.json', genuine(1, '17_0.jpg', []))
        assert label_studio.read(path, plan=plan).annotations == []

    @pytest.mark.parametrize(
        ('result', 'code'),
        [
            ([choice('nose', 'visble')], 'answer'),
            ([choice('left_wirst', 'visible')], 'unknown-keypoint'),
            ([choice('nose', 'visible', 'not visible')], 'answer'),
            ([choice('visible', 'nose', 'tail')], 'unknown-keypoint'),
            ([choice('visible', 'nose', 'none of these')], 'answer'),
            ([choice('visible', 'nose'), choice('cannot_tell', 'nose')], 'conflict'),
            ([rectangle('r', [0, 0, 9, 9])], 'region'),
            ([dict(type='choices', value={})], 'structure'),
            ([dict(choice('nose'), value=dict(choices='visible'))], 'structure'),
        ],
    )
    def test_wrong_answers(self, tmp_path, plan, result, code):
        """The task and the annotation are named."""
        path = save(tmp_path / 'e.json', genuine(3, '17_0.jpg', result))
        with refuses(code, place='task 3, annotation 1003'):
            label_studio.read(path, plan=plan)

    def test_other_questions_of_the_project(self, tmp_path, plan):
        """Choices with other answers are about something else."""
        result = [choice('quality', 'blurred'), choice('nose', 'visible')]
        path = save(tmp_path / 'e.json', genuine(1, '17_0.jpg', result))
        (person,) = label_studio.read(path, plan=plan).annotations
        assert person['keypoint_tags'] == [1, -1, -1]

    def test_own_words(self, tmp_path, plan):
        """As with every format."""
        path = save(tmp_path / 'e.json', genuine(1, '17_0.jpg', [choice('nose', 'oui')]))
        words = AnswerWords().extended(seen=['oui'])
        (person,) = label_studio.read(path, plan=plan, words=words).annotations
        assert person['keypoint_tags'][0] == 1

    def test_keypoints_of_another_plan(self, tmp_path, plan):
        """Refused."""
        path = save(tmp_path / 'e.json', genuine(1, '17_0.jpg', []))
        with refuses('keypoint-names'):
            label_studio.read(path, names=['nose'], plan=plan)


class TestImages:
    """Whole images, without a plan."""

    def test_names_and_size_of_the_export(self, tmp_path):
        """Controls in their order; the size from the data."""
        result = [choice('quality', 'good'), choice('tail', 'yes'), choice('head', 'no')]
        task = genuine(1, '/data/upload/1/0123abcd-cat%20a.jpg', result)
        task['data'].update(width=60, height=40)
        tags = label_studio.read(save(tmp_path / 'e.json', task))
        assert tags.names() == ['tail', 'head']
        assert tags.images == [dict(id=1, file_name='cat a.jpg', width=60, height=40)]
        assert tags.annotations == [dict(id=1, image_id=1, category_id=1, keypoint_tags=[1, 0])]

    def test_size_of_the_image_file(self, tmp_path):
        """With the folder; without it the remedy is named."""
        from PIL import Image

        Image.new('RGB', (30, 20)).save(tmp_path / 'a.png')
        path = save(tmp_path / 'e.json', genuine(1, 'a.png', [choice('tail', 'yes')]))
        with refuses('no-size', place='task 1'):
            label_studio.read(path)
        (image,) = label_studio.read(path, image_root=str(tmp_path)).images
        assert (image['width'], image['height']) == (30, 20)

    def test_local_files_keep_their_folders(self, tmp_path):
        """Two images of one name are two images."""
        tasks = [
            genuine(i, f'/data/local-files/?d={d}/a%20b.jpg', [choice('tail', 'yes')])
            for i, d in enumerate('xy')
        ]
        for task in tasks:
            task['data'].update(width=60, height=40)
        tags = label_studio.read(save(tmp_path / 'e.json', *tasks))
        assert [i['file_name'] for i in tags.images] == ['x/a b.jpg', 'y/a b.jpg']

    @pytest.mark.parametrize(
        ('url', 'name'),
        [
            ('/data/local-files/?d=x/a+b.jpg', 'x/a+b.jpg'),
            ('/data/local-files/?d=x/a#1.jpg', 'x/a#1.jpg'),
            ('/data/local-files/?d=x/a&b.jpg', 'x/a&b.jpg'),
            ('/data/local-files/?d=x/a%2Bb%26%23%20c.jpg', 'x/a+b&# c.jpg'),
            ('http://host:8080/data/local-files/?d=x/a.jpg&t=1', 'x/a.jpg'),
            ('s3://bucket/x/a#1?.jpg', 'a#1?.jpg'),
            ('s3://bucket/x/a%20b.jpg', 'a b.jpg'),
            ('https://host/x/a%20b.jpg?s=1#t', 'a b.jpg'),
        ],
    )
    def test_addresses(self, tmp_path, url, name):
        """Names keep their +, # and &, raw or escaped."""
        task = genuine(1, url, [choice('tail', 'yes')])
        task['data'].update(width=60, height=40)
        (image,) = label_studio.read(save(tmp_path / 'e.json', task)).images
        assert image['file_name'] == name

    def test_other_data_entry(self, tmp_path):
        """The only entry of the data that looks like an image is the image."""
        task = genuine(1, '', [choice('tail', 'yes')])
        task['data'] = dict(photo='/data/upload/1/0123abcd-a.JPG', text='a', width=6, height=4)
        (image,) = label_studio.read(save(tmp_path / 'e.json', task)).images
        assert image['file_name'] == 'a.JPG'
        task['data']['other'] = 'b.png'
        with refuses('malformed', place='task 1'):
            label_studio.read(save(tmp_path / 'e.json', task))

    def test_two_uploads_of_one_name(self, tmp_path):
        """Which of them is meant is not guessed."""
        tasks = [
            genuine(i, f'/data/upload/1/{i}123abcd-a.jpg', [choice('tail', 'yes')]) for i in (1, 2)
        ]
        with refuses('duplicate-image', place='task 2'):
            label_studio.read(save(tmp_path / 'e.json', *tasks))

    def test_ticks_need_names(self, tmp_path):
        """What nobody ticked is not in the file."""
        task = genuine(1, 'a.jpg', [choice('visible', 'tail')])
        task['data'].update(width=60, height=40)
        path = save(tmp_path / 'e.json', task)
        with refuses('no-keypoints'):
            label_studio.read(path)
        (person,) = label_studio.read(path, names=['head', 'tail']).annotations
        assert person['keypoint_tags'] == [0, 1]

    def test_json_min(self, tmp_path):
        """Words for one choice, an object for several, data beside them."""
        task = dict(image='/data/upload/29/example.png', width=9, height=8, id=87, tail='visible')
        task.update(head='not visible', annotator=1, annotation_id=22, lead_time=8.65)
        task.update(created_at='2026-01-30T02:40:43Z', updated_at='2026-01-30T02:40:43Z')
        tags = label_studio.read(save(tmp_path / 'e.json', task))
        assert tags.names() == ['tail', 'head']
        assert tags.annotations[0]['keypoint_tags'] == [1, 0]
        del task['tail'], task['head']
        task['visible'] = dict(choices=['tail', 'ear'])
        (person,) = label_studio.read(
            save(tmp_path / 'e.json', task), names=['head', 'tail', 'ear']
        ).annotations
        assert person['keypoint_tags'] == [0, 1, 1]

    def test_json_min_numbers(self, tmp_path):
        """1 and true are answers; without --keypoints they are not dropped in silence."""
        task = dict(image='a.png', width=9, height=8, id=87, tail=1, head=True, ear='visible')
        path = save(tmp_path / 'e.json', task)
        tags = label_studio.read(path, names=['tail', 'head', 'ear', 'eye'])
        assert tags.annotations[0]['keypoint_tags'] == [1, 1, 1, -1]
        with refuses('no-keypoints'):
            label_studio.read(path)
        path = save(tmp_path / 'e.json', dict(task, tail=7, head=2))
        assert label_studio.read(path).names() == ['ear']

    def test_json_min_with_regions_or_wrong_names(self, tmp_path):
        """It does not say which answers are about which region."""
        task = dict(image='a.png', width=9, height=8, id=87, tial='visible')
        with refuses('unknown-keypoint', place='task 87'):
            label_studio.read(save(tmp_path / 'e.json', task), names=['tail'])
        task['bbox'] = [dict(x=1, y=2, width=3, height=4, rectanglelabels=['person'])]
        with refuses('region', place='task 87'):
            label_studio.read(save(tmp_path / 'e.json', task))


class TestRegions:
    """Rectangles and points."""

    def test_tagged_person_with_a_view_and_a_located_one(self, tmp_path):
        """Percent become pixels; views and points are their parents'."""
        one, two = rectangle('A', [25, 50, 50, 25]), rectangle('B', [0, 0, 10, 100])
        view = rectangle('V', [25, 50, 25, 25], 'view', parentID='A')
        result = [
            about(view, 'nose', 'visible'),
            view,
            point('p', 'left_wrist', 64.44444444444444, 50, parentID='B'),
            *(one, two),
            about(one, 'nose', 'visible'),
            about(one, 'right_wrist', 'not visible'),
            dict(type='relation', to_id='A', from_id='B', direction='right'),
        ]
        path = save(tmp_path / 'e.json', genuine(1, 'a.jpg', result))
        tags = label_studio.read(path, names=NAMES)
        a, b = tags.annotations
        assert a['bbox'] == [54, 87, 108, 43.5]
        assert a['keypoint_tags'] == [1, -1, 0]
        assert a['tag_views'] == [dict(bbox=[54, 87, 54, 43.5], keypoint_tags=[1, -1, -1])]
        assert 'keypoints' not in a and 'keypoint_tags' not in b
        assert b['keypoints'] == [0, 0, 0, 139.2, 87, 2, 0, 0, 0]
        assert b['num_keypoints'] == 1
        assert tags.images == [dict(id=1, file_name='a.jpg', width=216, height=174)]
        assert tags.categories[0]['name'] == 'person'

    @pytest.mark.parametrize(
        ('result', 'code'),
        [
            ([rectangle('V', [0, 0, 9, 9], 'view'), choice('nose', 'no')], 'region'),
            ([rectangle('A', [0, 0, 9, 9]), point('p', 'nose', 1, 1)], 'region'),
            ([rectangle('A', [0, 0, 9, 9]), point('p', 'nose', 1, 1, parentID='x')], 'region'),
            (
                [rectangle('A', [0, 0, 9, 9]), point('p', 'nse', 1, 1, parentID='A')],
                'unknown-keypoint',
            ),
            ([point('p', 'nose', 1, 1), point('q', 'nose', 2, 1)], 'malformed'),
            ([rectangle('A', [0, 0, 9, 9]), rectangle('A', [1, 0, 9, 9])], 'duplicate-id'),
            ([rectangle('A', [0, 0, 0, 9])], 'box'),
            ([rectangle('A', [0, None, 9, 9])], 'malformed'),
            ([rectangle('A', [0, 0, 9, 9], original_width=None)], 'image-size'),
            ([rectangle('A', [0, 0, 9, 9], image_rotation=90)], 'region'),
            ([rectangle('A', [0, 0, 9, 9]), rectangle('B', [0, 0, 9, 9], 'car')], 'unknown-label'),
            ([about(rectangle('A', [0, 0, 9, 9]), 'nose', 'no')], 'region'),
            ([dict(rectangle('A', [0, 0, 9, 9]), type='rectangle')], 'region'),
            (
                [
                    dict(rectangle('A', [0, 0, 9, 9]), type='polygonlabels'),
                    about(rectangle('A', [0, 0, 9, 9]), 'nose', 'no'),
                ],
                'region',
            ),
        ],
    )
    def test_faults(self, tmp_path, result, code):
        """The task is named."""
        path = save(tmp_path / 'e.json', genuine(5, 'a.jpg', result))
        with refuses(code, place='task 5'):
            label_studio.read(path, names=NAMES)

    def test_boxes_of_two_annotators(self, tmp_path):
        """They cannot be put together; a starred one decides."""
        task = genuine(5, 'a.jpg', [rectangle('A', [0, 0, 9, 9])])
        task['annotations'].append(dict(task['annotations'][0], id=2))
        with refuses('region', place='task 5'):
            label_studio.read(save(tmp_path / 'e.json', task), names=NAMES)
        task['annotations'][1]['ground_truth'] = True
        assert len(label_studio.read(save(tmp_path / 'e.json', task), NAMES).annotations) == 1


class TestNoExport:
    """Files that are none."""

    @pytest.mark.parametrize(
        ('text', 'code'),
        [
            *[('', 'empty-file'), ('{', 'not-json'), ('3', 'structure'), ('[3]', 'structure')],
            *[('[{"data": 3}]', 'structure'), ('[{}]', 'malformed')],
            ('[{"data": {}, "annotations": [3]}]', 'structure'),
        ],
    )
    def test_refused(self, tmp_path, text, code):
        """The file is named."""
        (tmp_path / 'e.json').write_text(text)
        with refuses(code, place='e.json'):
            label_studio.read(str(tmp_path / 'e.json'), names=NAMES)

    def test_missing(self, tmp_path):
        """Said."""
        with refuses('unreadable-file'):
            label_studio.read(str(tmp_path / 'no.json'))


def _boxes():
    side = st.integers(1, 4000).map(lambda v: v / 16)
    return st.tuples(side, side, side, side).map(list)


_TAGS = st.lists(st.sampled_from([1, 0, -1]), min_size=3, max_size=3)


@st.composite
def tag_files(draw):
    """Tag files with all kinds of persons."""
    tags = TagFile.new(NAMES)
    for i in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(['a b', 'ü+&?', '50%', "it's"]))
        tags.images.append(dict(id=i + 1, file_name=f'{i}/{name}.jpg', width=640, height=480))
        for _ in range(draw(st.integers(1, 3))):
            person = dict(id=len(tags.annotations) + 1, image_id=i + 1, category_id=1)
            tags.annotations.append(person)
            person['bbox'] = draw(_boxes())
            if draw(st.booleans()):
                person['keypoint_tags'] = draw(_TAGS)
            views = draw(st.lists(st.tuples(_boxes(), _TAGS), max_size=2))
            if views:
                person['tag_views'] = [dict(bbox=b, keypoint_tags=t) for b, t in views]
            if draw(st.booleans()):
                flags = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=3, max_size=3))
                points = [[1.5 * k, 2.25 * k, f] if f else [0, 0, 0] for k, f in enumerate(flags)]
                if any(flags):
                    person['keypoints'] = [v for p in points for v in p]
                    person['num_keypoints'] = sum(f > 0 for f in flags)
        if draw(st.booleans()):
            person.pop('bbox')
            person.pop('tag_views', None)
            person.setdefault('keypoint_tags', [1, 0, -1])
    return tags


class TestWrite:
    """Round trips."""

    @settings(max_examples=100, deadline=None)
    @given(tags=tag_files())
    def test_comes_back(self, tmp_path_factory, tags):
        """The same images, boxes, tags, views and, where asked for, places."""
        path = str(tmp_path_factory.mktemp('trip') / 'tasks.json')
        label_studio.write(tags, path, keypoints=True)
        again = label_studio.read(path, names=NAMES)
        assert again.images == tags.images
        key = lambda p: (p['image_id'], json.dumps(_without(p, 'id'), sort_keys=True))  # noqa: E731
        for got, wanted in zip(
            sorted(again.annotations, key=key), sorted(tags.annotations, key=key), strict=True
        ):
            assert _without(got, 'id') == _without(wanted, 'id')
        label_studio.write(tags, path)
        with open(path) as file:
            text = file.read()
        assert 'keypointlabels' not in text and '"location"' not in text

    def test_whole_person_beside_a_rectangle(self, tmp_path):
        """A second person without a box gets that of the whole image."""
        tags = TagFile.new(NAMES)
        tags.images = [dict(id='x', file_name='a.jpg', width=64, height=32)]
        person = dict(image_id='x', category_id=1, keypoint_tags=[1, 0, -1])
        tags.annotations = [dict(person, id=1), dict(person, id=2)]
        label_studio.write(tags, str(tmp_path / 't.json'))
        one, two = label_studio.read(str(tmp_path / 't.json')).annotations
        assert 'bbox' not in one and two['bbox'] == [0, 0, 64, 32]
        assert one['keypoint_tags'] == two['keypoint_tags'] == [1, 0, -1]
        assert one['image_id'] == 'x'

    def test_name_that_is_not_unicode(self, tmp_path):
        """An address cannot hold half a character."""
        tags = TagFile.new(NAMES)
        tags.images = [dict(id=1, file_name='\ud800.jpg', width=64, height=32)]
        tags.annotations = [dict(id=1, image_id=1, category_id=1, keypoint_tags=[1, 0, -1])]
        with refuses('malformed'):
            label_studio.write(tags, str(tmp_path / 't.json'))
        assert not list(tmp_path.iterdir())

    def test_person_of_no_image(self, tmp_path):
        """Named, and no file is written."""
        tags = TagFile.new(NAMES)
        tags.annotations = [dict(id=1, image_id=3, category_id=1, keypoint_tags=[1, 0, 1])]
        with refuses('unknown-image', place='annotations[0] (id 1).image_id'):
            label_studio.write(tags, str(tmp_path / 't.json'))
        assert not list(tmp_path.iterdir())


def _without(person, *keys):
    return {k: v for k, v in person.items() if k not in keys}
