"""Put models and the runtime beside the page docs/try, which runs them in the browser.

    python tools/build_browser.py people=people.onnx animals=animals.onnx

Without files the packaged models are exported (int8, with maps). The runtime is onnxruntime-web
from npm. What is written is not kept in git; `make browser` calls this and builds the docs.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RUNTIME = 'onnxruntime-web@1.30.0'
# One thread or several, without WebGPU.
RUNTIME_FILES = (
    'ort.wasm.min.mjs',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
)
PACKAGED = {
    'people': ('lfhpe_res18_lspet-128x128_loc0', 'people, 14 keypoints'),
    'animals': ('lfhpe_res18_animalpose-128x128_loc0', 'four-legged animals, 20 keypoints'),
}


def main() -> None:
    """Build."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('models', nargs='*', metavar='NAME=FILE', help='files of `lfhpe export`')
    parser.add_argument(
        '--out', type=Path, default=ROOT / 'docs' / 'try', help='folder of the page'
    )
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    page = ROOT / 'docs' / 'try'
    if args.out.resolve() != page:
        for path in page.iterdir():
            if path.is_file():
                shutil.copy(path, args.out)
    fetch_runtime(args.out / 'vendor')
    add_models(args.out / 'models', dict(entry.split('=', 1) for entry in args.models))
    print(f'{args.out}: serve it by `python -m http.server`')


def fetch_runtime(folder: Path) -> None:
    """Take the runtime from npm, once."""
    stamp = folder / 'version.txt'
    if stamp.is_file() and stamp.read_text() == RUNTIME:
        return
    if shutil.which('npm') is None:
        sys.exit('npm is missing; it fetches onnxruntime-web. Install Node.js.')
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        done = subprocess.run(
            ['npm', 'pack', '--silent', RUNTIME], cwd=temporary, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f'npm could not fetch {RUNTIME}:\n{done.stderr.strip()}')
        with tarfile.open(Path(temporary) / done.stdout.strip().splitlines()[-1]) as archive:
            for name in RUNTIME_FILES:
                content = archive.extractfile(f'package/dist/{name}')
                (folder / name).write_bytes(content.read())  # type: ignore[union-attr]
            terms = archive.extractfile('package/package.json')
            licence = json.loads(terms.read())['license']  # type: ignore[union-attr]
    (folder / 'LICENSE.txt').write_text(f'{RUNTIME} by Microsoft, {licence} licence.\n')
    stamp.write_text(RUNTIME)


def add_models(folder: Path, given: dict[str, str]) -> None:
    """Export or copy the models, and list them for the page."""
    from lfhpe_mmpose.runtime import OnnxPredictor

    folder.mkdir(exist_ok=True)
    listed = []
    for name in given or PACKAGED:
        path = folder / f'{name}.onnx'
        if given:
            shutil.copy(given[name], path)
        elif not path.is_file():
            _export(PACKAGED[name][0], path)
        about = OnnxPredictor(path, threads=1).about
        listed.append(
            dict(
                name=name,
                title=PACKAGED[name][1] if name in PACKAGED else name,
                file=f'{path.name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}',
                megabytes=round(path.stat().st_size / 1e6, 1),
                keypoints=about.keypoints,
                skeleton=about.skeleton,
                input_size=about.input_size,
                padding=about.padding,
                card=about.card,
            )
        )
    (folder / 'index.json').write_text(json.dumps(listed, indent=1))


def _export(config: str, path: Path) -> None:
    """By the command, in a process of its own."""
    command = [sys.executable, '-m', 'lfhpe_mmpose', 'export', config, '--out', str(path)]
    subprocess.run([*command, '--precision', 'int8', '--maps'], check=True, cwd=ROOT)


if __name__ == '__main__':
    main()
