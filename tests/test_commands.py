"""How commands end."""

import errno
import os
import subprocess
import sys
import warnings

import pytest

from lfhpe_mmpose.commands import run_command, silence_foreign_warnings
from lfhpe_mmpose.errors import UserError


def ends(function, *args, **options) -> int:
    """The exit status of a command."""
    with pytest.raises(SystemExit) as caught:
        run_command(function, *args, **options)
    return caught.value.code


def raises(error: BaseException):
    """A command that fails."""

    def command() -> None:
        raise error

    return command


class TestRunCommand:
    """Exit statuses and messages."""

    @pytest.mark.parametrize('name', ['torch', 'mmpose'])
    def test_without_the_training_environment(self, name, capsys):
        """An environment for prediction alone: a message; another module is a bug."""
        assert ends(raises(ModuleNotFoundError(name=name))) == 2
        assert f'{name}, which is not installed' in capsys.readouterr().err
        with pytest.raises(ModuleNotFoundError):
            run_command(raises(ModuleNotFoundError(name='lfhpe_mmpose.nothing')))

    def test_good(self):
        """A command that succeeds returns."""
        seen = []
        run_command(seen.append, 3)
        assert seen == [3]

    @pytest.mark.parametrize(
        ('error', 'status', 'message'),
        [
            (
                UserError('box', 'a.json', 'The box is empty.'),
                2,
                'a.json: The box is empty. [box]',
            ),
            (KeyboardInterrupt(), 130, 'Interrupted. Add --resume.'),
            (OSError(errno.ENOSPC, 'No space left', 'out.json'), 2, '[disk-full]'),
            (OSError(errno.EROFS, 'Read-only file system', 'out.json'), 2, '[not-writable]'),
            (PermissionError(errno.EACCES, 'Permission denied', 'out.json'), 2, '[permission]'),
            (OSError(errno.ENAMETOOLONG, 'File name too long', 'xxx'), 2, 'xxx: '),
            (NotADirectoryError(errno.ENOTDIR, 'Not a directory', 'a/b'), 2, '[path]'),
        ],
    )
    def test_message_alone(self, capsys, error, status, message):
        """The user's own mistakes and limits end with a message and a status."""
        assert ends(raises(error), if_interrupted='Add --resume.') == status
        err = capsys.readouterr().err
        assert message in err
        assert 'Traceback' not in err

    @pytest.mark.parametrize('error', [ZeroDivisionError(), OSError(errno.EIO, 'I/O error')])
    def test_bug_is_not_hidden(self, error):
        """Any other error keeps its stack."""
        with pytest.raises(type(error)):
            run_command(raises(error))

    def test_reader_is_gone(self):
        """`command | head` ends quietly."""
        code = (
            'from lfhpe_mmpose.commands import run_command\n'
            'run_command(lambda: [print("x" * 100) for _ in range(100000)])'
        )
        process = subprocess.Popen(
            [sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b''
        assert process.wait(20) == 141

    def test_no_torch(self):
        """It starts without torch and mmpose."""
        code = 'import sys, lfhpe_mmpose.commands; print("torch" in sys.modules)'
        out = subprocess.check_output([sys.executable, '-c', code], env=os.environ, text=True)
        assert out.strip() == 'False'


def test_foreign_warnings():
    """Warnings of other packages about themselves are filtered, and no other."""
    foreign = 'pkg_resources is deprecated as an API. See https://setuptools.pypa.io'
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        silence_foreign_warnings()
        warnings.warn(foreign, UserWarning, stacklevel=1)
        warnings.warn_explicit(
            'Failed to load image Python extension: ...', UserWarning, 'image.py', 13,
            module='torchvision.io.image',
        )  # fmt: skip
        warnings.warn_explicit(
            'The metainfo config file "a.py" does not exist. A matched config file "b.py" will be '
            'used instead.', UserWarning, 'utils.py', 102, module='mmpose.datasets.datasets.utils',
        )  # fmt: skip
        warnings.warn('pkg_resources is missing', UserWarning, stacklevel=1)
        warnings.warn('Failed to load image Python extension', UserWarning, stacklevel=1)
    assert [str(w.message) for w in seen] == [
        'pkg_resources is missing',
        'Failed to load image Python extension',
    ]


def test_unprintable_name():
    """A name that the screen cannot show is escaped."""
    code = 'from lfhpe_mmpose.commands import run_command\nrun_command(print, "caf\\xe9 \\udcff")'
    env = {**os.environ, 'PYTHONIOENCODING': 'ascii'}
    out = subprocess.check_output([sys.executable, '-c', code], env=env, text=True)
    assert out == 'caf\\xe9 \\udcff\n'


@pytest.mark.parametrize(
    ('load', 'own', 'policy'),
    [(0.0, '', None), (1e6, '', 'PASSIVE'), (1e6, 'ACTIVE', 'ACTIVE')],
)
def test_waiting_threads(monkeypatch, load, own, policy):
    """Waiting threads sleep on a busy machine only, and never against the user's choice."""
    monkeypatch.setattr(os, 'environ', dict(OMP_WAIT_POLICY=own) if own else {})
    monkeypatch.setattr(os, 'getloadavg', lambda: (load, load, load))
    run_command(lambda: None)
    assert os.environ.get('OMP_WAIT_POLICY') == policy
