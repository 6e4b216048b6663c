"""A trained model as an ONNX file that needs neither PyTorch nor MMPose.

The file takes ``crops``, float32 (N, 3, H, W), RGB from 0 to 255, and gives ``keypoints``
(N, K, 2) in pixels of the crop, ``scores`` (N, K), ``probs`` (N, K) and, if asked for,
``heatmaps`` and ``cams`` (N, K, h, w). N is any number. Normalisation, flip test and decoding are
in the graph. How a crop is cut is in ``lfhpe_mmpose.runtime.crops``; the file's metadata say the
rest.
"""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lfhpe_mmpose.errors import UserError, package_error
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.models.exportable import ExportablePose
from lfhpe_mmpose.runtime.crops import PADDING
from lfhpe_mmpose.runtime.model_file import Description
from lfhpe_mmpose.version import __version__

PRECISIONS = ('float32', 'fp16', 'int8')
OPSET = 18
# Batches that the file is compared with PyTorch on.
CHECKED = (1, 3, 16)
# Largest difference of probabilities, and the share of keypoints that must be the same to half a
# cell of the heatmap. The test input is noise, in which several places are nearly equally likely.
_TOLERANCE = {'float32': (1e-4, 0.99), 'fp16': (0.02, 0.9), 'int8': (0.5, 0.3)}


def export_onnx(
    model: Any,
    out: str | Path,
    precision: str = 'float32',
    flip_test: bool = False,
    maps: bool = False,
    input_size: tuple[int, int] | None = None,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Write a model as an ONNX file, and compare it with PyTorch before it gets its name.

    Args:
        model: A model of ``init_model``, on the CPU.
        out: The file.
        precision: 'float32'; 'fp16', half the size; or 'int8', a quarter, by dynamic quantisation.
        flip_test: Average with the mirror image: twice the time, a little better.
        maps: Give heatmaps and plain maps as well.
        input_size: Width and height of a crop. Defaults to that of the config.
        say: Called with each line of progress.

    Returns:
        A line a batch size: how far the file is from PyTorch.

    Raises:
        UserError: 'export-model' if the model cannot be exported, 'package' without the extra
            ``onnx``, 'export-differs' if the file computes something else.
    """
    check_packages()
    import onnx

    width, height = input_size or _input_size(model)
    wrapped = ExportablePose(model, flip_test, maps).eval()
    names = ['keypoints', 'scores', 'probs'] + ['heatmaps', 'cams'] * maps
    say('Exporting; this takes about a minute.')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'model.onnx'
        export_graph(wrapped, torch.zeros(2, 3, height, width), 'crops', names, path)
        if precision != 'float32':
            say(f'Converting to {precision}.')
            path = _convert(path, precision)
        content = onnx.load(path)
        description = _describe(model, (width, height), precision, flip_test)
        for key, value in description.to_metadata().items():
            content.metadata_props.add(key=key, value=value)
        onnx.save(content, path)
        said = _compare(wrapped, path, (width, height), precision)
        data = path.read_bytes()
    write_bytes(out, data)
    return said


def check_packages() -> None:
    """Refuse to export without the extra ``onnx``.

    Raises:
        UserError: 'package'.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        remedy = "Run `pip install 'lfhpe_mmpose[onnx]'`."
        raise package_error(error.name, 'lfhpe export', remedy) from None


def export_graph(
    wrapped: nn.Module, example: torch.Tensor, name: str, outputs: list[str], path: Path
) -> None:
    """Write a network of one input, whose first dimension is any number.

    Args:
        wrapped: The network.
        example: An input (N, ...) with N of at least 2.
        name, outputs: Names of the input and of the outputs.
        path: The file.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel

    # The layout that the fast kernel of a CPU returns is not that of the exported operations.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            wrapped,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[name],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim('batch')},),
            verbose=False,
        )
    if program is None:
        raise RuntimeError('torch.onnx.export returned nothing.')
    program.save(str(path))


def _convert(path: Path, precision: str) -> Path:
    import onnx

    out = path.with_name(f'{precision}.onnx')
    if precision == 'fp16':
        from onnxruntime.transformers.float16 import convert_float_to_float16

        content = convert_float_to_float16(onnx.load(path), keep_io_types=True)
        onnx.save(content, out)
        return out
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    clean = path.with_name('clean.onnx')
    quant_pre_process(str(path), str(clean), skip_symbolic_shape=True)
    quantize_dynamic(str(clean), str(out), weight_type=QuantType.QUInt8)
    return out


def _describe(model: Any, size: tuple[int, int], precision: str, flip_test: bool) -> Description:
    """The metadata of the file."""
    meta, preprocessor = model.dataset_meta, model.data_preprocessor
    number = meta['num_keypoints']
    padding = PADDING
    for step in model.cfg.test_dataloader.dataset.pipeline:
        if step['type'] == 'GetBBoxCenterScale':
            padding = step.get('padding', PADDING)
    return Description(
        keypoints=[meta['keypoint_id2name'][i] for i in range(number)],
        skeleton=[list(map(int, link)) for link in meta['skeleton_links']],
        flip_indices=list(map(int, meta['flip_indices'])),
        input_size=list(size),
        padding=float(padding),
        mean=[float(v) for v in preprocessor.mean.flatten()],
        std=[float(v) for v in preprocessor.std.flatten()],
        precision=precision,
        flip_test=flip_test,
        config=Path(model.cfg.filename or '').stem,
        made_by=f'lfhpe_mmpose {__version__}, torch {torch.__version__}',
        card=_card(Path(model.cfg.filename or '').stem),
    )


def _card(name: str) -> dict[str, str]:
    """What the card of a packaged model says; empty for another one."""
    from lfhpe_mmpose.launch.packaged import list_weights, read_card

    return read_card(name) if name in list_weights() else {}


def _compare(wrapped: nn.Module, path: Path, size: tuple[int, int], precision: str) -> list[str]:
    """Run both on the same noise, at several batch sizes.

    Raises:
        UserError: 'export-differs'.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    said, rng = [], np.random.default_rng(0)
    most, least = _TOLERANCE[precision]
    for batch in CHECKED:
        # Blurred noise has edges and flat parts, as pictures do.
        small = rng.uniform(0, 255, (batch, 3, size[1] // 8, size[0] // 8)).astype(np.float32)
        crops = torch.nn.functional.interpolate(
            torch.from_numpy(small), size=size[::-1], mode='bilinear'
        )
        with torch.no_grad():
            right = [value.numpy() for value in wrapped(crops)]
        found: Any = session.run(None, {'crops': crops.numpy()})
        shapes = [a.shape == b.shape for a, b in zip(right, found)]
        probs = float(np.abs(right[2] - found[2]).max())
        cell = max(size) / 64
        same = float((np.abs(right[0] - found[0]).max(-1) <= cell).mean())
        said.append(
            f'batch {batch}: probabilities differ by at most {probs:.1e}, '
            f'{100 * same:.1f}% of the keypoints are the same'
        )
        if not all(shapes) or not probs <= most or same < least:
            fault = f'The file does not compute what the model does ({said[-1]}).'
            remedy = 'Please report this, with the config; --precision float32 may work.'
            raise UserError('export-differs', str(path.name), fault, remedy)
    return said


def _input_size(model: Any) -> tuple[int, int]:
    width, height = model.head.decoder.input_size
    return int(width), int(height)
