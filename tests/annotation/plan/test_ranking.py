"""Which pictures are asked first."""

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan import information, picture_probabilities, rank_pictures
from lfhpe_mmpose.annotation.plan.cutting import cut
from lfhpe_mmpose.annotation.plan.pictures import Picture
from lfhpe_mmpose.annotation.plan.ranking import keypoint_columns, shuffled
from lfhpe_mmpose.apis import infer_persons, init_model
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model

from .people import plan_people


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small random model with the 14 keypoints of LSP."""
    tiny = make_tiny_model(tmp_path_factory.mktemp('ranking'), 14)
    return init_model(tiny.config, tiny.weights)


def _pictures(count):
    return [Picture(f'views/{i}_0.jpg', 'a.png', 1, i, 0, (0, 0, 9, 9)) for i in range(count)]


class TestInformation:
    """Binary entropy, summed."""

    def test_values_known_by_heart(self):
        """A coin is a bit, a quarter 0.811, certainty nothing."""
        probs = [[0.5, 0.5], [0.25, 1.0], [0.0, 1.0]]
        np.testing.assert_allclose(information(np.array(probs)), [2, 0.811278, 0], atol=1e-6)

    def test_order(self):
        """The least sure picture first; equal ones by name."""
        probs = np.array([[0.9, 0.9], [0.5, 0.6], [0.1, 0.9], [0.99, 0.01]])
        assert rank_pictures(_pictures(4), probs) == [1, 0, 2, 3]


def test_random_order_is_nested(people, tmp_path):
    """It depends on the picture and the seed alone."""
    pictures = plan_people(people, tmp_path / 'a').pictures
    assert shuffled(pictures, 5) == list(range(len(pictures)))
    assert shuffled(pictures, 6) != list(range(len(pictures)))
    half = sorted(pictures[::2], key=lambda p: p.file)
    assert [half[i] for i in shuffled(half, 5)] == pictures[::2]


class TestModel:
    """The model looks at the crops."""

    def test_batches_change_nothing(self, model, people):
        """And it is what infer_persons says of each crop."""
        names = list(model.dataset_meta['keypoint_name2id'])
        rng = np.random.default_rng(0)
        crops = [rng.integers(0, 255, (30 + i, 40, 3), np.uint8) for i in range(5)]
        one = list(picture_probabilities(model, crops, names, batch_size=2))
        for crop, probs in zip(crops, one, strict=True):
            (sample,) = infer_persons(model, crop)
            np.testing.assert_allclose(sample.pred_instances.keypoint_probs[0], probs, atol=1e-5)

    def test_names_in_another_order(self, model):
        """Columns follow the plan's names."""
        crop = np.full((40, 30, 3), 90, np.uint8)
        names = list(model.dataset_meta['keypoint_name2id'])
        (straight,) = picture_probabilities(model, [crop], names)
        (turned,) = picture_probabilities(model, [crop], names[::-1])
        np.testing.assert_array_equal(straight, turned[::-1])

    def test_keypoint_that_the_model_does_not_know(self, model):
        """Named."""
        with refuses('unknown-keypoint', place='model'):
            keypoint_columns(model, ['head_top', 'tail'])

    def test_plan_keeps_the_most_informative(self, model, people, tmp_path):
        """A budget takes the pictures with the most bits, whosoever they are."""
        everything = plan_people(people, tmp_path / 'all', model=model)
        assert (np.diff(everything.bits) <= 1e-12).all()
        few = plan_people(people, tmp_path / 'few', model=model, budget=10)
        assert few.pictures == everything.pictures[:10] and few.possible == 192
        np.testing.assert_array_equal(few.bits, everything.bits[:10])
        asked = {p.annotation for p in few.pictures}
        assert {a['id'] for a in few.plan.annotations} == asked
        # The order is that of what the model says of the very crops.
        names = few.plan.names()
        ordered = sorted(few.pictures, key=lambda p: p.image)
        crops = [crop for _, crop in cut(ordered, people / 'train')]
        bits = information(np.stack(list(picture_probabilities(model, crops, names))))
        told = dict(zip([p.file for p in ordered], bits, strict=True))
        # Batches of other sizes differ in the last digits.
        np.testing.assert_allclose([told[p.file] for p in few.pictures], few.bits, atol=1e-4)

    def test_model_without_probabilities(self, model, monkeypatch):
        """An ordinary pose estimator cannot rank."""
        real = model.test_step

        def bare(batch):
            samples = real(batch)
            for sample in samples:
                del sample.pred_instances.keypoint_probs
            return samples

        monkeypatch.setattr(model, 'test_step', bare)
        crop = cv2.resize(np.zeros((8, 8, 3), np.uint8), (40, 30))
        names = list(model.dataset_meta['keypoint_name2id'])
        with refuses('no-probabilities', place='model'):
            list(picture_probabilities(model, [crop], names))
