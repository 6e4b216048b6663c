"""Checkpoints without Python objects."""

import io
import pickle
from collections import OrderedDict, deque
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MMLogger

from lfhpe_mmpose.engine.hooks.plain_checkpoint_hook import (
    PlainCheckpointHook,
    buffers_from_plain,
    to_plain,
)


def read_back(value):
    """Write a value and read it with weights_only=True."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


class Colour(IntEnum):
    """A subclass of int."""

    RED = 3


class TestToPlain:
    """Values and their plain forms."""

    @pytest.mark.parametrize(
        ('value', 'plain'),
        [
            (np.float32(0.5), 0.5),
            (np.array([[1, 2]]), [[1, 2]]),
            (deque([1, 2], maxlen=2), [1, 2]),
            (range(3), [0, 1, 2]),
            ((1, 'a', None), (1, 'a', None)),
            ({'a': {np.int64(3): frozenset([1])}}, {'a': {3: {1}}}),
            (Path('a/b'), 'a/b'),
            (Colour.RED, 3),
            (np.array([(1, 2)], dtype=object), [[1, 2]]),
        ],
    )
    def test_values(self, value, plain):
        """Each has the expected form, and that form loads."""
        assert to_plain(value) == plain
        assert read_back(to_plain(value)) == plain

    def test_tensors_stay(self):
        """Tensors are the same objects, so nothing is copied."""
        value = OrderedDict(a=torch.ones(2))
        assert to_plain(value)['a'] is value['a']
        assert isinstance(to_plain(value), OrderedDict)

    def test_unknown(self):
        """What has no plain form is left out, and said."""
        dropped = []
        assert to_plain(dict(a=[1, object()]), dropped, 'meta') == dict(a=[1, None])
        assert dropped == ['meta.a[1]']

    def test_history(self):
        """A log history comes back with all its numbers."""
        buffer = HistoryBuffer([0.1, 0.25, np.float32(0.3)], [1, 2, 3], max_length=9)
        again = buffers_from_plain(read_back(to_plain(dict(loss=buffer))))['loss']
        for own, given in zip(buffer.data, again.data):
            np.testing.assert_array_equal(own, given)
        assert again.max_length == 9
        assert again.mean() == buffer.mean()


class TestHook:
    """The hook around a checkpoint."""

    def runner(self, metainfo=None):
        """As much of a runner as the hook looks at."""
        loader = SimpleNamespace(dataset=SimpleNamespace(metainfo=metainfo))
        logger = MMLogger.get_instance('plain_checkpoint')
        return SimpleNamespace(logger=logger, _train_loop=SimpleNamespace(dataloader=loader))

    def test_round_trip(self):
        """What MMEngine would write loads safely, and resumes as it was."""
        metainfo = dict(sigmas=np.array([0.1, 0.2], dtype=np.float32), flip_pairs=[(0, 1)])
        weights = torch.nn.BatchNorm2d(2).state_dict()
        checkpoint = dict(
            state_dict=weights,
            meta=dict(dataset_meta=metainfo, epoch=2),
            message_hub=dict(
                log_scalars=OrderedDict(loss=HistoryBuffer([1.0], [1])),
                runtime_info=dict(keep=deque([1])),
                resumed_keys={},
            ),
        )
        with pytest.raises(pickle.UnpicklingError):
            read_back(checkpoint)
        hook, runner = PlainCheckpointHook(), self.runner(metainfo)
        hook.before_save_checkpoint(runner, checkpoint)
        again = read_back(checkpoint)
        assert again['state_dict']._metadata == weights._metadata
        hook.after_load_checkpoint(runner, again)
        assert isinstance(again['message_hub']['log_scalars']['loss'], HistoryBuffer)
        # MMEngine compares pickles, and warns.
        assert pickle.dumps(again['meta']['dataset_meta']) == pickle.dumps(metainfo)

    def test_other_data_set(self):
        """Another data set's information stays, so that MMEngine warns."""
        checkpoint = dict(state_dict={}, meta=dict(dataset_meta=dict(sigmas=[0.5])))
        PlainCheckpointHook().after_load_checkpoint(
            self.runner(dict(sigmas=np.array([0.1]))), checkpoint
        )
        assert checkpoint['meta']['dataset_meta'] == dict(sigmas=[0.5])

    def test_published_file(self):
        """A file with weights alone is left as it is."""
        checkpoint = dict(state_dict={})
        PlainCheckpointHook().after_load_checkpoint(self.runner(), checkpoint)
        assert checkpoint == dict(state_dict={})
