"""Short names of the configs that come with the package.

Nothing needs adding here for a new config: every file below ``configs/`` that is
not a base file is found by its base name.
"""

import difflib
from pathlib import Path

import lfhpe_mmpose
from lfhpe_mmpose.errors import UserError


def config_root() -> Path:
    """Return the folder that holds the package's configs.

    Returns:
        Path: ``configs`` of the source tree where the package runs from one,
        otherwise ``.mim/configs`` inside the installed package.

    Raises:
        UserError: If there is neither.
    """
    package = Path(lfhpe_mmpose.__file__).parent
    source = package.parent
    # In site-packages a folder `configs` may belong to anyone: only a source tree has both.
    if (source / 'configs').is_dir() and (source / 'pyproject.toml').is_file():
        return source / 'configs'
    if (package / '.mim' / 'configs').is_dir():
        return package / '.mim' / 'configs'
    raise UserError(
        f'{package}: the package was installed without its configs. '
        'Install it again with "pip install ." from the source tree.'
    )


def _configs_by_name() -> dict[str, Path]:
    root = config_root()
    paths = sorted(p for p in root.rglob('*.py') if '_base_' not in p.relative_to(root).parts)
    return {p.stem: p for p in paths}


def list_configs() -> list[str]:
    """List the short names of the packaged configs.

    Returns:
        list[str]: Sorted base names without ``.py``.
    """
    return sorted(_configs_by_name())


def find_config(name: str | Path) -> str:
    """Resolve a config's short name, or its path, to a path.

    Args:
        name (str | Path): The path of any config file, which is returned as it
            is, or the base name of a packaged one, with or without ``.py``.

    Returns:
        str: The path.

    Raises:
        UserError: If there is neither such a file nor such a packaged config.
    """
    if Path(name).is_file():
        return str(name)
    configs = _configs_by_name()
    short = Path(name).name.removesuffix('.py')
    if str(name) in (short, f'{short}.py') and short in configs:
        return str(configs[short])
    close = difflib.get_close_matches(short, configs, n=3, cutoff=0.5)
    hint = f' Did you mean {" or ".join(map(repr, close))}?' if close else ''
    raise UserError(
        f'{name}: no such config file, and no packaged config of that name.{hint} '
        'lfhpe_mmpose.apis.list_configs() lists the packaged ones.'
    )
