"""A ResNet of any depth that ends where one wants, at the stride one wants."""

from collections.abc import Sequence

from mmengine.model import update_init_info
from mmengine.model.weight_init import PretrainedInit
from mmpose.models.backbones import ResNet
from mmpose.registry import MODELS
from torch import nn

from .pretrained import load_kept_stages

_NATURAL_STRIDES = (4, 8, 16, 32)


@MODELS.register_module()
class StagedResNet(ResNet):
    """MMPose's ResNet, cut after some stage, with a chosen stride.

    A pose model on ImageNet weights often stops at stage 3 (TransPose-R, TokenPose).
    Added to :class:`mmpose.models.ResNet`:

    - ``output_stride``: stages past it keep their resolution and dilate their 3x3
      convolutions instead (Chen et al., DeepLab, TPAMI 2018). Every convolution
      behind a dropped stride is dilated, and none before it, so that pretrained
      weights see what they were trained on: every second pixel of the dilated
      network's output is the strided network's output (not with
      ``avg_down``, whose filter goes with the stride). MMPose's ``dilations`` has not
      this property.
    - strict loading of ``init_cfg=dict(type='Pretrained', checkpoint=...)``: the kept
      stages must fit, what lies past them is ignored.
    - ``train()`` and ``eval()`` return the module, as PyTorch's do.

    The names in the ``state_dict`` are torchvision's whatever the options are.

    Args:
        depth (int): 18, 34, 50, 101 or 152.
        num_stages (int): Keep the first so many stages, 1 to 4. Defaults to 4.
        out_indices (Sequence[int], optional): Stages to return, from 0. Defaults to
            the last one.
        output_stride (int, optional): Greatest stride of the outputs: 4, 8, 16 or 32,
            not above 4, 8, 16, 32 for 1, 2, 3, 4 stages. Defaults to that bound.
        base_channels (int): Width of the first stage; 64 is the usual ResNet.
            Defaults to 64.
        stem_channels (int, optional): Defaults to ``base_channels``.
        style (str): Where a bottleneck has its stride: 'pytorch' in the 3x3
            convolution, 'caffe' in the first 1x1. Defaults to 'pytorch'.
        frozen_stages (int): -1 freezes nothing, 0 the stem, n the stem and n stages.
            Defaults to -1.
        kwargs: Further arguments of :class:`mmpose.models.ResNet` (``norm_eval``,
            ``norm_cfg``, ``deep_stem``, ``with_cp``, ``init_cfg``, ...), without
            ``strides`` and ``dilations``, which follow from ``output_stride``.

    Raises:
        ValueError: If an argument is out of its range.
    """

    # Of MMPose's ResNet, which names no types.
    is_init: bool

    def __init__(
        self,
        depth: int,
        num_stages: int = 4,
        out_indices: Sequence[int] | None = None,
        output_stride: int | None = None,
        base_channels: int = 64,
        stem_channels: int | None = None,
        style: str = 'pytorch',
        frozen_stages: int = -1,
        **kwargs,
    ) -> None:
        _check(depth, num_stages, out_indices, output_stride, style, frozen_stages, kwargs)
        for name, value in (('base_channels', base_channels), ('stem_channels', stem_channels)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ValueError(f'{name} must be a positive whole number, got {value!r}.')
        if out_indices is None:
            out_indices = (num_stages - 1,)
        if output_stride is None:
            output_stride = _NATURAL_STRIDES[num_stages - 1]
        strides, dropped = _plan_strides(num_stages, output_stride)
        super().__init__(
            depth,
            num_stages=num_stages,
            strides=strides,
            dilations=(1,) * num_stages,
            out_indices=tuple(out_indices),
            base_channels=base_channels,
            stem_channels=stem_channels or base_channels,
            style=style,
            frozen_stages=frozen_stages,
            **kwargs,
        )
        self.output_stride = output_stride
        dilation = 1
        for name, factor in zip(self.res_layers, dropped, strict=True):
            _dilate_stage(getattr(self, name), dilation, factor)
            dilation *= factor

    def init_weights(self) -> None:
        """Initialise, or load the kept stages of a pretrained network.

        Raises:
            UserError: If the checkpoint is missing or does not fit.
        """
        cfgs = self.init_cfg if isinstance(self.init_cfg, list) else [self.init_cfg or {}]
        pretrained = [c for c in cfgs if c.get('type') in ('Pretrained', PretrainedInit)]
        if not pretrained or self.is_init:
            super().init_weights()
            return
        # Every weight comes from the file, so no other initialisation is needed.
        cfg = pretrained[-1]
        load_kept_stages(
            self, cfg['checkpoint'], cfg.get('prefix'), cfg.get('map_location', 'cpu')
        )
        self.is_init = True
        if hasattr(self, '_params_init_info'):
            update_init_info(self, init_info=f'PretrainedInit: load from {cfg["checkpoint"]}')

    def train(self, mode: bool = True) -> 'StagedResNet':
        """Set the mode; frozen stages, and norms under ``norm_eval``, stay in eval."""
        super().train(mode)
        return self


def _check(depth, num_stages, out_indices, output_stride, style, frozen_stages, kwargs) -> None:
    """Raise a ValueError that says which argument is wrong and what it may be."""
    if depth not in ResNet.arch_settings:
        raise ValueError(f'depth must be one of {sorted(ResNet.arch_settings)}, got {depth!r}.')
    if not isinstance(num_stages, int) or not 1 <= num_stages <= 4:
        raise ValueError(f'num_stages must be 1, 2, 3 or 4, got {num_stages!r}.')
    bad = {'strides', 'dilations'} & set(kwargs)
    if bad:
        raise ValueError(
            f'{" and ".join(sorted(bad))} cannot be set: '
            'give output_stride, from which they follow.'
        )
    if out_indices is not None and (
        not isinstance(out_indices, Sequence)
        or not out_indices
        or any(not isinstance(i, int) or not 0 <= i < num_stages for i in out_indices)
        or list(out_indices) != sorted(set(out_indices))
    ):
        raise ValueError(
            f'out_indices must be a rising sequence of stages from 0 to {num_stages - 1} '
            f'(num_stages={num_stages}), got {out_indices!r}.'
        )
    allowed = _NATURAL_STRIDES[:num_stages]
    if output_stride is not None and output_stride not in allowed:
        raise ValueError(
            f'output_stride must be one of {allowed} for num_stages={num_stages}, '
            f'got {output_stride!r}.'
        )
    if style not in ('pytorch', 'caffe'):
        raise ValueError(f"style must be 'pytorch' or 'caffe', got {style!r}.")
    if not isinstance(frozen_stages, int) or not -1 <= frozen_stages <= num_stages:
        raise ValueError(
            f'frozen_stages must lie from -1 to num_stages={num_stages}, got {frozen_stages!r}.'
        )


def _plan_strides(num_stages: int, output_stride: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides of the stages, and by what each stage's dropped stride must dilate."""
    strides, dropped, total = [], [], 4
    for natural in (1, 2, 2, 2)[:num_stages]:
        keep = total * natural <= output_stride
        strides.append(natural if keep else 1)
        dropped.append(1 if keep else natural)
        total *= strides[-1]
    return tuple(strides), tuple(dropped)


def _dilate_stage(stage: nn.Sequential, before: int, factor: int) -> None:
    """Dilate a stage's 3x3 convolutions.

    ``before`` is the dilation that the stage inherits, ``factor`` the stride that it
    dropped, in its first block.
    """
    for index, block in enumerate(stage):
        # The convolution that had the stride, and those before it, see the old grid.
        strided = 'conv1'
        if hasattr(block, 'conv3') and block.style == 'pytorch':
            strided = 'conv2'
        for name in ('conv1', 'conv2'):
            conv = getattr(block, name)
            old_grid = index == 0 and name <= strided
            dilation = before if old_grid else before * factor
            if conv.kernel_size == (3, 3):
                conv.dilation = conv.padding = (dilation, dilation)
