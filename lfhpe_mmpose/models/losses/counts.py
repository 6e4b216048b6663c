"""What a loss counts, over all processes of a run.

Our losses are sums over what a batch holds (located keypoints, tags of either kind),
divided by its number. ``DistributedDataParallel`` averages the gradients of processes, whose
numbers differ: the only located keypoint of one would weigh as much as all those of
another. Divided by the number of all processes, the mean over processes is the loss of
their batches put together.

A new loss of this kind counts by :func:`total_counts` and divides by :func:`mean_over`. With
one process these do what one would write for it, and nothing more.
"""

import torch
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor


def total_counts(first: Tensor, *others: Tensor | float) -> tuple[Tensor, ...]:
    """Add up counts over all processes, in one exchange.

    All processes must call it, in the same order, as they do in a training step. The host
    does not wait for the result.

    Args:
        first (Tensor): A scalar.
        others (Tensor | float): More of them, tensors on the same device.

    Returns:
        tuple[Tensor, ...]: The sums, float32 without gradient; with one process the counts
        as they were given.
    """
    if get_world_size() == 1:
        return (first, *others)  # type: ignore[arg-type]
    # A number is filled in on the device, not copied to it.
    counts = [
        c if isinstance(c, Tensor) else first.new_full((), c, dtype=torch.float32)
        for c in (first, *others)
    ]
    totals = torch.stack([count.detach().float() for count in counts])
    all_reduce(totals)
    return totals.unbind()


def mean_over(values: Tensor | float, total: Tensor) -> Tensor:
    """Divide the sum of a process by the number of all processes, times the processes.

    The mean of the result over processes is then the mean over all their values.

    Args:
        values (Tensor | float): Sum over the batch of this process.
        total (Tensor): Number in the batches of all processes, of :func:`total_counts`.
            Less than 1 counts as 1.

    Returns:
        Tensor: A scalar.
    """
    mean = values / total.clamp(min=1)
    processes = get_world_size()
    return mean if processes == 1 else mean * processes
