"""Many images at a time: the results of one at a time, in order, whatever the batches."""

import itertools
import threading

import cv2
import numpy as np
import pytest
from mmpose.apis import MMPoseInferencer

from lfhpe_mmpose.apis import PosePredictor, infer_persons, init_model
from lfhpe_mmpose.apis.person_detector import find_detector_config
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model

DETECTOR = 'rtmdet_nano_320-8xb32_coco-person'


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model on disk."""
    return make_tiny_model(tmp_path_factory.mktemp('predictor'), 14)


@pytest.fixture(scope='module')
def model(tiny):
    """The small model, loaded."""
    return init_model(tiny.config, tiny.weights)


@pytest.fixture(scope='module')
def pictures():
    """Ten pictures of noise of several sizes, with none to three persons each."""
    rng = np.random.default_rng(0)
    out = []
    for i in range(10):
        h, w = rng.integers(40, 90, 2)
        corner = rng.uniform(0, 10, (i % 4, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(20, 30, (i % 4, 2))], axis=1)
        out.append((rng.integers(0, 255, (h, w, 3), np.uint8), boxes.astype(np.float32)))
    return out


@pytest.fixture
def folder(tmp_path, pictures):
    """Three of them in a folder with a sub-folder, the second damaged."""
    (tmp_path / 'photos' / 'sub').mkdir(parents=True)
    for i, name in enumerate(['a.png', 'b.jpg', 'sub/c.png']):
        data = cv2.imencode(name[-4:], pictures[i][0])[1].tobytes()
        (tmp_path / 'photos' / name).write_bytes(data[:-700] if name == 'b.jpg' else data)
    return tmp_path / 'photos'


@pytest.fixture(scope='module')
def coco_images(data_dir):
    """Eight real photos, of several sizes, most with people."""
    return sorted((data_dir / 'coco_mini' / 'val2017').glob('*.jpg'))[:8]


@pytest.fixture(scope='module')
def detecting(model, weights_dir):
    """A predictor with a real detector."""
    weights = str(weights_dir / 'rtmdet_nano_person.pth')
    return PosePredictor(model, None, DETECTOR, weights, 'cpu', batch_size=5, det_batch_size=3)


def _assert_same(persons, wanted, atol=1e-4):
    assert len(persons) == len(wanted)
    for a, b in zip(persons, wanted):
        a, b = (getattr(person, 'sample', person) for person in (a, b))
        for key in ('keypoints', 'keypoint_scores', 'keypoint_probs', 'bboxes'):
            np.testing.assert_allclose(
                a.pred_instances[key], b.pred_instances[key], rtol=0, atol=atol
            )


class TestResults:
    """What comes out."""

    @pytest.mark.parametrize(('batch_size', 'workers'), [(1, 1), (4, 3), (32, 2)])
    def test_are_those_of_one_image_at_a_time(self, model, pictures, batch_size, workers):
        """In order; persons of several images share a batch."""
        predictor = PosePredictor(model, batch_size=batch_size, workers=workers)
        results = list(predictor(pictures))
        assert [r.index for r in results] == list(range(10))
        for result, (image, boxes) in zip(results, pictures):
            assert result.size == (image.shape[1], image.shape[0])
            assert not result.error
            _assert_same(result.persons, infer_persons(model, image, boxes))

    def test_batches_are_full(self, model, pictures, monkeypatch):
        """Persons of several images go through the network together; only the last are fewer."""
        sizes = []
        step = model.test_step
        monkeypatch.setattr(
            model, 'test_step', lambda batch: sizes.append(len(batch['inputs'])) or step(batch)
        )
        list(PosePredictor(model, batch_size=4)(pictures))
        assert sizes == [4, 4, 4, 1]

    def test_order_of_the_images_does_not_matter(self, model, pictures):
        """Each image has its own persons."""
        predictor = PosePredictor(model, batch_size=4)
        forward = [r.persons for r in predictor(pictures)]
        backward = [r.persons for r in predictor(pictures[::-1])][::-1]
        for a, b in zip(forward, backward):
            _assert_same(a, b)

    def test_without_detector_each_image_is_one_person(self, model, pictures):
        """As for `infer_persons`."""
        (result,) = PosePredictor(model)(pictures[0][0])
        _assert_same(result.persons, infer_persons(model, pictures[0][0]))
        assert result.image is None

    def test_no_boxes_no_persons(self, model, pictures):
        """An empty list; the next image is not moved up."""
        image, boxes = pictures[3]
        results = list(PosePredictor(model)([(image, []), (image, boxes), (image, [])]))
        assert [len(r.persons) for r in results] == [0, 3, 0]


class TestDetector:
    """With a detector in front, on real photos."""

    def test_persons_are_mmposes(self, detecting, coco_images, tiny, weights_dir):
        """Boxes, their scores and keypoints of MMPose's inferencer, which takes one at a time."""
        inferencer = MMPoseInferencer(
            pose2d=tiny.config,
            pose2d_weights=str(tiny.weights),
            det_model=find_detector_config(DETECTOR),
            det_weights=str(weights_dir / 'rtmdet_nano_person.pth'),
            det_cat_ids=[0],
            device='cpu',
        )
        found = 0
        for result in detecting(coco_images):
            theirs = next(inferencer(result.image))['predictions'][0]
            if not result.persons:
                # MMPose then takes the whole image.
                assert [person['bbox_score'] for person in theirs] == [1]
                continue
            found += len(theirs)
            assert len(result.persons) == len(theirs)
            for person, their in zip(result.persons, theirs):
                mine = person.sample.pred_instances
                assert np.abs(mine.keypoints[0] - their['keypoints']).max() < 1e-4
                assert np.abs(mine.bboxes - their['bbox'][0]).max() < 1e-4
                assert abs(mine.bbox_scores[0] - their['bbox_score']) < 1e-5
        assert found > 8

    def test_batches_and_order_do_not_matter(self, detecting, coco_images, monkeypatch):
        """All at once from the last to the first, or one by one."""
        forward = [r.persons for r in detecting(coco_images)]
        monkeypatch.setattr(detecting, 'det_batch_size', 1)
        monkeypatch.setattr(detecting, 'batch_size', 1)
        backward = [r.persons for r in detecting(coco_images[::-1])][::-1]
        for a, b in zip(forward, backward):
            _assert_same(a, b)

    def test_detector_takes_several_images(self, detecting, coco_images, monkeypatch):
        """And none whose boxes are given."""
        sizes = []
        step = detecting.detector.model.test_step
        monkeypatch.setattr(
            detecting.detector.model,
            'test_step',
            lambda batch: sizes.append(len(batch['inputs'])) or step(batch),
        )
        list(detecting([coco_images[0], (coco_images[1], [[0, 0, 50, 90]]), *coco_images[2:5]]))
        assert sizes == [2, 2]

    def test_sizes_are_not_mixed(self, detecting):
        """A batch would be padded to its largest image, and results would depend on it."""
        detector = detecting.detector
        prepared = [detector.prepare(np.zeros((90, 90, 3), np.uint8)) for _ in range(3)]
        prepared[1]['inputs'] = prepared[1]['inputs'][:, :160]
        shapes = []
        handle = detector.model.backbone.register_forward_pre_hook(
            lambda _, inputs: shapes.append(tuple(inputs[0].shape))
        )
        try:
            assert [len(found) for found in detector.detect(prepared)] == [0, 0, 0]
        finally:
            handle.remove()
        assert shapes == [(2, 3, 320, 320), (1, 3, 160, 320)]

    def test_works_beside_the_pose_network(self, detecting, coco_images, monkeypatch):
        """While persons of the first images are looked at, the detector has the next ones."""
        overlapped = []
        detect = detecting.detector.detect
        started, posing = threading.Event(), threading.Event()

        def watched(prepared):
            if posing.is_set():
                started.set()
            return detect(prepared)

        forward = detecting._forward

        def slow(persons):
            posing.set()
            overlapped.append(started.wait(3))
            forward(persons)

        monkeypatch.setattr(detecting, 'det_batch_size', 1)
        monkeypatch.setattr(detecting, 'batch_size', 1)
        monkeypatch.setattr(detecting.detector, 'detect', watched)
        monkeypatch.setattr(detecting, '_forward', slow)
        # More images than are worked on ahead.
        next(detecting(list(coco_images) * 2))
        assert overlapped[0]


