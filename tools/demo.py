"""`lfhpe predict` with the arguments of MMPose's demo: IMAGES CONFIG WEIGHTS."""

import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lfhpe_mmpose.cli import main

if __name__ == '__main__':
    words = sys.argv[1:]
    if len(words) < 3 or any(word.startswith('-') for word in words[:3]):
        sys.exit('usage: demo.py IMAGES CONFIG WEIGHTS [--draw DIR] [options of `lfhpe predict`]')
    images, config, weights, *options = words
    if '--draw' not in options:
        options += ['--draw', 'work_dirs/predictions']
    main(['predict', config, images, '--weights', weights, *options])
