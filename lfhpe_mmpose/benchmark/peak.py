"""What a device can do at most, and what a training step spends its time on."""

import torch

from .modes import Mode
from .timing import Clock, calls_for, time_calls
from .training import TrainingStep

# Side of the square matrices: large enough to fill the device.
_SIDE = {'cuda': 8192, 'cpu': 1024}


def measure_peak(mode: Mode, device: str, seconds: float = 1.0, side: int | None = None) -> float:
    """Measure the multiply-adds a second of a large matrix product in a mode's precision.

    Args:
        mode (Mode): Gives the precision.
        device (str): ``'cpu'`` or ``'cuda'``.
        seconds (float): How long. Defaults to 1.
        side (int, optional): Rows and columns. Defaults to 8192 on a GPU, 1024 on a CPU.

    Returns:
        float: Multiply-adds a second of the fastest product.
    """
    side = side or _SIDE[torch.device(device).type]
    dtype = mode.dtype or torch.float32
    a = torch.randn(side, side).to(device, dtype)
    b = torch.randn(side, side).to(device, dtype)
    out = torch.empty_like(a)
    clock = Clock(device)

    def multiply() -> None:
        torch.mm(a, b, out=out)

    one = time_calls(multiply, 2, clock)[-1]
    return side**3 / min(time_calls(multiply, calls_for(seconds, one, least=3), clock))


def peak_fraction(flops: int, batch_size: int, step: float, peak: float) -> float:
    """The fraction of the peak that a training step reaches.

    Args:
        flops (int): Multiply-adds of one picture in the forward pass.
        batch_size (int): Pictures in the step.
        step (float): Seconds of the step.
        peak (float): Multiply-adds a second, of :func:`measure_peak`.

    Returns:
        float: In [0, 1]; the backward pass counts as two forward passes, which is what the
        products for the gradients of inputs and of weights are.
    """
    return 3 * flops * batch_size / step / peak


def profile_step(step: TrainingStep, steps: int = 3, rows: int = 40) -> str:
    """Profile a training step, operation by operation.

    Args:
        step (TrainingStep): Warmed up here.
        steps (int): Steps in the profile. Defaults to 3.
        rows (int): Rows of the table. Defaults to 40.

    Returns:
        str: PyTorch's table, the operations that take most of the device first.
    """
    activities = [torch.profiler.ProfilerActivity.CPU]
    sort = 'self_cpu_time_total'
    if step.clock.cuda:
        activities.append(torch.profiler.ProfilerActivity.CUDA)
        sort = 'self_cuda_time_total'
    for _ in range(2):
        step.run()
    with torch.profiler.profile(activities=activities) as profile:
        for _ in range(steps):
            step.run()
    return profile.key_averages().table(sort_by=sort, row_limit=rows)