class TestInputs:
    """What goes in."""

    def test_folder_with_a_damaged_image(self, model, folder, pictures):
        """The damaged one has an error that names it; the others go on."""
        a, b, c = PosePredictor(model)(folder)
        assert [r.image for r in (a, b, c)] == [
            str(folder / n) for n in ('a.png', 'b.jpg', 'sub/c.png')
        ]
        assert 'b.jpg: ' in b.error and '[unreadable-image]' in b.error
        assert (b.persons, b.size) == ([], None)
        _assert_same(a.persons, infer_persons(model, pictures[0][0]))
        _assert_same(c.persons, infer_persons(model, pictures[2][0]))
        assert a.persons[0].sample.img_path == str(folder / 'a.png')

    def test_missing_image_and_wrong_boxes_are_errors_of_their_images(self, model, pictures):
        """Named by the file, or by the place of an array."""
        image = pictures[0][0]
        items = ['no.jpg', (image, [[5, 5, 1, 1]]), image[..., 0], image]
        results = list(PosePredictor(model)(items))
        assert 'no.jpg: ' in results[0].error and '[missing-image]' in results[0].error
        assert 'image 1: bboxes[0]' in results[1].error
        assert 'image 2: ' in results[2].error and '[image-array]' in results[2].error
        assert len(results[3].persons) == 1

    def test_endless_generator_is_drawn_a_little_ahead(self, model, pictures):
        """And can be left: no thread stays, and the generator goes on."""
        before = threading.active_count()
        drawn = itertools.count()
        source = ((next(drawn), pictures[5])[1] for _ in itertools.count())
        stream = PosePredictor(model, batch_size=4, det_batch_size=2)(source)
        assert [next(stream).index for _ in range(6)] == list(range(6))
        stream.close()
        assert threading.active_count() == before
        assert next(drawn) < 6 + 30
        assert len(next(source)) == 2

    def test_images_without_persons_do_not_wait_for_ever(self, model, pictures):
        """One person, then images without: the batch never fills."""
        image, boxes = pictures[1]
        source = itertools.chain([(image, boxes)], ((image, []) for _ in itertools.count()))
        first = next(PosePredictor(model, batch_size=4)(source))
        assert len(first.persons) == 1

    def test_missing_folder_is_told_at_once(self, model, tmp_path):
        """Before the first result is asked for."""
        (tmp_path / 'empty').mkdir()
        with refuses('no-images', 'empty'):
            PosePredictor(model)(tmp_path / 'empty')


