"""Pictures of the maps of the same persons again and again, so that one sees them condense."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dist import is_main_process, master_only
from mmengine.hooks import Hook
from mmpose.registry import HOOKS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.visualization.panels import sample_panel, stack_panels

_COLUMNS = 4  # without the truth


@HOOKS.register_module()
class MapsHook(Hook):
    """Draws a few persons of the validation set, with their maps, during training.

    ``work_dir/maps/000200.jpg`` and so on, and the visualizer's backends get each picture. The
    persons are spread evenly over the set. No truth is drawn: what the maps do is shown, whatever
    coordinates the file has.

    Args:
        interval (int): Steps between two pictures. The first is drawn before the first step.
        number (int): Persons.

    Raises:
        UserError: 'maps-hook' if the run has no validation data.
    """

    priority = 'LOW'

    def __init__(self, interval: int = 200, number: int = 8) -> None:
        self.interval, self.number = interval, number
        self._persons: list[dict[str, Any]] = []

    def before_train(self, runner: Any) -> None:
        """Choose the persons, and draw them."""
        if not is_main_process():
            return
        if runner.val_loop is None:
            fault = 'It draws persons of val_dataloader, which this run does not have.'
            raise UserError('maps-hook', 'MapsHook', fault, 'Leave out --maps, or validate.')
        dataset = runner.val_loop.dataloader.dataset
        chosen = np.linspace(0, len(dataset) - 1, min(self.number, len(dataset)))
        self._persons = [dataset[int(index)] for index in chosen]
        self._meta = dataset.metainfo
        self._draw(runner, runner.iter)

    def after_train_iter(
        self,
        runner: Any,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Draw every ``interval`` steps."""
        if self._persons and (runner.iter + 1) % self.interval == 0:
            self._draw(runner, runner.iter + 1)

    @master_only
    def _draw(self, runner: Any, step: int) -> None:
        model = getattr(runner.model, 'module', runner.model)
        before, training = dict(model.test_cfg or {}), model.training
        model.test_cfg = dict(before, output_heatmaps=True)
        model.eval()
        try:
            with torch.no_grad():
                samples = model.test_step(
                    dict(
                        inputs=[person['inputs'] for person in self._persons],
                        data_samples=[person['data_samples'] for person in self._persons],
                    )
                )
        finally:
            model.test_cfg = before
            model.train(training)
        rows = [sample_panel(p, sample, self._meta) for p, sample in zip(self._persons, samples)]
        picture = stack_panels(rows, _COLUMNS)
        _, encoded = cv2.imencode('.jpg', picture[:, :, ::-1])
        write_bytes(Path(runner.work_dir) / 'maps' / f'{step:06}.jpg', encoded.tobytes())
        runner.visualizer.add_image('maps', picture, step=step)
