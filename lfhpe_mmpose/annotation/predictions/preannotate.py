"""A plan's pictures answered by a model, for annotators to correct in Label Studio."""

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.annotation.converters.label_studio_write import choice
from lfhpe_mmpose.annotation.converters.plan_answers import base_name
from lfhpe_mmpose.annotation.plan import forms
from lfhpe_mmpose.annotation.plan.plan_file import load_plan
from lfhpe_mmpose.annotation.plan.ranking import picture_probabilities
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.files.paths import inside
from lfhpe_mmpose.tags.values import SEEN, UNKNOWN

from .found import tags_of_probabilities


def preannotate_plan(
    path: str,
    model: Any,
    model_version: str,
    sure: float = 0.8,
    form: str = 'questions',
    prefix: str | None = None,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Make Label Studio's tasks of a plan, with predictions.

    Args:
        path: ``plan.json``, with the pictures beside it.
        model: From ``init_model``.
        model_version: Its name.
        sure: As for ``tags_of_probabilities``. Unknown keypoints are left to the
            annotator ('questions'), or ticked as "cannot tell" ('ticks').
        form: Form of the project, as in ``lfhpe plan``.
        prefix: Prefix of the pictures' URLs. None takes that of the plan.
        progress: Whether to show a progress bar.

    Returns:
        The tasks, in the plan's order. ``score`` is the mean probability of the answers, so that
        Label Studio can show uncertain ones first.

    Raises:
        UserError: If the plan or a picture cannot be read, or the model does not fit.
    """
    plan, settings = load_plan(path)
    prefix = prefix or forms.url_prefix(Path(path).parent)
    names = settings.keypoints
    tags_of_probabilities(np.zeros(0), sure)  # raises before an hour of work
    files = [picture['file'] for picture in plan.rest['plan']['pictures']]
    folder = Path(path).parent
    paths = [inside(folder, file, f'{path}: plan.pictures') for file in files]
    crops = (read_image(file) for file in paths)
    bar = tqdm(files, 'pictures', unit='picture', disable=not progress)
    tasks = []
    for file, probs in zip(bar, picture_probabilities(model, crops, names), strict=True):
        tags = dict(zip(names, tags_of_probabilities(probs, sure), strict=True))
        score = float(np.maximum(probs, 1 - probs).mean())
        result = _ticks(tags) if form == 'ticks' else _questions(tags)
        for entry in result:
            entry['to_name'] = forms.image_control(names)
        prediction = dict(model_version=model_version, score=round(score, 4), result=result)
        data = dict(image=forms.picture_url(file, prefix), picture=base_name(file))
        tasks.append(dict(data=data, predictions=[prediction]))
    return tasks


def _questions(tags: dict[str, int]) -> list[dict[str, Any]]:
    return [
        choice(name, tag, f'a{i}') for i, (name, tag) in enumerate(tags.items()) if tag != UNKNOWN
    ]


def _ticks(tags: dict[str, int]) -> list[dict[str, Any]]:
    ticked = {
        forms.TICKED: [name for name, tag in tags.items() if tag == SEEN] or [forms.NOTHING],
        forms.TICKED_UNKNOWN: [name for name, tag in tags.items() if tag == UNKNOWN],
    }
    return [
        dict(id=f't{i}', type='choices', from_name=control, value=dict(choices=choices))
        for i, (control, choices) in enumerate(ticked.items())
        if choices
    ]
