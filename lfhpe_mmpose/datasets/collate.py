"""How samples become a batch.

To add a way, register a function in ``mmengine.registry.FUNCTIONS``; a config names it in
``train_dataloader.collate_fn``.
"""

from collections.abc import Sequence
from typing import Any

from mmengine.registry import FUNCTIONS
from torch.utils.data import default_collate

from lfhpe_mmpose.structures import TaggedBatch


@FUNCTIONS.register_module()
def tagged_collate(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Stack the images and the labels of a batch, in the worker that loaded them.

    MMEngine's default leaves lists of tensors, which are copied to the device one by one. Every
    top-down head accepts the result.

    Args:
        batch: Packed samples: ``inputs`` (3, H, W), all of one size, and ``data_samples``.

    Returns:
        dict: ``inputs`` (B, 3, H, W) and ``data_samples``, a ``TaggedBatch``.
    """
    return dict(
        inputs=default_collate([item['inputs'] for item in batch]),
        data_samples=TaggedBatch.stack([item['data_samples'] for item in batch], take=True),
    )
