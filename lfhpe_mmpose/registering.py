"""Registers the package's modules in MMPose's registries, now or when MMPose is imported."""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

ROOMS = ('datasets', 'engine', 'evaluation', 'models', 'visualization')


def register_with_mmpose() -> None:
    """Register now if MMEngine is loaded (a config is being read), else with MMPose."""
    if sys.modules.get('mmengine') is not None:
        _register()
    else:
        sys.meta_path.insert(0, _MMPoseFinder())


def _register() -> None:
    for room in ROOMS:
        importlib.import_module(f'{__package__}.{room}')


class _MMPoseFinder(MetaPathFinder):
    """Finds ``mmpose`` as usual, and registers once it has been executed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find ``mmpose``; leave every other module to them."""
        if name != 'mmpose':
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _RegisteringLoader(spec.loader)
        return spec


class _RegisteringLoader(Loader):
    """Another loader, followed by the registration."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as the other loader does."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute ``mmpose``, then register."""
        self.loader.exec_module(module)
        # MMPose's own code must see the loader that it was found by (importlib.resources).
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        _register()
