"""The table of a study: CSV for programs, Markdown for the docs."""

import csv
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .execute import RESULT
from .plan import UNLIMITED, StudyPlan, StudyRun

# Column of the table, and the metric of the run's validation that it shows.
METRIC_COLUMNS = {
    'pck_0.1': 'keypoint/PCK@0.1',
    'pck_0.2': 'keypoint/PCK@0.2',
    'tag_map': 'category/mAP',
    'swap_rate': 'keypoint/swap_rate',
}
COLUMNS = (
    'recipe',
    'backbone',
    'location_fraction',
    'views_per_person',
    'tag_questions_per_person',
    'seed',
    'split',
    'pck_0.1',
    'pck_0.2',
    'tag_map',
    'swap_rate',
    'minutes',
    'device',
    'command',
)


def collect_rows(plan: StudyPlan, out: Path, device: str) -> list[dict]:
    """Collect the rows of the runs that are done.

    Args:
        plan (StudyPlan): The study.
        out (Path): Folder of the runs.
        device (str): The machine in words, for results that do not name theirs.

    Returns:
        list[dict]: One a run in the plan's order, with :data:`COLUMNS`, ``name`` and
        ``metrics`` (all of the run's).
    """
    rows = []
    for run in plan.runs:
        path = out / run.name / RESULT
        if path.is_file():
            result = json.loads(path.read_text())
            rows.append(_row(plan, run, result, device))
    return rows


def write_tables(rows: Sequence[Mapping], path: Path, notes: Mapping[str, str]) -> None:
    """Write ``path``.csv and ``path``.md, and ``path``_keypoints.csv with each keypoint's PCK.

    Runs that differ by the seed alone share a line of the Markdown: mean and, from two
    seeds on, the standard deviation.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        path (Path): Without a suffix; its folder is made.
        notes (Mapping[str, str]): What each recipe is, in a sentence.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f'{path.name}.csv').open('w', newline='') as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction='ignore', lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)
    prefix = 'keypoint/PCK@0.2_'
    names = [k.removeprefix(prefix) for k in (rows[0]['metrics'] if rows else ()) if prefix in k]
    with path.with_name(f'{path.name}_keypoints.csv').open('w', newline='') as file:
        lines = csv.writer(file, lineterminator='\n')
        lines.writerow(['run', 'threshold', *names])
        for row in rows:
            for threshold in ('0.1', '0.2'):
                found = [row['metrics'].get(f'keypoint/PCK@{threshold}_{n}') for n in names]
                lines.writerow([row['name'], threshold, *(_number(v, 4) for v in found)])
    path.with_name(f'{path.name}.md').write_text(format_markdown(rows, notes))


def format_markdown(rows: Sequence[Mapping], notes: Mapping[str, str]) -> str:
    """Lay the rows out as a Markdown table; see :func:`write_tables`.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        notes (Mapping[str, str]): What each recipe is, in a sentence.

    Returns:
        str: The table, and the notes as a list below it.
    """
    lines = [
        '| recipe | located | views | questions a person | seeds | PCK@0.1 | PCK@0.2 '
        '| tag mAP | swap rate | minutes |',
        '|---|---|---|---|---|---|---|---|---|---|',
    ]
    for group in group_seeds(rows):
        first = group[0]
        cells = [
            first['recipe'],
            f'{100 * first["location_fraction"]:g}%',
            f'{first["views_per_person"]}',
            f'{first["tag_questions_per_person"]}',
            f'{len(group)}',
            *(_spread([row[column] for row in group]) for column in METRIC_COLUMNS),
            f'{np.mean([row["minutes"] for row in group]):.1f}',
        ]
        lines.append('| ' + ' | '.join(cells) + ' |')
    used = dict.fromkeys(row['recipe'] for row in rows)
    explained = [f'- `{name}`: {notes[name]}' for name in used if notes.get(name)]
    return '\n'.join([*lines, '', *explained]).rstrip() + '\n'


def group_seeds(rows: Sequence[Mapping]) -> list[list[Mapping]]:
    """Group rows that differ by the seed alone.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.

    Returns:
        list[list[Mapping]]: In order of the first of each group.
    """
    groups: dict[tuple, list[Mapping]] = {}
    for row in rows:
        key = (row['recipe'], row['location_fraction'], str(row['views_per_person']))
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _row(plan: StudyPlan, run: StudyRun, result: Mapping, device: str) -> dict:
    cfg = run.config()
    backbone = cfg.model.backbone
    depth = backbone.get('depth', '')
    stages = f' stages 1-{backbone.num_stages}' if 'num_stages' in backbone else ''
    keypoints = cfg.model.head.get('out_channels', 0)
    metrics = result['metrics']
    return dict(
        name=run.name,
        recipe=run.recipe,
        backbone=f'{backbone.type}{f"-{depth}" if depth else ""}{stages}',
        location_fraction=run.fraction,
        views_per_person=run.views,
        tag_questions_per_person=UNLIMITED if run.views == UNLIMITED else run.views * keypoints,
        seed=run.seed,
        split=plan.split,
        **{column: _number(metrics.get(key), 5) for column, key in METRIC_COLUMNS.items()},
        minutes=result['minutes'],
        device=result.get('device') or device,
        command=f'python tools/study.py {shlex.quote(str(plan.path))} --only {run.name}',
        metrics=metrics,
    )


def _number(value: float | None, digits: int):
    """A rounded number; an empty cell where there is none."""
    return '' if value is None or not np.isfinite(value) else round(float(value), digits)


def _spread(values: Sequence) -> str:
    """Mean, and standard deviation of several."""
    known = [v for v in values if v != '']
    if not known:
        return ''
    mean = f'{np.mean(known):.3f}'
    return mean if len(known) < 2 else f'{mean} ± {np.std(known, ddof=1):.3f}'
