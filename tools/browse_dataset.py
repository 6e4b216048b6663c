"""`lfhpe browse`, where MMPose users look for it."""

import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lfhpe_mmpose.cli import main

if __name__ == '__main__':
    main(['browse', *sys.argv[1:]])
