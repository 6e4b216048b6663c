"""The device that a user asks for."""

import torch

from lfhpe_mmpose.errors import UserError


def resolve_device(device: str | None) -> str:
    """Check a device name; None chooses the first GPU if there is one, else the CPU.

    Raises:
        UserError: 'device' if the name is invalid or the device is unavailable.
    """
    if device is None:
        return 'cuda:0' if torch.cuda.is_available() else 'cpu'
    place = f'device={device!r}'
    try:
        parsed = torch.device(device)
    except RuntimeError as error:
        fault = 'This device name is invalid.'
        raise UserError('device', place, fault, "Write 'cpu' or 'cuda:0'.") from error
    count = torch.cuda.device_count()
    if parsed.type == 'cuda' and (parsed.index or 0) >= count:
        raise UserError(
            'device',
            place,
            f'torch {torch.__version__} finds {count} GPU{"s" if count != 1 else ""}.',
            "Use 'cpu', or install a CUDA build of torch and check the driver with nvidia-smi.",
        )
    return device
