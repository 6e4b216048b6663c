"""Makes `.venv` with everything that the demo and the tests need. Called by every make target.

The first call does the work and leaves a stamp; later calls compare the stamp and end at once.
An interrupted or failed set-up goes on where it stopped, because each step looks first whether
its result is there. What a machine must offer is looked at before anything is written, see
`setup_checks.py`; how steps are run, in `setup_run.py`. To add a step, extend `SetUp.run_steps`.

Exit status: 0 ready, 1 a step failed (its log is `.venv/setup.log`), 2 refused.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time

# A refusal leaves nothing behind, not even bytecode.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import setup_checks as checks
from setup_run import Runner, StepError, cpu_seconds, say

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Whatever is listed here and changes makes the set-up run again.
STAMPED = ('requirements.txt', 'requirements', 'pyproject.toml', 'setup.py', 'tools/setup_env.py')
# Measured: 1.6 GiB with a CPU torch, 5.4 GiB with a CUDA torch, without what pip keeps and
# unpacks.
NEEDED_GIB, NEEDED_CUDA_GIB, NEEDED_TMP_GIB = 4.0, 12.0, 2.0
# A torch that is already there is kept from the first to below the second version.
TORCH_FROM, TORCH_BELOW = (2, 11), (2, 14)
# The newest torchvision whose ready package loads beside a torch of another build.
LENIENT_TORCHVISION = '0.16.2'


def pins(path: str) -> 'dict':
    """Reads `name==version` lines of a requirements file, without markers and options."""
    with open(path) as file:
        return dict(re.findall(r'^([\w-]+)==([\w.]+)', file.read(), re.M))


class SetUp(Runner):
    """The steps and what they share.

    Args:
        root (str): Folder of the repository.
        torch_index (str): Package index for torch and torchvision; pip's own where empty.
    """

    def __init__(self, root: str, torch_index: str = '') -> None:
        super().__init__(root, os.path.join(root, '.venv'))
        self.torch_index = torch_index
        self.stamp = os.path.join(self.venv, 'setup-stamp.json')

    # ------------------------------------------------------------------ the stamp

    def key(self) -> str:
        """Hash of all that decides what is installed, and of where."""
        digest = hashlib.sha256(self.root.encode())
        names = []
        for name in STAMPED:
            path = os.path.join(self.root, name)
            inside = os.listdir(path) if os.path.isdir(path) else []
            names += [os.path.join(name, leaf) for leaf in inside] or [name]
        for path in [os.path.join(self.root, name) for name in sorted(names)]:
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    digest.update(path.encode() + b'\0' + file.read())
        try:
            with open(os.path.join(self.venv, 'pyvenv.cfg')) as file:
                digest.update(''.join(re.findall(r'^version.*', file.read(), re.M)).encode())
        except OSError:
            pass
        return digest.hexdigest()

    def ready(self) -> 'dict | None':
        """The stamp, where it belongs to the present files and to what is asked for."""
        try:
            with open(self.stamp) as file:
                stamp = json.load(file)
        except (OSError, ValueError):
            return None
        other_index = self.torch_index not in ('', self.index_used())
        if stamp.get('key') != self.key() or other_index or not os.path.exists(self.python):
            return None
        return stamp

    # ------------------------------------------------------------------ before any work

    def prepare(self, wanted: str, needed_gib: float) -> 'tuple':
        """Runs all checks.

        Args:
            wanted (str): Interpreter named by the user, or empty.
            needed_gib (float): Free disk space to ask for.

        Returns:
            tuple[dict, bool]: The interpreter, and whether `.venv` is to be made (again).
        """
        old = checks.probe(self.python)
        if 'version' in old and 'fault' in old:
            raise checks.RefusalError(
                '{} {}, but 3.10, 3.11 or 3.12 is needed. Remedy: make clean-venv, then call '
                'make again.'.format(self.python, old['fault'])
            )
        keep = 'fault' not in old and self.succeeds('import pip')
        base = old if keep else checks.find_python(wanted)
        if keep and wanted:
            named = checks.find_python(wanted)
            if named['version'] != old['version']:
                raise checks.RefusalError(
                    '.venv was made with Python {}, but PYTHON={} is {}. Remedy: make '
                    'clean-venv, then call make again.'.format(old['text'], wanted, named['text'])
                )
        if not keep:
            checks.check_venv(base)
        checks.check_headers(base)
        self.cxx = checks.find_compiler()
        free = checks.check_disk(self.root, needed_gib, 'the environment')
        checks.check_disk(tempfile.gettempdir(), NEEDED_TMP_GIB, 'building mmcv')
        if free < NEEDED_CUDA_GIB and sys.platform == 'linux' and 'cpu' not in self.torch_index:
            say(
                'Note: a CUDA build of torch needs {:.0f} GiB, {:.1f} GiB are free; a CPU build '
                'needs less: make setup TORCH_INDEX=<its index>.'.format(NEEDED_CUDA_GIB, free)
            )
        return base, not keep

    # ------------------------------------------------------------------ the steps

    def make_venv(self, base: dict) -> None:
        """Creates `.venv`, over a damaged one too."""
        os.makedirs(self.venv, exist_ok=True)
        with tempfile.NamedTemporaryFile(delete=False) as file:
            real, self.log = self.log, file.name  # --clear would take the log away
        try:
            self.step('.venv', [base['executable'], '-m', 'venv', '--clear', self.venv])
        finally:
            shutil.move(self.log, real)
            self.log = real

    def index_used(self) -> str:
        """The index that the present torch was taken from; empty for pip's own."""
        try:
            with open(os.path.join(self.venv, 'torch-index')) as file:
                return file.read()
        except OSError:
            return ''

    def install_torch(self) -> None:
        """Installs torch unless a suitable one is there, then a torchvision that loads."""
        wanted = pins(os.path.join(self.root, 'requirements', 'torch.txt'))
        index = ['--index-url', self.torch_index] if self.torch_index else []
        version = 'import torch; print(torch.__version__)'
        found = self.ask(version)
        numbers = tuple(int(part) for part in re.findall(r'\d+', found or '0.0')[:3])
        other_index = self.torch_index not in ('', self.index_used())
        if other_index or not TORCH_FROM <= numbers[:2] < TORCH_BELOW:
            if found:
                remove = [self.python, '-m', 'pip', 'uninstall', '-y', 'torch', 'torchvision']
                self.step('removing torch ' + found, remove)
            self.pip('torch', 'torch==' + wanted['torch'], *index)
            found = self.ask(version)
            if found is None:
                raise StepError('torch was installed but cannot be imported; see ' + self.log)
            numbers = tuple(int(part) for part in re.findall(r'\d+', found)[:3])
        else:
            say('  torch: {} is there and is kept'.format(found))
        loads = 'import torchvision'
        if not self.succeeds(loads):
            # torchvision 0.N belongs to torch 2.(N - 15).
            matching = 'torchvision==0.{}.{}'.format(numbers[1] + 15, numbers[2])
            self.pip('torchvision', '--no-deps', matching, *index)
        if not self.succeeds(loads):
            lenient = 'torchvision==' + LENIENT_TORCHVISION
            if self.succeeds('import sys; sys.exit(sys.version_info[:2] > (3, 11))'):
                self.pip('torchvision for another torch', '--no-deps', lenient)
        if not self.succeeds(loads):
            raise StepError(
                'No torchvision loads beside torch {}. Remedy: take both from one index, as '
                "PyTorch's installation page tells for your platform: make setup "
                'TORCH_INDEX=<url>'.format(found)
            )
        with open(os.path.join(self.venv, 'torch-index'), 'w') as file:
            file.write(self.torch_index or self.index_used())

    def install_compiled(self, name: str, check: str, expected: str = '') -> None:
        """Builds one package from its source, or takes the build that pip has kept."""
        if self.succeeds(check):
            say('  {}: there'.format(name))
            return
        pinned = pins(os.path.join(self.root, 'requirements', 'openmmlab.txt'))[name]
        options = ['-v', '--no-deps', '--no-build-isolation', '{}=={}'.format(name, pinned)]
        if name == 'xtcocotools':
            options += ['--no-binary', name]  # its ready packages were built for numpy 1
        env = self.build_environment()
        if env.get('FORCE_CUDA') != '1':
            self.pip(name, *options, env=env, expected=expected)
            if self.succeeds(check):
                return
        # pip's cache does not know against which torch and numpy a build was made.
        options += ['--no-cache-dir', '--force-reinstall', '--no-binary', name]
        self.pip(name + ' (anew)', *options, env=env, expected=expected)
        if not self.succeeds(check):
            raise StepError('{} was built but cannot be imported; see {}'.format(name, self.log))

    def install_mmcv(self) -> None:
        """Builds mmcv with a precompiled header, a third of the time that it takes without."""
        shutil.rmtree(self.header_folder, ignore_errors=True)
        self.install_compiled('mmcv', 'import mmcv.ops', 'about 5 CPU-minutes in all')
        if self.no_header():
            say('  mmcv: no precompiled header, hence slower: {}'.format(self.no_header()))
        shutil.rmtree(self.header_folder, ignore_errors=True)  # some 200 MB

    def run_steps(self, base: dict, make_venv: bool) -> None:
        """Does everything, in an order in which nothing is installed twice."""
        if os.path.exists(self.stamp):
            os.remove(self.stamp)
        if make_venv:
            self.make_venv(base)
        self.pip('build tools', '-r', 'requirements/build.txt')
        self.pip('packages', '-r', 'requirements.txt')
        self.install_torch()
        with open(os.path.join(self.root, 'requirements', 'openmmlab.txt')) as file:
            ready = re.findall(
                r'^(?:mmengine|mmdet|mmpose|openmim|trackers)==\S+', file.read(), re.M
            )
        self.pip('OpenMMLab packages and trackers', '--no-deps', *ready)
        self.install_compiled('xtcocotools', 'from xtcocotools import _mask')
        self.install_mmcv()
        self.pip('lfhpe_mmpose', '--no-deps', '--no-build-isolation', '-e', '.')
        modules = 'import mmdet.apis, mmpose.apis, mim, pytest, lfhpe_mmpose'
        self.step('trial import', [self.python, '-c', modules])
        stamp = {
            'key': self.key(),
            'python': base['text'],
            'torch': self.ask('import torch; print(torch.__version__)'),
        }
        with open(self.stamp + '.part', 'w') as file:
            json.dump(stamp, file)
        os.replace(self.stamp + '.part', self.stamp)


