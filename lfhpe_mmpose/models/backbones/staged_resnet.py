"""A ResNet of any depth, number of stages and output stride."""

from collections.abc import Sequence
from typing import Any

from mmengine.model import update_init_info
from mmengine.model.weight_init import PretrainedInit
from mmpose.models.backbones import ResNet
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.errors import UserError

from .pretrained import load_kept_stages

_NATURAL_STRIDES = (4, 8, 16, 32)


@MODELS.register_module()
class StagedResNet(ResNet):
    """MMPose's ResNet, cut after some stage, with a chosen stride.

    Pose models on ImageNet weights often stop at stage 3 (TransPose-R, TokenPose). Added to
    ``mmpose.models.ResNet``:

    - ``output_stride``: stages past it keep their resolution and dilate their 3x3
      convolutions instead (Chen et al., DeepLab, TPAMI 2018). Every convolution behind a
      dropped stride is dilated and none before it, so that pretrained weights see what they
      were trained on: the strided network's output is every second pixel of the dilated
      network's (not with ``avg_down``, whose filter goes with the stride). MMPose's
      ``dilations`` do not have this property.
    - ``init_cfg=dict(type='Pretrained', checkpoint=...)`` loads strictly: the kept stages
      must fit, later ones are ignored.
    - ``train()`` and ``eval()`` return the module, as PyTorch's do.

    The names in the ``state_dict`` are torchvision's for all options.

    Args:
        depth (int): 18, 34, 50, 101 or 152.
        num_stages (int): Number of stages to keep, 1 to 4.
        out_indices (Sequence[int], optional): Stages to return, from 0. Defaults to the
            last one.
        output_stride (int, optional): Largest stride of the outputs: 4, 8, 16 or 32, at
            most that of the last stage, which is the default.
        base_channels (int): Width of the first stage; 64 is the usual ResNet.
        stem_channels (int, optional): Defaults to ``base_channels``.
        style (str): Where a bottleneck has its stride: 'pytorch' in the 3x3 convolution,
            'caffe' in the first 1x1.
        frozen_stages (int): -1 freezes nothing, 0 the stem, n the stem and n stages.
        kwargs: Further arguments of ``mmpose.models.ResNet``, without ``strides`` and
            ``dilations``, which follow from ``output_stride``.

    Raises:
        UserError: If an argument is invalid.
    """

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
        **kwargs: Any,
    ) -> None:
        _check(
            depth=depth,
            num_stages=num_stages,
            out_indices=out_indices,
            output_stride=output_stride,
            base_channels=base_channels,
            stem_channels=stem_channels,
            style=style,
            frozen_stages=frozen_stages,
            **kwargs,
        )
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
        """Initialise, or load the kept stages; a checkpoint that does not fit is refused."""
        cfgs = self.init_cfg if isinstance(self.init_cfg, list) else [self.init_cfg or {}]
        pretrained = [c for c in cfgs if c.get('type') in ('Pretrained', PretrainedInit)]
        if not pretrained or self.is_init:
            super().init_weights()
            return
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


def _check(num_stages: Any, out_indices: Any, output_stride: Any, **options: Any) -> None:
    """Refuse an invalid argument by its name and what is allowed."""

    def refuse(name: str, value: Any, allowed: str) -> None:
        place = f'model.backbone.{name}'
        raise UserError('config-value', place, f'It must be {allowed}, got {value!r}.')

    for name, allowed in (
        ('depth', sorted(ResNet.arch_settings)),
        ('style', ['pytorch', 'caffe']),
    ):
        if options[name] not in allowed:
            refuse(name, options[name], f'one of {allowed}')
    for name in ('base_channels', 'stem_channels'):
        value = options[name]
        if value is not None and (not isinstance(value, int) or value < 1):
            refuse(name, value, 'a positive whole number')
    for name in ('strides', 'dilations'):
        if name in options:
            refuse(name, options[name], 'left out: it follows from output_stride')
    if not isinstance(num_stages, int) or not 1 <= num_stages <= 4:
        refuse('num_stages', num_stages, '1, 2, 3 or 4')
    if out_indices is not None and (
        not isinstance(out_indices, Sequence)
        or not out_indices
        or any(not isinstance(i, int) or not 0 <= i < num_stages for i in out_indices)
        or list(out_indices) != sorted(set(out_indices))
    ):
        refuse('out_indices', out_indices, f'ascending stages from 0 to {num_stages - 1}')
    strides = _NATURAL_STRIDES[:num_stages]
    if output_stride is not None and output_stride not in strides:
        refuse('output_stride', output_stride, f'one of {strides} for {num_stages} stages')
    frozen = options['frozen_stages']
    if not isinstance(frozen, int) or not -1 <= frozen <= num_stages:
        refuse('frozen_stages', frozen, f'from -1 to num_stages={num_stages}')


def _plan_strides(num_stages: int, output_stride: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides of the stages, and the factor of the stride that each dropped."""
    strides, dropped, total = [], [], 4
    for natural in (1, 2, 2, 2)[:num_stages]:
        keep = total * natural <= output_stride
        strides.append(natural if keep else 1)
        dropped.append(1 if keep else natural)
        total *= strides[-1]
    return tuple(strides), tuple(dropped)


def _dilate_stage(stage: nn.Sequential, before: int, factor: int) -> None:
    """Dilate a stage's 3x3 convolutions.

    ``before`` is the dilation of the stages before, ``factor`` the stride that this stage's
    first block dropped.
    """
    for index, block in enumerate(stage):
        # The convolution that had the stride, and those before it, are on the old grid.
        strided = 'conv1'
        if hasattr(block, 'conv3') and block.style == 'pytorch':
            strided = 'conv2'
        for name in ('conv1', 'conv2'):
            conv = getattr(block, name)
            old_grid = index == 0 and name <= strided
            dilation = before if old_grid else before * factor
            if conv.kernel_size == (3, 3):
                conv.dilation = conv.padding = (dilation, dilation)
