"""A watch on training: maps that locate nothing are reported, keypoint by keypoint."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmpose.registry import HOOKS
from torch import Tensor, nn

from ..collapse import Findings, MapHistory, Thresholds

_FLAT = (
    'The maps of {names} are constant, or not finite. Usually the learning rate is too high, or '
    'the category loss is not balanced, so that "always seen" costs next to nothing. Lower the '
    'learning rate or lengthen its warm-up; set balance=True in KeypointCategoryLoss; give more '
    'tagged views, in which keypoints are missing more often.'
)
_STUCK = (
    'The peaks of {names} stay in one place whoever is in the picture. Usually the network reads '
    'the tag off the framing of the crop instead of the person. Give more tagged views, shift, '
    'scale and rotate the crops more (RandomBBoxTransform), or lower the learning rate.'
)
_MERGED = (
    'The peaks of {names} coincide in most persons. Usually their tags nearly always agree, so '
    'that nothing tells them apart. Give more tagged views, in which one is seen without the '
    'other, add a loss that keeps parts apart, or locate a few persons.'
)


@HOOKS.register_module()
class CollapseWatchHook(Hook):
    """Warn, naming the keypoints, when maps have collapsed.

    Every ``interval`` iterations the current training batch is run once more, in
    evaluation mode and without gradients, and its maps are looked at for three signs
    (see :class:`~lfhpe_mmpose.engine.collapse.Thresholds`):

    - *flat*: a keypoint's maps are constant;
    - *stuck*: its peaks are in one place for all of the last persons;
    - *merged*: several keypoints' peaks coincide in most persons.

    A keypoint that is tagged as missing from a crop is not judged there. Training is not
    touched: modes, random states, gradients and statistics are as without the hook. The
    numbers of keypoints go to the visualizer as ``collapse/flat_keypoints``,
    ``collapse/stuck_keypoints`` and ``collapse/merged_keypoints``. A warning is repeated
    when the keypoints named change, or after ``repeat`` checks.

    With several processes the first one watches its own share of the data; the forward
    pass runs on the model without its wrapper and so waits for nobody. A model whose
    parameters are split over processes (FSDP and the like) cannot run so: then the hook
    says so once and rests.

    Args:
        interval (int): Iterations between two checks. Defaults to 200.
        begin (int): Iterations before the first interval starts. Defaults to 500.
        min_persons (int): A judgement is over at least so many of the last persons,
            gathered over several checks where the batch is smaller. Defaults to 64.
        repeat (int): Checks after which the same warning is given again. Defaults to 10.
        thresholds (dict): Changes to the defaults of
            :class:`~lfhpe_mmpose.engine.collapse.Thresholds`: ``flat``, ``flat_share``,
            ``spread``, ``merge_distance``, ``merge_share``.

    Raises:
        ValueError: If an argument is out of its range.
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
                raise ValueError(
                    f'CollapseWatchHook: {name} must be a whole number of at least {least}, '
                    f'got {value!r}.'
                )
        unknown = set(thresholds) - set(Thresholds.__dataclass_fields__)
        if unknown:
            raise ValueError(
                f'CollapseWatchHook: unknown argument {", ".join(sorted(unknown))}. Thresholds '
                f'are {", ".join(Thresholds.__dataclass_fields__)}.'
            )
        self.interval = interval
        self.begin = begin
        self.repeat = repeat
        self.history = MapHistory(min_persons, Thresholds(**thresholds))
        self._resting = False
        self._warned: tuple | None = None
        self._checks_since_warning = 0

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Check the maps where a check is due.

        Args:
            runner (Runner): The runner of the training.
            batch_idx (int): Not used.
            data_batch (dict): The batch that was just trained on.
            outputs (dict, optional): Not used.
        """
        done = runner.iter + 1 - self.begin
        if done <= 0 or done % self.interval or self._resting or not is_main_process():
            return
        model = runner.model
        outermost_splits = is_model_wrapper(model) and not isinstance(
            model, nn.DataParallel | nn.parallel.DistributedDataParallel
        )
        if is_model_wrapper(model):
            model = model.module
        if outermost_splits or any(is_model_wrapper(m) for m in model.modules()):
            self._rest(runner, 'the model is split over processes')
            return
        with undisturbed(model), torch.no_grad():
            data = model.data_preprocessor(dict(data_batch), False)
            maps = model(**data, mode='tensor')
        if not isinstance(maps, Tensor) or maps.ndim != 4:
            self._rest(runner, "the model's mode='tensor' gives no maps (B, K, h, w)")
            return
        self.history.add(maps, _present(data.get('data_samples'), maps.shape[1]))
        findings = self.history.findings()
        if findings is not None:
            self._report(runner, findings, maps.shape[1])

    def _rest(self, runner, reason: str) -> None:
        runner.logger.warning(
            f'CollapseWatchHook: {reason}, so the maps are not watched. Remove the hook from '
            'custom_hooks to be rid of this line.'
        )
        self._resting = True

    def _report(self, runner, findings: Findings, num_keypoints: int) -> None:
        """Write the counts, and a warning where it is news."""
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
    """Put a model into evaluation mode, and leave no trace of what is run meanwhile.

    The mode of every module is restored as it was, which ``model.train()`` would not do
    for frozen ones, and so are the random states of Python, NumPy and PyTorch.

    Args:
        model (nn.Module): The model, without a wrapper.
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


def keypoint_names(dataset, num_keypoints: int) -> list[str]:
    """Names of the keypoints of a data set, through its wrappers.

    Args:
        dataset: A data set with ``metainfo``, or a wrapper with ``dataset`` or
            ``datasets``.
        num_keypoints (int): K.

    Returns:
        list[str]: K names; ``keypoint 0``, ... where there are none.
    """
    while dataset is not None:
        names = (getattr(dataset, 'metainfo', None) or {}).get('keypoint_id2name')
        if names and len(names) == num_keypoints:
            return [names[i] for i in range(num_keypoints)]
        inner = getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]
        dataset = inner[0]
    return [f'keypoint {i}' for i in range(num_keypoints)]


def _present(data_samples, num_keypoints: int) -> Tensor | None:
    """(B, K) bool, false where a tag says that the keypoint is missing; None without tags."""
    rows = []
    for sample in data_samples or ():
        labels = getattr(sample, 'gt_instance_labels', None)
        tags = getattr(labels, 'keypoint_tags', None)
        if tags is None or tags.shape[-1] != num_keypoints:
            return None
        rows.append(torch.as_tensor(tags)[0, 0].cpu() != 0)
    return torch.stack(rows) if rows else None
