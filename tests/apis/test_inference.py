"""The three lines of a notebook: a model, results, a picture."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from lfhpe_mmpose.apis import draw, find_config, infer_persons, init_model
from tests.refusal import refuses
from tests.tiny_model import dataset_meta, make_tiny_model, write_config

BOXES = [[5, 5, 45, 75], [0, 0, 60, 80], [20, 10, 58, 70]]


@pytest.fixture(scope='module', params=[14, 17])
def tiny(request, tmp_path_factory):
    """A small model with 14 and one with 17 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('inference'), request.param)


@pytest.fixture(scope='module')
def model(tiny):
    """The small model, loaded."""
    return init_model(tiny.config, tiny.weights)


@pytest.fixture(scope='module')
def image_file(tmp_path_factory):
    """A photo of noise, 80 pixels high and 60 wide."""
    image = np.random.default_rng(0).integers(0, 255, (80, 60, 3), np.uint8)
    path = tmp_path_factory.mktemp('image') / 'a.png'
    cv2.imwrite(str(path), image)
    return path


class TestInitModel:
    """`init_model`."""

    def test_keypoints_are_those_of_the_file(self, tiny, model):
        """dataset_meta has MMPose's form again: arrays where MMPose has arrays."""
        assert not model.training
        for key, value in dataset_meta(tiny.num_keypoints).items():
            assert type(model.dataset_meta[key]) is type(value)
            np.testing.assert_array_equal(model.dataset_meta[key], value)

    def test_weights_are_those_of_the_file(self, tiny, model):
        """Every weight of the model comes from the file."""
        state = torch.load(tiny.weights, weights_only=True)['state_dict']
        assert all(torch.equal(v, state[k]) for k, v in model.state_dict().items())

    def test_takes_a_config_object(self, tiny):
        """A config that was changed in the notebook."""
        cfg = Config.fromfile(tiny.config)
        cfg.model.test_cfg.flip_test = False
        assert init_model(cfg, tiny.weights).test_cfg['flip_test'] is False

    def test_takes_a_short_name(self, tiny):
        """A packaged config is found; weights of another model are then refused."""
        with refuses('other-model'):
            init_model('lfhpe_res50_coco-256x192_loc0', tiny.weights)

    def test_weights_of_another_keypoint_set(self, tiny, tmp_path):
        """MMPose would load what fits and leave the head random."""
        other = write_config(tmp_path, 31 - tiny.num_keypoints)
        with refuses('other-model', tiny.weights.name):
            init_model(other, tiny.weights)

    def test_weights_without_keypoint_names(self, tiny, tmp_path):
        """MMPose would take COCO's 17 keypoints."""
        state = torch.load(tiny.weights, weights_only=True)['state_dict']
        torch.save(dict(state_dict=state), tmp_path / 'bare.pth')
        with refuses('no-dataset-meta', 'bare.pth'):
            init_model(tiny.config, tmp_path / 'bare.pth')

    def test_weights_with_names_of_another_set(self, tiny, tmp_path):
        """The weights fit, the names do not."""
        content = torch.load(tiny.weights, weights_only=True)
        content['meta']['dataset_meta']['num_keypoints'] = 5
        torch.save(content, tmp_path / 'mixed.pth')
        with refuses('other-keypoints', 'mixed.pth'):
            init_model(tiny.config, tmp_path / 'mixed.pth')

    def test_file_that_would_execute_something(self, tiny):
        """A run's checkpoint with Python objects is not unpickled."""
        with refuses('checkpoint-objects', tiny.run_checkpoint.name):
            init_model(tiny.config, tiny.run_checkpoint)

    def test_gpu_where_there_is_none(self, tiny, monkeypatch):
        """Said before anything is loaded."""
        monkeypatch.setattr(torch.cuda, 'device_count', lambda: 0)
        with refuses('device'):
            init_model(tiny.config, 'missing.pth', device='cuda')


class TestInferPersons:
    """`infer_persons`."""

    def test_one_result_a_box(self, tiny, model, image_file):
        """Keypoints in pixels of the image, scores and probabilities in [0, 1]."""
        results = infer_persons(model, image_file, BOXES)
        assert len(results) == 3
        for sample, box in zip(results, BOXES, strict=True):
            pred = sample.pred_instances
            assert pred.keypoints.shape == (1, tiny.num_keypoints, 2)
            assert 0 <= pred.keypoint_scores.min() <= pred.keypoint_scores.max() <= 1
            assert 0 <= pred.keypoint_probs.min() <= pred.keypoint_probs.max() <= 1
            np.testing.assert_allclose(pred.bboxes[0], box, atol=1e-3)
            assert sample.img_path == str(image_file)

    def test_batches_change_nothing(self, model, image_file):
        """Persons one by one, or all at once."""
        together = infer_persons(model, image_file, BOXES)
        one_by_one = infer_persons(model, image_file, BOXES, batch_size=1)
        for a, b in zip(together, one_by_one, strict=True):
            np.testing.assert_allclose(
                a.pred_instances.keypoint_scores, b.pred_instances.keypoint_scores, atol=1e-5
            )

    def test_array_gives_the_same_as_its_file(self, model, image_file):
        """BGR, as OpenCV reads it."""
        from_file = infer_persons(model, image_file)[0].pred_instances.keypoints
        from_array = infer_persons(model, cv2.imread(str(image_file)))[0].pred_instances.keypoints
        np.testing.assert_array_equal(from_file, from_array)

    def test_without_boxes_the_image_is_one_person(self, model, image_file):
        """The box is the whole image."""
        (sample,) = infer_persons(model, image_file)
        np.testing.assert_allclose(sample.pred_instances.bboxes[0], [0, 0, 60, 80], atol=1e-3)

    def test_no_boxes_give_no_persons(self, model, image_file):
        """MMPose would take the whole image where a detector found nobody."""
        assert infer_persons(model, image_file, []) == []
        assert infer_persons(model, image_file, np.zeros((0, 4))) == []

    def test_damaged_image_is_named(self, model, image_file, tmp_path):
        """A cut-off file is no picture of a person."""
        (tmp_path / 'cut.png').write_bytes(image_file.read_bytes()[:500])
        with refuses('unreadable-image', 'cut.png'):
            infer_persons(model, tmp_path / 'cut.png')

    def test_grey_array_is_refused(self, model):
        """Two axes are no colour image."""
        with refuses('image-array'):
            infer_persons(model, np.zeros((8, 8), np.uint8))


class TestDraw:
    """`draw`."""

    def test_draws_on_a_copy(self, model, image_file):
        """The picture is RGB, as large as the image, and something is on it."""
        image = cv2.imread(str(image_file))
        before = image.copy()
        picture = draw(image, infer_persons(model, image, BOXES), model, kpt_thr=0)
        assert picture.shape == image.shape
        assert (picture != image[..., ::-1]).any()
        np.testing.assert_array_equal(image, before)

    def test_nobody_gives_the_image(self, model, image_file):
        """No results, no strokes."""
        np.testing.assert_array_equal(
            draw(image_file, [], model), cv2.imread(str(image_file))[..., ::-1]
        )

    def test_heatmaps_lie_below(self, tiny, image_file):
        """With output_heatmaps the refined maps of all persons are drawn."""
        cfg = Config.fromfile(find_config(tiny.config))
        cfg.model.test_cfg.output_heatmaps = True
        model = init_model(cfg, tiny.weights)
        results = infer_persons(model, image_file, BOXES)
        assert results[0].pred_fields.heatmaps.shape == (tiny.num_keypoints, 16, 12)
        assert draw(image_file, results, model, draw_heatmap=True).shape == (160, 60, 3)
