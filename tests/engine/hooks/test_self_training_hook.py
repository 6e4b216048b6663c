"""The hook that starts self-training."""

from types import SimpleNamespace

from lfhpe_mmpose.engine.hooks import SelfTrainingHook


class TestSelfTrainingHook:
    """From an iteration on."""

    def test_begin(self):
        """Off before, on from then on, also after a resume."""
        head = SimpleNamespace(self_training=False)
        runner = SimpleNamespace(model=SimpleNamespace(head=head), iter=0)
        hook = SelfTrainingHook(begin=3)
        states = []
        for runner.iter in (0, 2, 3, 4, 1):
            hook.before_train_iter(runner, 0)
            states.append(head.self_training)
        assert states == [False, False, True, True, False]
