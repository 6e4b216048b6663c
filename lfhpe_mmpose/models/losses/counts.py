"""Means that are correct over several processes.

Our losses are sums over what a batch holds (located keypoints, tags of either kind), divided
by its number. ``DistributedDataParallel`` averages the gradients of processes whose numbers
differ, so the only located keypoint of one process would weigh as much as all those of
another. With the number of all processes as the divisor, the mean over processes is the loss
of their batches put together.

A loss counts by ``total_counts`` and divides by ``mean_over``. With one process these
are the plain count and the plain division.
"""

import torch
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor


def total_counts(first: Tensor, *others: Tensor | float) -> tuple[Tensor, ...]:
    """Add up scalar counts over all processes, in one exchange that the host does not wait for.

    All processes must call it in the same order, as they do in a training step.

    Returns:
        tuple[Tensor, ...]: The sums, float32 without gradient; with one process the counts
        as given.
    """
    if get_world_size() == 1:
        return (first, *others)  # type: ignore[arg-type]
    # new_full fills a number in on the device instead of copying it there.
    counts = [
        c if isinstance(c, Tensor) else first.new_full((), c, dtype=torch.float32)
        for c in (first, *others)
    ]
    totals = torch.stack([count.detach().float() for count in counts])
    all_reduce(totals)
    return totals.unbind()


def mean_over(values: Tensor | float, total: Tensor) -> Tensor:
    """Divide this process's sum by the number of all processes, times the processes.

    The mean of the result over processes is the mean over all their values. A ``total`` of
    less than 1 counts as 1.
    """
    mean = values / total.clamp(min=1)
    processes = get_world_size()
    return mean if processes == 1 else mean * processes
