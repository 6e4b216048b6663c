"""Tests of the local head: whole-image tags that localise."""

import numpy as np
import pytest
import torch

from lfhpe_mmpose.models.heads import LocalEvidenceHead
from lfhpe_mmpose.models.heads.local_losses import LocalEvidenceLosses, log_invisible
from lfhpe_mmpose.models.heads.supervision import Supervision
from tests.refusal import refuses

from .test_location_free_head import CODEC, WHOLE, feats, samples

HEIGHT, WIDTH = 8, 6


def head(num_keypoints=2, **changes) -> LocalEvidenceHead:
    """A small head."""
    torch.manual_seed(0)
    cfg = dict(in_channels=(16,), out_channels=num_keypoints, hidden_channels=32, decoder=CODEC)
    return LocalEvidenceHead(**{**cfg, **changes})


def planted(batch, generator):
    """Features with a pattern for each visible keypoint in one cell, tags, and the cells.

    A third pattern, which no tag is about, is in every picture.
    """
    x = 0.3 * torch.randn(batch, 16, HEIGHT, WIDTH, generator=generator)
    tags = (torch.rand(batch, 2, generator=generator) < 0.5).float()
    # Row 0 lies outside the window WHOLE.
    cells = torch.stack(
        [torch.randperm((HEIGHT - 1) * WIDTH, generator=generator)[:3] + WIDTH for _ in tags]
    )
    for i in range(batch):
        for k in range(3):
            if k == 2 or tags[i, k]:
                x[i, 5 * k : 5 * k + 3, cells[i, k] // WIDTH, cells[i, k] % WIDTH] += 8
    return x, tags, cells[:, :2]


def labels(tags) -> Supervision:
    """Labels of whole persons."""
    views = torch.tensor([[WHOLE]]).expand(len(tags), 1, 4, 2)
    return Supervision(tags[:, None], views, (48, 64))


def train(module, steps, self_training_from):
    """Train on planted patterns, and return the share of visible ones that are found."""
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(module.classifier.parameters(), lr=5e-3)
    module.train()
    for step in range(steps):
        x, tags, _ = planted(16, generator)
        module._follow()
        maps = module._teacher_maps(x) if step >= self_training_from else None
        loss = sum(module.losses(module.classifier(x), labels(tags), maps).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x, tags, cells = planted(64, generator)
    found = module.eval()._teacher_maps(x).flatten(2).argmax(-1) == cells
    return found[tags > 0].float().mean().item()


class TestWholeImageTags:
    """What the head is for."""

    def test_localises(self):
        """Tags of whole persons alone lead to the cell of the pattern, before and after."""
        assert train(head(dropout=0.0), 150, self_training_from=150) > 0.8
        assert train(head(dropout=0.0), 150, self_training_from=75) > 0.8

    def test_reads_no_location(self):
        """Located persons have the same losses as tagged ones."""
        located, tagged = samples([True] * 4, 14), samples([False] * 4, 14)
        for sample in located:
            sample.gt_instance_labels.keypoint_weights.fill_(float('nan'))
            del sample.gt_fields.heatmaps
        losses = [head(14, dropout=0.0).loss(feats(), data) for data in (located, tagged)]
        assert losses[0] == losses[1] and set(losses[0]) == {
            'tag_loss_local',
            'tag_loss_background',
        }

    def test_self_training(self):
        """The loss of the own peaks comes with ``self_training``."""
        module = head(14)
        module.self_training = True
        losses = module.loss(feats(), samples([False] * 4, 14))
        assert losses['tag_loss_self'] > 0
        sum(losses.values()).backward()
        assert all(p.grad.any() for p in module.classifier.parameters())
        assert all(p.grad is None for p in module.teacher.parameters())


class TestLosses:
    """Competing probabilities against tags."""

    def test_noisy_or(self):
        """The probability that no cell of the window shows it."""
        probs = torch.tensor([[[0.5, 0.2, 0.9]]])
        masks = torch.tensor([[[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
        expected = torch.tensor([0.5 * 0.8, 0.1])
        assert torch.allclose(log_invisible(probs, masks)[0, :, 0].exp(), expected)

    def test_view_alone(self):
        """A tag of the whole person acts inside the window, the background loss outside it."""
        losses = LocalEvidenceLosses(2)
        logits = torch.zeros(1, 3, HEIGHT, WIDTH, requires_grad=True)
        values = losses(logits, labels(torch.tensor([[1.0, 0.0]])))
        (local,) = torch.autograd.grad(values['tag_loss_local'], logits, retain_graph=True)
        assert local[:, :, 1:].abs().sum() > 0 and not local[:, :, 0].any()
        assert (local[0, 0, 1:] < 0).all() and (local[0, 1, 1:] > 0).all()
        (background,) = torch.autograd.grad(values['tag_loss_background'], logits)
        assert not background[:, :, 1:].any() and (background[0, 2, 0] < 0).all()

    def test_unknown_tags(self):
        """Unknown tags have no local loss and are not counted."""
        losses = LocalEvidenceLosses(2)
        logits = torch.zeros(1, 3, HEIGHT, WIDTH)
        assert losses(logits, labels(torch.full((1, 2), -1.0)))['tag_loss_local'].item() == 0
        assert torch.equal(losses.answers, torch.ones(2, 2))

    def test_rare_answers_weigh_more(self):
        """By the square root of their share; evaluation does not count."""
        losses = LocalEvidenceLosses(1)
        tags = torch.tensor([[[1.0]]]).expand(98, 1, 1)
        weights = losses._weights(tags)
        assert torch.allclose(weights[:, 0], torch.tensor([0.5 / 0.99, 0.5 / 0.01]).sqrt())
        losses.eval()._weights(tags)
        assert losses.answers[0].item() == 99

    def test_around_peaks(self):
        """The target is the map around the allowed peak, the trust its share of the map."""
        losses = LocalEvidenceLosses(1, radius=0.13)
        teacher = torch.zeros(1, 1, HEIGHT, WIDTH)
        teacher[0, 0, 0, 0] = 0.9  # not allowed
        teacher[0, 0, 4, 2], teacher[0, 0, 4, 3], teacher[0, 0, 7, 5] = 0.6, 0.2, 0.2
        allowed = torch.ones(1, 1, HEIGHT * WIDTH, dtype=torch.bool)
        allowed[..., :WIDTH] = False
        target, trust = losses._around_peaks(teacher, allowed)
        assert trust.item() == pytest.approx(0.8)
        expected = torch.zeros(HEIGHT, WIDTH)
        expected[4, 2], expected[4, 3] = 0.75, 0.25
        assert torch.allclose(target.view(HEIGHT, WIDTH), expected)


class TestTeacher:
    """The moving average of the head."""

    def test_follows(self):
        """The first step copies the head, later ones move by the momentum."""
        module = head(14).train()
        assert not module.teacher.training and module.classifier.training
        module.classifier[-1].weight.data.add_(1.0)
        module.loss(feats(), samples([False] * 4, 14))
        for mine, own in zip(module.teacher.parameters(), module.classifier.parameters()):
            assert torch.equal(mine, own)
        module.steps.fill_(1000)
        weight, old = module.classifier[-1].weight, module.teacher[-1].weight.clone()
        weight.data.add_(1.0)
        module._follow()
        assert torch.allclose(module.teacher[-1].weight, old + module.momentum)


class TestPredict:
    """Keypoints, scores and maps."""

    def test_peak_is_found(self):
        """The decoded keypoint lies at the planted pattern."""
        module = head(dropout=0.0)
        assert train(module, 150, self_training_from=75) > 0.8
        x, tags, cells = planted(8, torch.Generator().manual_seed(5))
        predictions = module.predict((x,), samples([True] * 8, 2))
        for prediction, row, cell in zip(predictions, tags, cells):
            found = prediction.keypoints[0][row > 0] / 8 - 0.5
            truth = np.stack([cell % WIDTH, cell // WIDTH], -1)[row > 0]
            assert np.abs(found - truth).max(initial=0) < 1.5

    def test_ranges(self):
        """Heatmaps, probabilities and scores lie in [0, 1]."""
        module = head(14).eval()
        maps = module(feats())
        assert maps.shape == (4, 14, 16, 12) and maps.min() >= 0 and maps.max() <= 1
        for p in module.predict(feats(), samples([True] * 4)):
            assert (p.keypoint_probs >= 0).all() and (p.keypoint_probs <= 1).all()
            assert (p.keypoint_scores <= p.keypoint_probs).all()

    def test_levels(self):
        """Levels lie side by side on the grid of the first; others are refused."""
        module = head(in_channels=(8, 24))
        levels = (torch.randn(1, 8, 8, 6), torch.randn(1, 24, 4, 3))
        assert module._merge(levels).shape == (1, 32, 8, 6)
        with refuses('feature-levels', 'model.head.in_channels'):
            module(levels[:1])

    def test_wrong_metainfo(self):
        """A keypoint set of another size is refused."""
        with refuses('keypoint-count', 'model.head.out_channels'):
            head(14, metainfo='CocoDataset')