class TestErrors:
    """What stops everything."""

    @pytest.mark.parametrize('where', ['_decode', '_cut_out', '_forward'])
    def test_reaches_the_caller_and_ends_the_threads(self, model, pictures, monkeypatch, where):
        """A fault of the program is not taken for a damaged image."""
        before = threading.active_count()

        def fail(*_):
            raise MemoryError(where)

        predictor = PosePredictor(model)
        monkeypatch.setattr(predictor, where, fail)
        with pytest.raises(MemoryError, match=where):
            list(predictor(pictures))
        assert threading.active_count() == before

    def test_error_of_the_source(self, model, pictures):
        """As it was raised."""

        def source():
            yield pictures[0]
            raise OSError('camera')

        with pytest.raises(OSError, match='camera'):
            list(PosePredictor(model)(source()))

    @pytest.mark.parametrize(
        ('options', 'code'),
        [
            (dict(batch_size=0), 'below-one'),
            (dict(detector=DETECTOR), 'detector-weights'),
            (dict(precision='half'), 'precision'),
            (dict(device='gpu'), 'device'),
        ],
    )
    def test_wrong_option(self, model, options, code):
        """Named, with the remedy."""
        with refuses(code):
            PosePredictor(model, **options)


def _resident():
    """Pages of memory that this process holds, in MiB."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096 / 2**20


class TestMemory:
    """A warm loop, as in a server."""

    def test_does_not_grow(self, model):
        """No more than noise over 360 images of 0.75 MiB, in calls of 30; no thread stays."""
        image = np.random.default_rng(0).integers(0, 255, (512, 512, 3), np.uint8)
        predictor = PosePredictor(model, batch_size=16)

        def serve(calls):
            for _ in range(calls):
                assert (
                    sum(len(r.persons) for r in predictor(image.copy() for _ in range(30))) == 30
                )

        serve(3)
        before, threads = _resident(), threading.active_count()
        serve(12)
        assert threading.active_count() == threads
        # One image kept in ten would be 27 MiB.
        assert _resident() - before < 16
