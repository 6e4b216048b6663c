"""Location-free human pose estimation for MMPose.

Importing this package registers its modules in MMPose's registries, so a config needs only
``custom_imports = dict(imports=['lfhpe_mmpose'], allow_failed_imports=False)`` and
``default_scope = 'mmpose'``. If MMEngine is not loaded yet, the modules are registered as soon
as MMPose is imported; the ``lfhpe`` commands that need no network therefore start without
torch.

To add a module, write it in the sub-package of its kind, decorate it with MMPose's registry,
and import it in that sub-package's ``__init__``.
"""

from .registering import register_with_mmpose
from .version import __version__

register_with_mmpose()

__all__ = ['__version__']
