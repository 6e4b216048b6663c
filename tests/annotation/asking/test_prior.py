"""Starting from a model's maps."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking import Answer, Belief, Question
from lfhpe_mmpose.annotation.asking.grid import Grid
from lfhpe_mmpose.annotation.asking.maps import ModelMaps
from lfhpe_mmpose.annotation.asking.prior import Prior
from tests.refusal import refuses

from .people import NAMES, annotator, answer_all, open_session, truth_of

GRID = Grid([30, 10, 100, 100], 160, 120)


def write_maps(path, places: dict[int, np.ndarray], names=NAMES) -> None:
    """Sure maps: a narrow peak at each place (K, 2)."""
    maps = []
    for points in places.values():
        far = ((GRID.centres[None] - points[:, None, :2]) ** 2).sum(2)
        maps.append(np.exp(-far / 50).reshape(len(points), 32, 32))
    np.savez(
        path,
        persons=np.array([json.dumps(person) for person in places]),
        keypoints=np.array(names),
        maps=np.array(maps, dtype=np.float16),
        visible=np.full((len(places), len(names)), 0.9, dtype=np.float32),
    )


class TestMaps:
    """The belief before the first answer."""

    def test_the_model_says_where(self, tmp_path):
        """But settles nothing by itself."""
        truth = truth_of(2)
        write_maps(tmp_path / 'maps.npz', truth)
        prior = Prior(4, ModelMaps(tmp_path / 'maps.npz', tuple(NAMES)))
        prior.mixture = np.array([0.97, 0.01, 0.01, 0.01])
        prior.hidden[:] = 0.01
        prior.maps._visible[:] = 0.98
        held = prior.belief(1, GRID)
        assert (held.near > 0.9).all()
        assert np.allclose(held.places, truth[1][:, :2], atol=4)
        assert np.allclose(held.table.sum(1), 1)
        assert not held.settled_keypoints.any()

    def test_a_person_without_maps_starts_flat(self, tmp_path):
        """Such as one whose image the model could not read."""
        write_maps(tmp_path / 'maps.npz', truth_of(1))
        prior = Prior(4, ModelMaps(tmp_path / 'maps.npz', tuple(NAMES)))
        assert np.array_equal(prior.table(7, GRID), prior.flat(GRID))

    def test_a_confident_wrong_model_loses_its_weight(self, tmp_path):
        """And the annotators of a session find the truth all the same."""
        truth, wrong = truth_of(12), truth_of(12, seed=5)
        write_maps(tmp_path / 'maps.npz', wrong)
        prior = Prior(4, ModelMaps(tmp_path / 'maps.npz', tuple(NAMES)))
        before = prior.mixture.copy()
        with open_session(tmp_path, 12, maps=tmp_path / 'maps.npz') as session:
            answer_all(session, annotator(truth))
            for person, points in truth.items():
                far = np.hypot(*(session.belief(person).places - points[:, :2]).T)
                assert (far[points[:, 2] > 0] < 15).all()
        prior.fit(evidence(truth))
        assert prior.mixture[0] < 0.7 * before[0]

    def test_a_right_model_gains_weight_and_saves_answers(self, tmp_path):
        """Fewer answers than from a flat start."""
        truth = truth_of(8)
        write_maps(tmp_path / 'maps.npz', truth)
        prior = Prior(4, ModelMaps(tmp_path / 'maps.npz', tuple(NAMES)))
        before = prior.mixture.copy()
        prior.fit(evidence(truth))
        assert prior.mixture[0] > before[0]
        answers = []
        for name, maps in (('flat', None), ('model', tmp_path / 'maps.npz')):
            (tmp_path / name).mkdir()
            with open_session(tmp_path / name, 8, maps=maps) as session:
                answer_all(session, annotator(truth))
                answers.append(session.progress('anna')['answers'])
        assert answers[1] < 0.6 * answers[0]

    @pytest.mark.parametrize('content', [b'', b'no archive'])
    def test_other_files_are_refused(self, tmp_path, content):
        """They are not read as code either."""
        (tmp_path / 'maps.npz').write_bytes(content)
        with refuses('maps', 'maps.npz'):
            ModelMaps(tmp_path / 'maps.npz', tuple(NAMES))

    def test_maps_of_other_keypoints_are_refused(self, tmp_path):
        """They would be shown at the wrong keypoints."""
        write_maps(tmp_path / 'maps.npz', truth_of(1), names=['a', 'b', 'c', 'd'])
        with refuses('maps', 'maps.npz'):
            ModelMaps(tmp_path / 'maps.npz', tuple(NAMES))


def evidence(truth):
    """What right answers to circles at the truth say."""
    for person, points in truth.items():
        circles = tuple((k, *map(float, points[k, :2]), 10.0) for k in range(4))
        asked = Question('', person, 'confirm', (0, 1, 2, 3), GRID.window, circles)
        held = Belief(GRID, np.ones((4, 1025)))
        held.update(Answer(asked, tuple(int(v) for v in points[:, 2] > 0)), 0.001)
        yield person, GRID, held.evidence
