"""Location-free human pose estimation for MMPose.

Importing this package registers its modules into MMPose's registries, so a
config needs only
``custom_imports = dict(imports=['lfhpe_mmpose'], allow_failed_imports=False)``
and ``default_scope = 'mmpose'``.

To add a module, write it in the sub-package of its kind, decorate it with
MMPose's registry, and import it in that sub-package's ``__init__``.
"""

from . import datasets, engine, evaluation, models, visualization
from .version import __version__

__all__ = ['__version__', 'datasets', 'engine', 'evaluation', 'models', 'visualization']
