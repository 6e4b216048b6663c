"""The results as Markdown tables, also for the screen.

To add a column, compute it in ``summarise_block``; to add a table, write a function from
results to lines and call it in ``report``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .machine import machine_sentence
from .timing import ratios
from .training import PARTS, STAGES, mean_parts, neck_head_share

INFERENCE = ('p50, ms', 'p95, ms', 'ratio', 'best images/s', 'best batch', 'ratio at best')
MEMORY = ('peak MiB, inference', 'peak MiB, training')
TRAINING = ('step, ms', 'step ratio', *PARTS, *(f'{s} in forward' for s in STAGES), 'neck + head')
_SHARES = TRAINING[2:]


def report(results: dict[str, Any]) -> str:
    """Write the results of a ``Run``, finished or not, as Markdown."""
    s = results['settings']
    lines = [f'Machine: {machine_sentence(results["machine"])}.', '']
    lines += [f'Command: `{results["machine"]["command"]}`', '']
    if not results['complete']:
        lines += ['**Not finished: the run was interrupted. It holds what was measured.**', '']
    lines += [
        f"Ratios are to `{s['reference']}` (its time over the model's, above 1 is faster), "
        'taken within each round: median (min..max) of the rounds.',
        '',
    ]
    lines += _models(results)
    for block in results['blocks']:
        lines += [f'## {block["mode"]}, {block["rounds"]} rounds', '']
        rows = summarise_block(block, s['reference'])
        lines += _section('Inference; latency at batch 1:', rows, [*INFERENCE, *MEMORY])
        sizes = pd.DataFrame(block['throughput']).map(_median)
        lines += _section('Images per second by batch size:', sizes, list(sizes))
        lines += _section(f'Training step, batch {s["train_batch_size"]}:', rows, TRAINING)
        for name, measures in block['skipped'].items():
            lines += [f'- `{name}`, {what}: skipped: {why}' for what, why in measures.items()]
        lines += [''] if block['skipped'] else []
    lines += _area(results)
    return '\n'.join(lines).rstrip() + '\n'


def summarise_block(block: Mapping[str, Any], reference: str) -> pd.DataFrame:
    """Reduce the rounds of a block to a row per model.

    Columns are those of ``INFERENCE``, ``MEMORY`` and ``TRAINING``, as far as
    they were measured; ratios are dicts of median, min and max. The best batch size is that
    with the highest median, and its ratio is to the reference at the reference's own best.
    """
    throughput, training = block['throughput'], block['training']
    names = dict.fromkeys([*block['latency'], *(n for v in throughput.values() for n in v)])
    rows: dict[str, dict[str, Any]] = {name: {} for name in [*names, *training]}
    medians = {n: [float(np.median(r)) for r in rounds] for n, rounds in block['latency'].items()}
    for name, rounds in block['latency'].items():
        calls = np.concatenate(rounds) * 1000
        p50, p95 = np.percentile(calls, [50, 95])
        ratio = ratios(medians.get(reference, ()), medians[name])
        rows[name].update({'p50, ms': p50, 'p95, ms': p95, 'ratio': ratio})
    best = {name: _best_batch(throughput, name) for name in rows}
    theirs = throughput[best[reference]][reference] if best.get(reference) else []
    for name, size in best.items():
        if size:
            ours = throughput[size][name]
            rows[name].update({'best images/s': np.median(ours), 'best batch': size})
            rows[name]['ratio at best'] = ratios(ours, theirs)
    steps = {name: [r['step'] for r in rounds] for name, rounds in training.items()}
    for name, rounds in training.items():
        parts = mean_parts(rounds)
        row = rows[name]
        row['step, ms'] = 1000 * parts['step']
        row['step ratio'] = ratios(steps.get(reference, ()), steps[name])
        row.update({part: parts[part] / parts['step'] for part in PARTS})
        if 'forward_head' in parts:
            for stage in STAGES:
                row[f'{stage} in forward'] = parts[f'forward_{stage}'] / parts['forward']
            row['neck + head'] = neck_head_share(parts, block['parameter_share'][name])
    for name, peaks in block['memory'].items():
        rows[name].update({f'peak MiB, {what}': peak for what, peak in peaks.items()})
    return pd.DataFrame.from_dict(rows, orient='index')


def markdown(frame: pd.DataFrame) -> list[str]:
    """Lay a table out in Markdown, with an empty line at the end."""
    frame = frame.fillna('-').rename_axis('model').reset_index()
    align = ('left', *('right',) * (frame.shape[1] - 1))
    text = frame.to_markdown(index=False, disable_numparse=True, colalign=align)
    return [*text.splitlines(), '']


def _section(title: str, rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """A table of the measured columns under a title; nothing if there are none."""
    there = [column for column in columns if column in rows]
    if not there:
        return []
    table = rows[there].dropna(how='all')
    cells = {c: [_cell(c, value) for value in table[c]] for c in there}
    return [title, '', *markdown(pd.DataFrame(cells, index=table.index))]


def _cell(column: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return f'{value["median"]:.2f} ({value["min"]:.2f}..{value["max"]:.2f})'
    if value is None or np.isnan(value):
        return '-'
    return f'{100 * value:.0f}%' if column in _SHARES else f'{value:.1f}'


def _median(values: Any) -> float:
    return float(np.median(values)) if isinstance(values, list) and values else float('nan')


def _best_batch(throughput: Mapping[str, Mapping[str, list[float]]], name: str) -> str | None:
    """The batch size at which a model is fastest, by the median of its rounds."""
    there = {size: np.median(v[name]) for size, v in throughput.items() if v.get(name)}
    return max(there, key=lambda size: there[size]) if there else None


def _models(results: dict[str, Any]) -> list[str]:
    rows = {}
    for name, model in results['models'].items():
        rows[name] = dict(config=model['config'], input=f'skipped: {model["skipped"]}')
        if not model['skipped']:
            width, height = model['input_size']
            rows[name]['input'] = f'{height}x{width}'
            for column, key, unit in (
                ('parameters, M', 'parameters', 1e6),
                ('GFLOPs', 'flops', 1e9),
                ('attention GFLOPs', 'attention_flops', 1e9),
            ):
                rows[name][column] = f'{model[key] / unit:.2f}'
    table = pd.DataFrame.from_dict(rows, orient='index')
    lines = ['## Models', '', *markdown(table)] if rows else []
    for name, model in results['models'].items():
        if model.get('uncounted'):
            lines += [f'`{name}`: not counted: {", ".join(model["uncounted"])}.', '']
        if model.get('left_out_steps'):
            steps = ', '.join(model['left_out_steps'])
            lines += [f'`{name}`: batches without {steps} (its package is not installed).', '']
    return lines


def _area(results: dict[str, Any]) -> list[str]:
    area = results.get('area')
    if not area:
        return []
    cells = {
        f'{name}, ms': [f'{1000 * np.median(sizes[size]):.2f}' for size in area['sizes']]
        for name, sizes in area['seconds'].items()
    }
    exponents = '; '.join(
        f'{name}: {slope:.2f} over all sizes, {area["upper_slope"][name]:.2f} over the larger ones'
        for name, slope in area['slope'].items()
    )
    title = f'## Neck of `{area["model"]}` against the input area, {area["mode"]}, batch 1'
    table = pd.DataFrame(cells, index=area['sizes'])
    lines = [title, '', *markdown(table)]
    return [*lines, f'Exponent of the area in the cost (1 is linear): {exponents}.', '']
