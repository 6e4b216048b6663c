"""Short names of the configs and weights that come with the package.

Nothing needs adding here: every file below ``configs/`` that is not a base file is found by its
base name, and a weights file in ``weights/`` by the name of its config
(``<config>-<hash>.pth``).
"""

import difflib
import re
from pathlib import Path

import lfhpe_mmpose
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.paths import is_remote


def config_root() -> Path:
    """Return the folder of the package's configs.

    That is ``configs`` of the source tree where the package runs from one, otherwise
    ``.mim/configs`` inside the installed package.

    Raises:
        UserError: 'not-installed' if there is neither.
    """
    return _packaged('configs')


def list_weights() -> dict[str, Path]:
    """Packaged weights files, by the short name of their config."""
    files = sorted(_packaged('weights').glob('*-*.pth'))
    return {path.stem.rpartition('-')[0]: path for path in files}


def read_card(name: str) -> dict[str, str]:
    """What ``weights/README.md`` says of a packaged model: its table, by the first column."""
    text = (_packaged('weights') / 'README.md').read_text(encoding='utf-8')
    section = text.partition(f'\n## {name}\n')[2].partition('\n## ')[0]
    rows = re.findall(r'^\| ([^|]+) \| (.+) \|$', section, re.MULTILINE)
    return {key: re.sub(r'[`*]', '', value) for key, value in rows}


def find_weights(name: str | Path) -> str:
    """Find the published weights of a packaged config.

    Raises:
        UserError: 'no-weights' if the package has none for it.
    """
    short = Path(name).name.removesuffix('.py')
    found = list_weights()
    if short in found:
        return str(found[short])
    there = ', '.join(sorted(found)) or 'none'
    raise UserError(
        'no-weights',
        short,
        f'The package has no weights of this config; it has those of {there}.',
        'Give a file that `lfhpe publish` wrote.',
    )


def find_start(given: str) -> str:
    """The weights file that a training starts from: a file, or that of a packaged model.

    Raises:
        UserError: 'no-weights' or 'checkpoint-missing'.
    """
    if is_remote(given) or Path(given).is_file():
        return given
    if Path(given).suffix == '.pth':
        fault = 'There is no such file.'
        there = ', '.join(sorted(list_weights()))
        raise UserError('checkpoint-missing', given, fault, f'Packaged models: {there}.')
    return find_weights(given)


def list_configs() -> list[str]:
    """List the short names of the packaged configs, sorted."""
    return sorted(_configs_by_name())


def find_config(name: str | Path) -> str:
    """Resolve a config's path or short name (with or without ``.py``) to a path.

    Raises:
        UserError: 'config-missing' if there is neither such a file nor such a packaged config.
    """
    if Path(name).is_file():
        return str(name)
    configs = _configs_by_name()
    short = Path(name).name.removesuffix('.py')
    if str(name) in (short, f'{short}.py') and short in configs:
        return str(configs[short])
    close = difflib.get_close_matches(short, configs, n=3, cutoff=0.5)
    hint = f'Did you mean {" or ".join(map(repr, close))}? ' if close else ''
    raise UserError(
        'config-missing',
        str(name),
        'There is no such config file, and no packaged config of that name.',
        f'{hint}`lfhpe models` lists the packaged ones.',
    )


def _packaged(kind: str) -> Path:
    """A folder of the source tree, or of ``.mim`` in the installed package."""
    package = Path(lfhpe_mmpose.__file__).parent
    source = package.parent
    # In site-packages a folder `configs` may belong to anyone: only a source tree has both.
    if (source / kind).is_dir() and (source / 'pyproject.toml').is_file():
        return source / kind
    if (package / '.mim' / kind).is_dir():
        return package / '.mim' / kind
    remedy = 'Install it again with "pip install ." from the source tree.'
    raise UserError(
        'not-installed', str(package), f'The package was installed without its {kind}.', remedy
    )


def _configs_by_name() -> dict[str, Path]:
    root = config_root()
    paths = sorted(p for p in root.rglob('*.py') if '_base_' not in p.relative_to(root).parts)
    return {p.stem: p for p in paths}
