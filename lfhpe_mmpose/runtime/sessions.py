"""Opening a file by ONNX Runtime."""

import os
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError, package_error


def open_session(
    path: str | os.PathLike[str], threads: int | None = None, providers: list[str] | None = None
) -> Any:
    """Load an ONNX file.

    Args:
        path: The file.
        threads: Threads of the network; None takes those of the machine.
        providers: Of ONNX Runtime, such as ``['CUDAExecutionProvider']``. Defaults to the CPU.

    Returns:
        onnxruntime.InferenceSession.

    Raises:
        UserError: 'package' without ONNX Runtime, 'unreadable-file' if there is no such file,
            'onnx-file' if it cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError:
        remedy = "Run `pip install 'lfhpe_mmpose[runtime]'`."
        raise package_error('onnxruntime', 'OnnxPredictor', remedy) from None
    if not Path(path).is_file():
        fault = 'There is no such file.'
        raise UserError('unreadable-file', str(path), fault, 'Correct the path.')
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(
            os.fspath(path), options, providers=providers or ['CPUExecutionProvider']
        )
    except Exception as error:
        # ONNX Runtime raises classes of its own, without a common base but Exception.
        fault = f'ONNX Runtime cannot read it ({str(error).splitlines()[0][:200]}).'
        raise UserError('onnx-file', str(path), fault, 'Export the model again.') from None
