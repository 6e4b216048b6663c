"""Parameters and multiply-adds, by MMEngine's counters."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.analysis import FlopAnalyzer, parameter_count
from torch import nn

from lfhpe_mmpose.launch.quiet import quiet

# MMEngine has no counter for it.
_ATTENTION = 'aten::scaled_dot_product_attention'


def count_complexity(model: nn.Module, input_size: tuple[int, int]) -> dict[str, Any]:
    """Count a pose estimator's parameters and the multiply-adds of one picture.

    Unlike ``mmengine.analysis.get_model_complexity_info`` it includes the products inside
    ``scaled_dot_product_attention``. A multiply-add is one FLOP, as in OpenMMLab's tables.

    Returns:
        dict[str, Any]: ``parameters``; ``flops``; ``attention_flops``, the part of them in
        attention; ``uncounted``, names of matrix operations without a counter.
    """
    width, height = input_size
    inputs = torch.zeros(1, 3, height, width, device=next(model.parameters()).device)
    was_training = model.training
    model.eval()
    fast = torch.backends.mha.get_fastpath_enabled()
    # The fused encoder layer is one operation without a counter.
    torch.backends.mha.set_fastpath_enabled(False)
    # This part of MMPose's models needs no data samples.
    model.forward = model._forward  # type: ignore[assignment]
    try:
        with torch.no_grad(), quiet():
            analyzer = FlopAnalyzer(model, (inputs,))
            analyzer.set_op_handle(_ATTENTION, _attention_flops)
            analyzer.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            flops = int(analyzer.total())
            attention = int(analyzer.by_operator().get('scaled_dot_product_attention', 0))
            missed = analyzer.unsupported_ops()
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        del model.forward
        model.train(was_training)
    products = ('attention', 'conv', 'matmul', 'mm', 'encoder_layer')
    return dict(
        parameters=int(parameter_count(model)['']),
        flops=flops,
        attention_flops=attention,
        uncounted=sorted(name for name in missed if any(p in name for p in products)),
    )


def _attention_flops(inputs: Sequence[Any], outputs: Sequence[Any]) -> float:
    """Multiply-adds of queries with keys, and of weights with values."""
    query, key, value = (i.type().sizes() for i in inputs[:3])
    batch = 1
    for n in query[:-2]:
        batch *= n
    return batch * query[-2] * key[-2] * (query[-1] + value[-1])
