"""Tests of the signs of collapse, on crafted maps."""

import json

import pytest
import torch

from lfhpe_mmpose.engine.collapse import MapHistory, Thresholds
from tests.refusal import refuses


def draw(places, h=32, w=24, height=0.9):
    """Maps with one blob each, (B, K, h, w), at places (B, K, 2) in [0, 1]."""
    y, x = torch.meshgrid(torch.arange(h) + 0.5, torch.arange(w) + 0.5, indexing='ij')
    px, py = places[..., 0, None, None] * w, places[..., 1, None, None] * h
    return height * torch.exp(-((x - px) ** 2 + (y - py) ** 2) / 4)


def judge(maps, present=None, min_persons=32, **thresholds):
    """Findings on one batch."""
    history = MapHistory(min_persons, Thresholds(**thresholds))
    history.add(maps, present)
    return history.findings()


@pytest.fixture
def places():
    """Places of 5 keypoints of 40 persons, well apart from each other in each person."""
    torch.manual_seed(0)
    centre = torch.tensor([[0.5, 0.1], [0.2, 0.4], [0.8, 0.4], [0.3, 0.8], [0.7, 0.8]])
    return (centre + 0.09 * torch.randn(40, 5, 2)).clamp(0.02, 0.98)


class TestFindings:
    """What is and what is not a collapse."""

    def test_healthy(self, places):
        """Maps that follow the persons give no sign."""
        assert not judge(draw(places))

    def test_flat(self, places):
        """Constant maps are found, and their meaningless peaks are no further signs."""
        maps = draw(places)
        maps[:, 1] = 0.5 + 0.01 * torch.rand(32, 24)
        maps[:, 3] = 0.5
        found = judge(maps)
        assert found.flat == [1, 3] and not found.stuck and not found.merged

    def test_nearly_all(self, places):
        """A keypoint is flat if nearly all its maps are, not if most are."""
        maps = draw(places)
        maps[:39, 0] = 0.2
        maps[:30, 1] = 0.2
        assert judge(maps).flat == [0]

    def test_not_finite(self, places):
        """NaN counts as flat."""
        maps = draw(places)
        maps[:, 2] = float('nan')
        assert judge(maps).flat == [2]

    def test_stuck(self, places):
        """Peaks in one place are found, with some jitter too; moving along one axis is moving."""
        places[:, 0] = torch.tensor([0.5, 0.1]) + 0.02 * torch.randn(40, 2)
        places[:, 4, 0] = 0.7
        found = judge(draw(places))
        assert found.stuck == [0] and not found.flat and not found.merged

    def test_merged(self, places):
        """Groups with one peak in most persons are named as groups."""
        places[:36, 1] = places[:36, 2]  # 90% of the persons
        places[:, 3] = places[:, 4] + 0.5 / 64  # half a cell
        found = judge(draw(places, 64, 48))
        assert found.merged == [[1, 2], [3, 4]] and not found.stuck and not found.flat

    def test_not_merged_in_some(self, places):
        """Half of the persons are not most."""
        places[:20, 1] = places[:20, 2]
        assert not judge(draw(places))

    def test_all_at_the_trunk(self, places):
        """All peaks in one moving place are a group; in a fixed place they are stuck as well."""
        places[:] = places[:, :1]
        found = judge(draw(places))
        assert found.merged == [[0, 1, 2, 3, 4]] and not found.stuck
        places[:] = 0.5
        found = judge(draw(places))
        assert found.merged == [[0, 1, 2, 3, 4]] and found.stuck == [0, 1, 2, 3, 4]

    def test_missing_keypoints_are_not_judged(self, places):
        """An empty map of a keypoint that is not there is right."""
        maps = draw(places)
        present = torch.ones(40, 5, dtype=torch.bool)
        present[:20, 0] = present[:35, 1] = False
        maps[~present] = 0.0
        assert not judge(maps, present)
        maps[:, 0] = 0.0
        assert judge(maps, present).flat == [0]
        maps[:, 1] = 0.0  # five persons are too few to tell
        assert judge(maps, present).flat == [0]

    def test_map_size_does_not_matter(self, places):
        """The thresholds are shares of the map."""
        places[:, 0] = torch.tensor([0.5, 0.1]) + 0.02 * torch.randn(40, 2)
        for h, w in ((16, 12), (64, 48), (128, 96)):
            assert judge(draw(places, h, w)).stuck == [0]

    def test_true_keypoints_of_real_data(self, data_dir):
        """Perfect maps of COCO and LSP-extended persons give no sign."""
        files = ('coco_mini/annotations/person_keypoints_train2017.json',
                 'lspet/annotations/val.json')  # fmt: skip
        for file in files:
            places, present = [], []
            for ann in json.loads((data_dir / file).read_text())['annotations'][:300]:
                points = torch.tensor(ann['keypoints']).float().view(-1, 3)
                x, y, w, h = ann['bbox']
                if (points[:, 2] > 0).sum() < 4:
                    continue
                size = 1.25 * torch.tensor([max(w, 0.75 * h), max(h, w / 0.75)])
                middle = torch.tensor([x + w / 2, y + h / 2])
                places.append((points[:, :2] - middle) / size + 0.5)
                present.append(points[:, 2] > 0)
            assert len(places) > 50
            maps = draw(torch.stack(places).clamp(0, 1), 64, 48)
            assert not judge(maps, torch.stack(present))


class TestMapHistory:
    """Persons gathered over several checks."""

    def test_gathers_then_forgets(self, places):
        """No judgement before enough persons; old persons make way for new ones."""
        history = MapHistory(30, Thresholds())
        stuck = draw(torch.full((10, 5, 2), 0.5))
        for _ in range(2):
            history.add(stuck)
            assert history.findings() is None
        history.add(stuck)
        assert len(history) == 30 and history.findings().stuck == [0, 1, 2, 3, 4]
        for start in (0, 10, 20, 30):
            history.add(draw(places[start : start + 10]))
        assert len(history) == 30 and not history.findings()

    def test_stuck_within_batches_only(self):
        """Peaks that agree in a batch and move between batches are not stuck."""
        history = MapHistory(20, Thresholds())
        for x in (0.3, 0.7):
            history.add(draw(torch.full((10, 1, 2), x)))
        assert not history.findings()

    def test_thresholds_are_checked(self):
        """A threshold that is no share is refused by name."""
        with refuses('option', 'CollapseWatchHook.spread'):
            Thresholds(spread=3)
