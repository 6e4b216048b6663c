"""An exported model in headless Chromium, called from Python; for tools/compare_runtimes.py."""

import base64
import shutil
import tempfile
import threading
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

_OPEN = """async ([file, threads]) => {
  const ort = await import('./vendor/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = new URL('./vendor/', location.href).href;
  ort.env.wasm.numThreads = threads;
  const model = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  globalThis.find = async (text, shape) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const crops = new ort.Tensor('float32', new Float32Array(bytes.buffer), shape);
    const start = performance.now();
    const { keypoints } = await session.run({ crops });
    const spent = performance.now() - start;
    return [Array.from(keypoints.data), keypoints.dims, spent / 1000];
  };
  return crossOriginIsolated;
}"""


class BrowserRuntime:
    """Runs a file of ``lfhpe export`` by onnxruntime-web, behind the page's service worker.

    Args:
        page: The folder docs/try after `make browser`.
        file: The model.
        threads: Threads of the runtime.

    Attributes:
        spent (float): Seconds of the last call inside the browser.
    """

    def __init__(self, page: Path, file: str, threads: int) -> None:
        self._files = tempfile.TemporaryDirectory()
        folder = Path(self._files.name) / 'try'
        shutil.copytree(page, folder)
        shutil.copy(file, folder / 'compared.onnx')
        handler = partial(_Quiet, directory=str(folder))
        server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        path = shutil.which('chromium') or shutil.which('google-chrome')
        browser = _playwright().chromium.launch(executable_path=path, args=['--no-sandbox'])
        self._page: Any = browser.new_page()
        self._page.goto(f'http://127.0.0.1:{server.server_port}/')
        ready = "document.getElementById('status').textContent.startsWith('Ready')"
        self._page.wait_for_function(ready, timeout=60_000)
        if not self._page.evaluate(_OPEN, ['compared.onnx', threads]) and threads > 1:
            raise RuntimeError('The browser gives the page one thread only.')
        self.spent = 0.0

    def __call__(self, crops: np.ndarray) -> list[np.ndarray]:
        """Keypoints (N, K, 2) of crops (N, 3, H, W)."""
        text = base64.b64encode(np.ascontiguousarray(crops, dtype=np.float32)).decode()
        call = 'async ([text, shape]) => find(text, shape)'
        values, shape, self.spent = self._page.evaluate(call, [text, list(crops.shape)])
        return [np.array(values, dtype=np.float32).reshape(shape)]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@cache
def _playwright() -> Any:
    """Started once: Playwright allows one in a process."""
    from playwright.sync_api import sync_playwright

    return sync_playwright().start()
