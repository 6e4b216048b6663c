"""Tests of the wheel: what is in it, and that `mim` works with it from another directory.

The wheel is built from the source distribution, so that both are known to be complete, and then
installed into an environment of its own, which sees the packages of the present one.
"""

import json
import os
import re
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from lfhpe_mmpose.datasets.synthetic import generate_people
from lfhpe_mmpose.version import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = 'lfhpe_mmpose'
CONFIG = 'lfhpe_synthetic-96x96_loc0.py'
NOT_SOURCE = shutil.ignore_patterns(
    '.git', '.venv', '.*_cache', '__pycache__', '.mim', '*.egg-info', 'build', 'dist', 'work_dirs'
)


def run(command: list, cwd: Path, **env: str) -> str:
    """Runs a command that must succeed and returns all that it printed."""
    clean = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@dataclass
class Built:
    """What the build left: source tree, source distribution, wheel."""

    source: Path
    sdist: Path
    wheel: Path

    @property
    def names(self) -> set[str]:
        """The files in the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


@pytest.fixture(scope='module')
def built(tmp_path_factory) -> Built:
    """A source distribution of a copy of this tree, and the wheel built from it."""
    folder = tmp_path_factory.mktemp('built')
    source = folder / 'source'
    shutil.copytree(ROOT, source, ignore=NOT_SOURCE)
    code = 'import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])'
    run([sys.executable, '-c', code, folder], source)
    (sdist,) = folder.glob('*.tar.gz')
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter='data')
    unpacked = folder / sdist.name.removesuffix('.tar.gz')
    # A leftover as of an earlier build, and links as of an editable install.
    stale = unpacked / 'build' / 'lib' / PACKAGE / '.mim' / 'configs' / 'removed.py'
    stale.parent.mkdir(parents=True)
    stale.write_text('')
    (unpacked / PACKAGE / '.mim').mkdir()
    (unpacked / PACKAGE / '.mim' / 'configs').symlink_to('../../configs')
    options = ['--no-deps', '--no-build-isolation', '--no-index', '--wheel-dir', folder]
    run([sys.executable, '-m', 'pip', 'wheel', *options, unpacked], folder)
    (wheel,) = folder.glob('*.whl')
    return Built(source, sdist, wheel)


@pytest.fixture(scope='module')
def python(built, tmp_path_factory) -> Path:
    """The interpreter of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp('environment')
    run([sys.executable, '-m', 'venv', '--without-pip', folder], folder)
    python = folder / 'bin' / 'python'
    # Lines of a .pth file come after the environment's own packages, and the .pth files in those
    # folders, the editable install among them, are not followed.
    (packages,) = folder.glob('lib/python*/site-packages')
    lines = site.getsitepackages()
    # From Python 3.12 on, setuptools supplies distutils (for MMEngine) by a .pth file of its own.
    lines += [
        shim.read_text()
        for parent in site.getsitepackages()
        for shim in Path(parent).glob('distutils-precedence.pth')
    ]
    (packages / 'parent.pth').write_text('\n'.join(lines))
    options = ['--no-deps', '--no-index', '--ignore-installed', built.wheel]
    run([sys.executable, '-m', 'pip', '--python', python, 'install', *options], folder)
    return python


class TestWheel:
    """What the wheel and the source distribution contain."""

    def test_name(self, built):
        """`mim` takes the name of the distribution for that of the module."""
        assert built.wheel.name == f'{PACKAGE}-{__version__}-py3-none-any.whl'

    def test_all_modules(self, built):
        """Every Python file of the package is in it, with the marker of type hints."""
        modules = {
            path.relative_to(built.source).as_posix()
            for path in (built.source / PACKAGE).rglob('*.py')
        }
        assert len(modules) > 40
        assert modules <= built.names
        assert f'{PACKAGE}/py.typed' in built.names

    def test_mim_folder(self, built):
        """`.mim` holds every config with its texts, the tools, and the model index."""
        inside = {name.split('/.mim/')[1] for name in built.names if '/.mim/' in name}
        configs = {
            path.relative_to(built.source).as_posix()
            for path in (built.source / 'configs').rglob('*')
            if path.is_file()
        }
        assert configs <= inside
        assert {name for name in inside if name.startswith('configs/')} == configs
        assert {'model-index.yml', 'tools/train.py', 'tools/test.py'} <= inside
        assert not any('setup_' in name or '__pycache__' in name for name in inside)

    def test_unique_config_names(self, built):
        """`mim` finds a config by its base name, which must therefore match once."""
        names = [path.name for path in (built.source / 'configs').rglob('*.py')]
        assert len(names) == len(set(names))

    def test_nothing_else(self, built):
        """Neither tests nor documents become importable."""
        assert {name.split('/')[0] for name in built.names} == {
            PACKAGE,
            f'{PACKAGE}-{__version__}.dist-info',
        }

    def test_source_is_left_clean(self, built):
        """A build puts no `.mim` into the source tree."""
        assert not (built.source / PACKAGE / '.mim').exists()

    def test_sdist(self, built):
        """The source distribution can be tested and built again, and carries the licence."""
        with tarfile.open(built.sdist) as archive:
            names = {name.partition('/')[2] for name in archive.getnames()}
        assert {
            'LICENSE',
            'README.md',
            'Makefile',
            'model-index.yml',
            'requirements/torch.txt',
            'tools/setup_env.py',
            'tests/test_packaging.py',
        } <= names
        assert not any('.mim' in name or '.venv' in name for name in names)

    def test_requirements(self, built):
        """Nothing is asked for that would make pip change a working MMPose."""
        with zipfile.ZipFile(built.wheel) as archive:
            metadata = archive.read(f'{PACKAGE}-{__version__}.dist-info/METADATA').decode()
        needed = [
            line
            for line in metadata.splitlines()
            if line.startswith('Requires-Dist:') and 'extra ==' not in line
        ]
        names = [re.split(r'[ >=<]', line)[1] for line in needed]
        assert names == ['numpy', 'pandas', 'pillow', 'tqdm']


