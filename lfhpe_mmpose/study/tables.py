"""The table of a study: CSV is the record, Markdown is for the docs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lfhpe_mmpose.files.writing import write_text, write_whole

from .execute import RESULT
from .plan import UNLIMITED, StudyPlan, StudyRun

# Column of the table, and the metric of the run's validation that it shows.
METRIC_COLUMNS = {
    'pck_0.1': 'keypoint/PCK@0.1',
    'pck_0.2': 'keypoint/PCK@0.2',
    'tag_map': 'category/mAP',
    'swap_rate': 'keypoint/swap_rate',
}
# PCK of each keypoint follows: pck_0.1_right_ankle, ..., pck_0.2_right_ankle, ...
COLUMNS = (
    'run',
    'recipe',
    'backbone',
    'location_fraction',
    'views_per_person',
    'tag_questions_per_person',
    'seed',
    'split',
    *METRIC_COLUMNS,
    'minutes',
    'device',
)
# Runs that agree in these differ by the seed alone.
SETTING = ['recipe', 'location_fraction', 'views_per_person']
_TEXT = {'views_per_person': str, 'tag_questions_per_person': str}


def read_rows(path: Path) -> pd.DataFrame:
    """Read ``path``.csv, or return no rows if the file is missing."""
    file = _beside(path, '.csv')
    return pd.read_csv(file, dtype=_TEXT) if file.is_file() else pd.DataFrame(columns=[*COLUMNS])


def collect_rows(plan: StudyPlan, out: Path, device: str, recorded: pd.DataFrame) -> pd.DataFrame:
    """Join the recorded rows with the results below ``out``, in the order of the plan.

    A result replaces the recorded row of its run. Recorded rows of runs outside the plan come
    last. ``device`` is for results that do not name theirs.
    """
    known = {row['run']: row for row in recorded.to_dict('records')}
    for run in plan.runs:
        path = out / run.name / RESULT
        old = known.pop(run.name, None)
        if path.is_file():
            known[run.name] = _row(plan, run, json.loads(path.read_text()), device)
        elif old is not None:
            known[run.name] = old
    planned = [run.name for run in plan.runs if run.name in known]
    others = [name for name in known if name not in planned]
    rows = pd.DataFrame([known[name] for name in [*planned, *others]])
    return rows.reindex(columns=[*COLUMNS, *(c for c in rows if c not in COLUMNS)])


def write_tables(rows: pd.DataFrame, path: Path, notes: Mapping[str, str]) -> None:
    """Write ``path``.csv and ``path``.md; ``notes`` explains the recipes."""
    with write_whole(_beside(path, '.csv')) as part:
        rows.to_csv(part, index=False, lineterminator='\n')
    write_text(_beside(path, '.md'), format_markdown(rows, notes))


def format_markdown(rows: pd.DataFrame, notes: Mapping[str, str]) -> str:
    """Lay the rows out as a Markdown table, with the notes as a list below it.

    Runs that differ by the seed alone share a line: mean and, from two seeds on, the standard
    deviation. If the runs are of several machines, a column names them, and only runs of one
    machine have minutes.
    """
    headings = ('PCK@0.1', 'PCK@0.2', 'tag mAP', 'swap rate')
    table = rows.groupby(SETTING, sort=False, as_index=False).agg(
        **{
            'questions a person': ('tag_questions_per_person', 'first'),
            'seeds': ('seed', 'size'),
            **{head: (c, _spread) for head, c in zip(headings, METRIC_COLUMNS, strict=True)},
            'minutes': ('minutes', lambda minutes: f'{minutes.mean():.1f}'),
            'machine': ('device', lambda devices: ' and '.join(devices.astype(str).unique())),
        }
    )
    machines = rows['device'].astype(str).unique()
    table.loc[~table['machine'].isin(machines), 'minutes'] = ''
    if len(machines) < 2:
        table = table.drop(columns='machine')
    table['location_fraction'] = [f'{100 * f:g}%' for f in table['location_fraction']]
    table = table.rename(columns=dict(location_fraction='located', views_per_person='views'))
    used = [f'- `{name}`: {notes[name]}' for name in rows['recipe'].unique() if notes.get(name)]
    text = table.to_markdown(index=False, disable_numparse=True)
    return '\n'.join([text, '', *used]).rstrip() + '\n'


def _row(plan: StudyPlan, run: StudyRun, result: Mapping[str, Any], device: str) -> dict[str, Any]:
    cfg = run.config()
    backbone = cfg.model.backbone
    depth = backbone.get('depth', '')
    stages = f' stages 1-{backbone.num_stages}' if 'num_stages' in backbone else ''
    metrics = result['metrics']
    questions = UNLIMITED
    if run.views != UNLIMITED:
        questions = str(run.views * cfg.model.head.get('out_channels', 0))
    return dict(
        run=run.name,
        recipe=run.recipe,
        backbone=f'{backbone.type}{f"-{depth}" if depth else ""}{stages}',
        location_fraction=run.fraction,
        views_per_person=str(run.views),
        tag_questions_per_person=questions,
        seed=run.seed,
        split=plan.split,
        **{c: round(metrics.get(key, float('nan')), 5) for c, key in METRIC_COLUMNS.items()},
        minutes=result['minutes'],
        device=result.get('device') or device,
        **{
            key.replace('keypoint/PCK@', 'pck_'): round(value, 4)
            for key, value in metrics.items()
            if key.startswith('keypoint/PCK@') and '_' in key
        },
    )


def _spread(values: pd.Series) -> str:
    """Mean, and standard deviation of several."""
    known = values.dropna()
    if known.empty:
        return ''
    return f'{known.mean():.3f}' + (f' ± {known.std():.3f}' if len(known) > 1 else '')


def _beside(path: Path, suffix: str) -> Path:
    """``path`` with a suffix added, whatever dots its name has."""
    return Path(f'{path}{suffix}')
