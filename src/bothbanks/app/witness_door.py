"""A witness's own small door: its peers ask it which head it took last."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from bothbanks.app.witness_state import StateFolder
from bothbanks.words.errors import InputError


class WitnessDoor:
    """Serves GET /checkpoint (the signed note) and GET /key; nothing else, and nothing is ever taken in."""

    def __init__(self, folder: StateFolder, address: str, port: int) -> None:
        key = folder.secret().key.text

        class Handler(BaseHTTPRequestHandler):
            timeout = 10
            server_version = "bothbanks-witness"
            sys_version = ""

            def do_GET(self) -> None:
                last = folder.last() if self.path == "/checkpoint" else None
                text = str(last) if last else key + "\n" if self.path == "/key" else ""
                data = text.encode()
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: who asked is nobody's business."""

        try:
            self._server = ThreadingHTTPServer((address, port), Handler)
        except OSError as error:
            raise InputError(
                "witness.port", f"can't listen on {address}:{port} ({error.strerror}); give another --port."
            ) from None
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def __enter__(self) -> WitnessDoor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
