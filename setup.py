"""Builds the wheel: the package, and beside its modules `.mim` (configs, tools, weights,
model-index).

`mim` looks for `.mim` inside the installed package. A build copies it straight into the build
folder; an editable install gets links in the source tree instead. Everything else is in
pyproject.toml.
"""

import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

PACKAGE = 'lfhpe_mmpose'
MIM = ('configs', 'tools', 'weights', 'model-index.yml')
# What serves the repository only.
LEFT_OUT = shutil.ignore_patterns('__pycache__', '*.pyc', 'setup_*.py')


class BuildWithMim(build_py):
    """Adds `.mim` to what setuptools' own step builds."""

    def run(self) -> None:
        """Builds the modules, then `.mim`."""
        super().run()
        root = os.path.dirname(os.path.abspath(__file__))
        present = [name for name in MIM if os.path.exists(os.path.join(root, name))]
        if self.editable_mode:
            self.link(root, present)
        else:
            self.copy(root, present)

    def link(self, root: str, names: list[str]) -> None:
        """Makes `lfhpe_mmpose/.mim` in the source tree (git ignores it)."""
        folder = os.path.join(root, PACKAGE, '.mim')
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in names:
            os.symlink(os.path.join('..', '..', name), os.path.join(folder, name))

    def copy(self, root: str, names: list[str]) -> None:
        """Makes `lfhpe_mmpose/.mim` in the build folder, without leftovers of earlier builds."""
        folder = os.path.join(self.build_lib, PACKAGE, '.mim')
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in names:
            source = os.path.join(root, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(folder, name), ignore=LEFT_OUT)
            else:
                shutil.copy2(source, folder)


if __name__ == '__main__':
    setup(cmdclass={'build_py': BuildWithMim})