def run(options: argparse.Namespace) -> None:
    """Sets up, or finds that nothing is to be done."""
    setup = SetUp(os.path.abspath(options.root), options.torch_index)
    stamp = setup.ready()
    if stamp is None:
        base, make_venv = setup.prepare(options.python, options.need_gib)
        with open(os.path.join(setup.root, '.setup.lock'), 'w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say('Another set-up is at work here; waiting for it.')
                fcntl.flock(lock, fcntl.LOCK_EX)
                base, make_venv = setup.prepare(options.python, options.need_gib)
            stamp = setup.ready()
            if stamp is None:
                say('Setting up .venv with Python {}; log: .venv/setup.log'.format(base['text']))
                start = time.time()
                setup.run_steps(base, make_venv)
                say(
                    'Set up in {:.0f} s ({:.0f} CPU-seconds).'.format(
                        time.time() - start, cpu_seconds()
                    )
                )
                stamp = setup.ready()
    say('.venv is ready: Python {python}, torch {torch}'.format(**stamp))


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description='Makes .venv, or checks that it is ready.')
    parser.add_argument('--python', default='', help='interpreter to use, 3.10 to 3.12')
    parser.add_argument('--torch-index', default='', help='package index for torch')
    parser.add_argument('--root', default=ROOT, help='folder of the repository')
    parser.add_argument(
        '--need-gib', type=float, default=NEEDED_GIB, help='free disk space to insist on'
    )
    # As for Ctrl-C: what was started is stopped as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(parser.parse_args())
    except checks.RefusalError as error:
        sys.stderr.write('Nothing was set up. {}\n'.format(error))
        return 2
    except StepError as error:
        sys.stderr.write('{}\n'.format(error))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write('\nInterrupted; the next call of make goes on from here.\n')
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