class TestEditable:
    """The editable install of the development environment."""

    def test_links(self, built, tmp_path):
        """It gives the source tree a `.mim` of links, which git ignores."""
        tree = tmp_path / 'tree'
        shutil.copytree(built.source, tree)
        command = (
            'import sys; from setuptools import build_meta as b; b.build_editable(sys.argv[1])'
        )
        run([sys.executable, '-c', command, tmp_path], tree)
        mim = tree / PACKAGE / '.mim'
        assert (mim / 'tools' / 'train.py').samefile(tree / 'tools' / 'train.py')
        assert (mim / 'configs').is_symlink()
        assert (mim / 'model-index.yml').is_file()


class TestCommand:
    """`lfhpe` with the installed wheel, from a directory that knows nothing of the repository."""

    def test_console_script(self, python, tmp_path):
        """It is on the path, and finds its own tables, weights and templates."""
        lfhpe = python.with_name('lfhpe')
        assert 'new-config' in run([lfhpe, '--help'], tmp_path)
        assert f'site-packages/{PACKAGE}/.mim/weights' in run([lfhpe, 'models'], tmp_path)
        generate_people(tmp_path / 'people', num_train=20, num_val=2, progress=False)
        tags = 'people/annotations/person_keypoints_train.json'
        assert '0 errors' in run([lfhpe, 'check', tags, '--images', 'people/train'], tmp_path)
        run([lfhpe, 'new-config', tags, '--images', 'people/train', '--out', 'my'], tmp_path)
        assert (tmp_path / 'my' / 'config.py').is_file()


class TestMim:
    """`mim` with the installed wheel, from a directory that knows nothing of the repository."""

    def test_installed_wheel_is_meant(self, python, tmp_path):
        """The package that the environment imports is that of the wheel."""
        code = f'import importlib.util as u; print(u.find_spec("{PACKAGE}").origin)'
        origin = Path(run([python, '-c', code], tmp_path).strip())
        assert origin == next(python.parents[1].glob('lib/python*')) / (
            f'site-packages/{PACKAGE}/__init__.py'
        )

    def test_search(self, python, tmp_path):
        """`mim search` lists every recipe, and finds one by its name."""
        out = tmp_path / 'found.json'
        run([python, '-m', 'mim', 'search', PACKAGE, '--json', out], tmp_path)
        found = json.loads(out.read_text())
        recipes = {path.stem for path in (ROOT / 'configs').glob('*/lfhpe_*.py')}
        assert len(recipes) > 30
        assert set(found['config']) == recipes
        name = CONFIG.removesuffix('.py')
        said = run(
            [python, '-m', 'mim', 'search', PACKAGE, '--config', name, '--field', 'config'],
            tmp_path,
        )
        assert name in said

    def test_train_then_test(self, python, tmp_path):
        """`mim train` with a bare config name, then `mim test` with its checkpoint."""
        data = tmp_path / 'people'
        generate_people(data, num_train=8, num_val=4, progress=False)
        env = {
            'LFHPE_SYNTHETIC': f'{data}/',
            'OMP_NUM_THREADS': '1',
            'CUDA_VISIBLE_DEVICES': '',
        }
        options = ['--cfg-options']
        for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
            options += [f'{name}.batch_size=4', f'{name}.num_workers=0']
            options += [f'{name}.persistent_workers=False']
        options += ['train_cfg.max_epochs=1', 'train_cfg.val_interval=1']
        mim = [python, '-m', 'mim']
        work = ['--work-dir', 'out']
        said = run([*mim, 'train', PACKAGE, CONFIG, *work, *options], tmp_path, **env)
        assert 'Training finished successfully' in said
        checkpoint = tmp_path / 'out' / 'epoch_1.pth'
        assert checkpoint.is_file()
        said = run(
            [*mim, 'test', PACKAGE, CONFIG, '--checkpoint', checkpoint, *work, *options],
            tmp_path,
            **env,
        )
        assert 'pck@0.2/PCK' in said
        assert 'Testing finished successfully' in said
