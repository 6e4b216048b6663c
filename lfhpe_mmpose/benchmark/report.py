"""The results as Markdown tables, also for the screen.

To add a table, write a function from results to lines and list it in :func:`report`.
"""

from collections.abc import Sequence

import numpy as np

from .machine import machine_sentence
from .summary import Row, ratio_of, summarise_block
from .training import PARTS, STAGES

_NONE = '-'


def report(results: dict) -> str:
    """Write the results as Markdown.

    Args:
        results (dict): Of a :class:`Run`, also an unfinished one.

    Returns:
        str: The text.
    """
    s = results['settings']
    lines = [f'Machine: {machine_sentence(results["machine"])}.', '']
    lines += [f'Command: `{results["machine"]["command"]}`', '']
    if not results['complete']:
        lines += ['**Not finished: the run was interrupted; what is here was measured.**', '']
    lines += [
        f"Ratios are to `{s['reference']}` (its time over the model's, above 1 is faster), "
        'taken within each round: median (min..max) of the rounds.',
        '',
    ]
    lines += _models(results)
    for block in results['blocks']:
        lines += [f'## {block["mode"]}, {block["rounds"]} rounds', '']
        rows = summarise_block(block, s['reference'])
        lines += _inference(rows, block)
        lines += _throughput(block)
        lines += _training(rows, block, results)
        lines += _compile(block)
        lines += _skipped(block)
    lines += _area(results) + _loaders(results) + _peak(results)
    return '\n'.join(lines).rstrip() + '\n'


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose columns line up on a screen too.

    Args:
        head (Sequence[str]): Names of the columns.
        rows (Sequence[Sequence[str]]): Cells; the first column is to the left, others right.

    Returns:
        list[str]: Lines, an empty one at the end.
    """
    widths = [max(3, *(len(r[i]) for r in [head, *rows])) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (c.ljust(w) if i == 0 else c.rjust(w)
                          for i, (c, w) in enumerate(zip(cells, widths)))  # fmt: skip
        return f'| {" | ".join([first, *others])} |'

    rule = [('-' * w) if i == 0 else '-' * (w - 1) + ':' for i, w in enumerate(widths)]
    return [line(head), f'| {" | ".join(rule)} |', *map(line, rows), '']


def _models(results: dict) -> list[str]:
    rows = []
    for name, model in results['models'].items():
        if model['skipped']:
            rows.append([name, model['config'], f'skipped: {model["skipped"]}', '', '', ''])
            continue
        width, height = model['input_size']
        rows.append(
            [
                name,
                model['config'],
                f'{height}x{width}',
                f'{model["parameters"] / 1e6:.2f}',
                f'{model["flops"] / 1e9:.2f}',
                f'{model["attention_flops"] / 1e9:.2f}',
            ]
        )
    head = ['model', 'config', 'input', 'parameters, M', 'GFLOPs', 'of them attention']
    lines = ['## Models', '', *table(head, rows)] if rows else []
    for name, model in results['models'].items():
        if model.get('uncounted'):
            lines += [f'`{name}`: not counted: {", ".join(model["uncounted"])}.', '']
        if model.get('left_out_steps'):
            steps = ', '.join(model['left_out_steps'])
            lines += [f'`{name}`: batches without {steps} (its package is not installed).', '']
    return lines


def _ratio(value: dict | None) -> str:
    if value is None:
        return _NONE
    return f'{value["median"]:.2f} ({value["min"]:.2f}..{value["max"]:.2f})'


def _number(value: float | None, digits: int = 1) -> str:
    return _NONE if value is None else f'{value:.{digits}f}'


def _percent(value: float | None) -> str:
    return _NONE if value is None else f'{100 * value:.0f}%'


def _inference(rows: dict[str, Row], block: dict) -> list[str]:
    cells = [
        [
            name,
            _number(row.p50_ms),
            _number(row.p95_ms),
            _ratio(row.latency_ratio),
            _NONE if row.best is None else f'{row.best:.1f} ({row.best_batch})',
            _ratio(row.best_ratio),
            _number(block['memory'].get(name, {}).get('inference'), 0),
            _number(block['memory'].get(name, {}).get('training'), 0),
        ]
        for name, row in rows.items()
    ]
    head = ['model', 'p50, ms', 'p95, ms', 'ratio', 'best images/s (batch)', 'ratio',
            'peak MiB, inference', 'peak MiB, training']  # fmt: skip
    return ['Inference; latency at batch 1:', '', *table(head, cells)] if cells else []


def _throughput(block: dict) -> list[str]:
    sizes = list(block['throughput'])
    names = list(dict.fromkeys(n for size in sizes for n in block['throughput'][size]))
    cells = [
        [n, *(_number(_median(block['throughput'][size].get(n))) for size in sizes)] for n in names
    ]
    head = ['model', *(f'batch {size}' for size in sizes)]
    return ['Images a second:', '', *table(head, cells)] if cells else []


def _median(values: Sequence[float] | None) -> float | None:
    return float(np.median(values)) if values else None


def _training(rows: dict[str, Row], block: dict, results: dict) -> list[str]:
    batch = results['settings']['train_batch_size']
    peak = results.get('peak', {}).get(block['mode'].split(',')[0])
    cells = []
    for name, row in rows.items():
        if row.parts is None:
            continue
        parts = row.parts
        step = parts['step']
        flops = results['models'][name]['flops']
        cells.append(
            [
                name,
                _number(1000 * step),
                _ratio(row.step_ratio),
                *(_percent(parts[part] / step) for part in PARTS),
                *(_percent(row.forward_share(stage)) for stage in STAGES),
                _percent(row.neck_head),
                *([_percent(3 * flops * batch / step / peak)] if peak else []),
            ]
        )
    head = ['model', 'step, ms', 'ratio', *PARTS, *(f'{s} in forward' for s in STAGES),
            'neck + head of step', *(['of peak'] if peak else [])]  # fmt: skip
    return [f'Training step, batch {batch}:', '', *table(head, cells)] if cells else []


def _compile(block: dict) -> list[str]:
    if not block['compile']:
        return []
    cells = [
        [name, _number(c['warm_up_seconds']), str(c['graphs']), str(c['graph_breaks'])]
        for name, c in block['compile'].items()
    ]
    lines = table(['model', 'compilation, s', 'graphs', 'graph breaks'], cells)
    again = block.get('recompiled_in_rounds')
    if again is not None:
        lines += [f'Compiled again after the warm-up: {again} graphs.', '']
    return lines


def _skipped(block: dict) -> list[str]:
    lines = [
        f'- `{name}`, {what}: skipped: {reason}'
        for name, measures in block['skipped'].items()
        for what, reason in measures.items()
    ]
    return [*lines, ''] if lines else []


def _area(results: dict) -> list[str]:
    area = results.get('area')
    if not area:
        return []
    names = list(area['seconds'])
    cells = [
        [size, *(f'{1000 * np.median(area["seconds"][n][size]):.2f}' for n in names)]
        for size in area['sizes']
    ]
    exponents = '; '.join(
        f'{n}: {area["slope"][n]:.2f} over all sizes, {area["upper_slope"][n]:.2f} over the '
        'larger ones'
        for n in names
    )
    title = f'## Neck of `{area["model"]}` against the input area, {area["mode"]}, batch 1'
    lines = [title, '', *table(['input', *(f'{n}, ms' for n in names)], cells)]
    return [*lines, f'Exponent of the area in the cost (1 is linear): {exponents}.', '']


def _loaders(results: dict) -> list[str]:
    loaders = results.get('loaders')
    if not loaders:
        return []
    first = loaders[0]
    cells = [
        [
            e['name'],
            str(e['workers']),
            _number(_median(e['samples_per_second'])),
            _ratio(ratio_of(e['samples_per_second'], first['samples_per_second'])),
        ]
        for e in loaders
    ]
    head = ['loader', 'workers', 'samples/s', 'ratio to the first row']
    return ['## Loaders', '', *table(head, cells)]


def _peak(results: dict) -> list[str]:
    if not results.get('peak'):
        return []
    cells = [[name, f'{2 * value / 1e12:.3f}'] for name, value in results['peak'].items()]
    head = ['precision', 'TFLOP/s (2 a multiply-add)']
    return ['## Peak of matrix products', '', *table(head, cells)]
