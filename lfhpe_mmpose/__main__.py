"""``python -m lfhpe_mmpose`` is the ``lfhpe`` command."""

from .cli import main

if __name__ == '__main__':
    main()
