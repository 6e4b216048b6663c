"""A watch on training that reports maps which locate nothing, keypoint by keypoint."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch
from lfhpe_mmpose.tags.values import is_absent

from ..collapse import Findings, MapHistory, Thresholds

_FLAT = (
    'The maps of {names} are constant or not finite. Usually the learning rate is too high, or '
    'the category loss is not balanced, so that "always visible" costs next to nothing. Lower the '
    'learning rate or lengthen its warm-up; set balance=True in KeypointCategoryLoss; use more '
    'tagged views, in which keypoints are absent more often.'
)
_STUCK = (
    'The peaks of {names} stay in one place for all persons. Usually the network reads the tag '
    'off the framing of the crop instead of the person. Use more tagged views, shift, scale and '
    'rotate the crops more (RandomBBoxTransform), or lower the learning rate.'
)
_MERGED = (
    'The peaks of {names} coincide in most persons. Usually their tags nearly always agree, so '
    'nothing separates them. Use more tagged views, in which one is visible without the other, '
    'or locate a few persons.'
)


@HOOKS.register_module()
class CollapseWatchHook(Hook):
    """Warn, naming the keypoints, when maps have collapsed.

    Every ``interval`` iterations the current training batch is run once more, in evaluation mode
    and without gradients, and its maps are checked for three signs
    (see ``Thresholds``):

    - *flat*: a keypoint's maps are constant;
    - *stuck*: its peaks are in one place for all of the last persons;
    - *merged*: the peaks of several keypoints coincide in most persons.

    A keypoint that is tagged as absent from a crop is not judged there. Training is not affected:
    modes, random states, gradients and statistics are the same as without the hook. The numbers
    of keypoints go to the visualizer as ``collapse/{flat,stuck,merged}_keypoints``. A warning is
    repeated when the named keypoints change, or after ``repeat`` checks.

    With several processes the first one watches its own share of the data. The hook is disabled
    for models whose parameters are split over processes (FSDP and the like), and logs a notice.

    Args:
        interval: Iterations between two checks.
        begin: Iterations before the first interval starts.
        min_persons: A judgement is over at least so many of the last persons, collected over
            several checks where the batch is smaller.
        repeat: Checks after which the same warning is given again.
        thresholds: Changes to the defaults of
            ``Thresholds``.

    Raises:
        UserError: 'option' if an argument is out of its range.
    """

    priority = 'LOW'

    def __init__(
        self,
        interval: int = 200,
        begin: int = 500,
        min_persons: int = 64,
        repeat: int = 10,
        **thresholds: float,
    ) -> None:
        for name, value, least in (
            ('interval', interval, 1),
            ('begin', begin, 0),
            ('min_persons', min_persons, 2),
            ('repeat', repeat, 1),
        ):
            if not isinstance(value, int) or value < least:
                fault = f'It is {value!r}, which is not a whole number of at least {least}.'
                raise UserError('option', f'CollapseWatchHook.{name}', fault, 'Correct it.')
        known = Thresholds.__dataclass_fields__
        unknown = set(thresholds) - set(known)
        if unknown:
            fault = f'Unknown argument: {", ".join(sorted(unknown))}.'
            remedy = f'Thresholds are {", ".join(known)}.'
            raise UserError('option', 'CollapseWatchHook', fault, remedy)
        self.interval = interval
        self.begin = begin
        self.repeat = repeat
        self.history = MapHistory(min_persons, Thresholds(**thresholds))
        self._disabled = False
        self._warned: tuple[Any, ...] | None = None
        self._checks_since_warning = 0

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Check the maps of the batch that was just trained on, where a check is due."""
        done = runner.iter + 1 - self.begin
        if done <= 0 or done % self.interval or self._disabled or not is_main_process():
            return
        model = runner.model
        outermost_splits = is_model_wrapper(model) and not isinstance(
            model, nn.DataParallel | nn.parallel.DistributedDataParallel
        )
        if is_model_wrapper(model):
            model = model.module
        if outermost_splits or any(is_model_wrapper(m) for m in model.modules()):
            self._disable(runner, 'the model is split over processes')
            return
        with undisturbed(model), torch.no_grad():
            data = model.data_preprocessor(dict(data_batch), False)
            maps = model(**data, mode='tensor')
        if not isinstance(maps, Tensor) or maps.ndim != 4:
            self._disable(runner, "mode='tensor' of the model does not return maps (B, K, h, w)")
            return
        self.history.add(maps, _present(data.get('data_samples'), maps.shape[1]))
        findings = self.history.findings()
        if findings is not None:
            self._report(runner, findings, maps.shape[1])

    def _disable(self, runner: Runner, reason: str) -> None:
        runner.logger.warning(f'CollapseWatchHook is disabled: {reason}.')
        self._disabled = True

    def _report(self, runner: Runner, findings: Findings, num_keypoints: int) -> None:
        """Write the counts, and a warning if it is new."""
        counts = {
            'collapse/flat_keypoints': len(findings.flat),
            'collapse/stuck_keypoints': len(findings.stuck),
            'collapse/merged_keypoints': sum(map(len, findings.merged)),
        }
        runner.visualizer.add_scalars(counts, step=runner.iter + 1)
        key = (tuple(findings.flat), tuple(findings.stuck), tuple(map(tuple, findings.merged)))
        self._checks_since_warning += 1
        if not findings:
            if self._warned is not None:
                runner.logger.info('CollapseWatchHook: no sign of collapse any more.')
            self._warned = None
            return
        if key == self._warned and self._checks_since_warning < self.repeat:
            return
        self._warned, self._checks_since_warning = key, 0
        names = keypoint_names(getattr(runner.train_dataloader, 'dataset', None), num_keypoints)

        def listed(ids: list[int]) -> str:
            return ', '.join(names[i] for i in ids)

        lines = []
        if findings.flat:
            lines.append(_FLAT.format(names=listed(findings.flat)))
        if findings.stuck:
            lines.append(_STUCK.format(names=listed(findings.stuck)))
        if findings.merged:
            groups = '; '.join(f'({listed(group)})' for group in findings.merged)
            lines.append(_MERGED.format(names=groups))
        runner.logger.warning(
            f'CollapseWatchHook, iteration {runner.iter + 1}, last {len(self.history)} persons:\n'
            + '\n'.join(f'- {line}' for line in lines)
        )


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, and restore modes and random states afterwards.

    The mode of every module is restored separately; ``model.train()`` would unfreeze modules.
    """
    modes = [(module, module.training) for module in model.modules()]
    states = random.getstate(), np.random.get_state()
    device = next((p.device for p in model.parameters()), torch.device('cpu'))
    on_cpu = device.type == 'cpu'
    with torch.random.fork_rng(
        devices=[] if on_cpu else [device], device_type='cuda' if on_cpu else device.type
    ):
        try:
            # Not model.eval(): modules may do more than switch in their train().
            for module, _ in modes:
                module.training = False
            yield
        finally:
            for module, training in modes:
                module.training = training
            random.setstate(states[0])
            np.random.set_state(states[1])


def keypoint_names(dataset: Any, num_keypoints: int) -> list[str]:
    """Names of the keypoints of a data set inside its wrappers; ``keypoint 0``, ... without."""
    while dataset is not None:
        names = (getattr(dataset, 'metainfo', None) or {}).get('keypoint_id2name')
        if names and len(names) == num_keypoints:
            return [names[i] for i in range(num_keypoints)]
        inner = getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]
        dataset = inner[0]
    return [f'keypoint {i}' for i in range(num_keypoints)]


def _present(data_samples: Any, num_keypoints: int) -> Tensor | None:
    """(B, K) bool, false where the keypoint is tagged as absent; None without tags."""
    tags = TaggedBatch.of(data_samples).labels.get('keypoint_tags') if data_samples else None
    if tags is None or tags.shape[-1] != num_keypoints:
        return None
    present: Tensor = ~is_absent(tags[:, 0, 0])
    return present
