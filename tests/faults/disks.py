"""Every command with a full and with a read-only disk: a message, and nothing torn.

    python -m tests.faults.disks

The disks are mounted in a namespace of their own, for root or where users may make namespaces
(Linux); elsewhere the script says so and ends with status 0.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.annotation.prepare.samples import write_source
from tests.cli.calling import status_of, write_tiny_cfg
from tests.cli.calls import CALLS, words_of, write_inputs

CODES = {'full': '[disk-full]', 'read-only': '[not-writable]'}
NOTHING_TO_WRITE = {'models', 'stats'}
OTHERWISE = {
    'prepare': 'prepare animalpose --source {animals} --out %prepared',
    'study': 'study {study.py} --out %runs',
}


def tried_calls() -> dict:
    """The calls that write a file."""
    calls = {**CALLS, **OTHERWISE}
    return {name: call for name, call in calls.items() if name not in NOTHING_TO_WRITE}


def prepare(folder: Path) -> None:
    """Write the inputs of all calls."""
    from lfhpe_mmpose.datasets.synthetic import generate_people

    people = folder / 'people'
    generate_people(people, num_train=48, num_val=16, seed=3, progress=False)
    config = write_tiny_cfg(folder, people, fraction=0.0)
    assert status_of('train', config, '--no-validate') == 0
    (folder / 'inputs').mkdir()
    write_inputs(folder / 'inputs', people, folder / 'work_dir' / 'epoch_1.pth')
    write_source('animalpose', folder / 'inputs' / 'animals', 6)


def try_all(kind: str, folder: Path) -> int:
    """Mount a disk of a kind and call every command; the number of faults."""
    os.chdir(folder / 'inputs')
    disk = folder / 'inputs' / 'disk'
    disk.mkdir(exist_ok=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', str(disk)], check=True)
    if kind == 'full':
        with contextlib.suppress(OSError), open(disk / 'filler', 'wb', buffering=0) as file:
            while True:
                file.write(bytes(4096))
    else:
        subprocess.run(['mount', '-o', 'remount,ro', str(disk)], check=True)
    faults = 0
    for name, call in tried_calls().items():
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = status_of(*words_of(call, 'disk/'))
            except BaseException as error:
                status = repr(error)
        text = err.getvalue()
        good = status == 2 and CODES[kind] in text
        left = [p for p in disk.rglob('*') if p.is_file() and p.name != 'filler']
        good &= 'Traceback' not in text and not any('.part' in p.name for p in left)
        faults += not good
        last = (text.strip().splitlines() or [''])[-1][:120]
        print(f'{"good " if good else "FAULT"} {kind:<10} {name:<20} status {status}: {last}')
        for path in left:
            if kind == 'full':
                path.unlink()
    return faults


def main() -> int:
    """Prepare, then try each kind of disk in a namespace of its own."""
    if len(sys.argv) == 3:
        return try_all(sys.argv[1], Path(sys.argv[2]))
    unshare = ['unshare', '--mount']
    if os.getuid() != 0:
        unshare += ['--user', '--map-root-user']
    if (
        shutil.which('unshare') is None
        or subprocess.run([*unshare, 'true'], capture_output=True, check=False).returncode
    ):
        print('disks: 0 commands tried, no mount namespaces here')
        return 0
    faults = 0
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        for kind in CODES:
            command = [*unshare, sys.executable, '-m', 'tests.faults.disks', kind, name]
            faults += abs(subprocess.run(command, check=False).returncode)
    tried = len(CODES) * len(tried_calls())
    print(f'disks: {tried} commands tried, {faults} lost')
    return min(faults, 1)


if __name__ == '__main__':
    sys.exit(main())
