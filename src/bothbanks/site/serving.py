"""Run the site with uvicorn on one machine."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from bothbanks.app.partnership.jobs import worker
from bothbanks.app.partnership.live import Partnership
from bothbanks.site.app import create_site
from bothbanks.site.background import background
from bothbanks.site.cache import Present, PublicCache, public_state
from bothbanks.site.express import PublicLayers
from bothbanks.words.errors import InputError


def run(partnership: Partnership, host: str, port: int, https: bool, say: Callable[[str], object]) -> None:
    """Serve until interrupted. Raises InputError where the port is taken."""
    site = fronted(partnership, create_site(partnership, https, background(partnership, worker(partnership))))
    listener = _listen(host, port)
    at = f"http://{host}:{listener.getsockname()[1]}"
    say(f"{partnership.region.id} is open at {at}/ (stop with Ctrl-C)")
    logging.getLogger("uvicorn.access").disabled = True
    config = uvicorn.Config(
        site,
        access_log=False,
        log_level="warning",
        proxy_headers=https,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=60,
    )
    uvicorn.Server(config).run(sockets=[listener])
    partnership.store.close()


def fronted(partnership: Partnership, site: FastAPI) -> PublicCache:
    """The site behind its fast fronts: public layers without a thread, public answers from memory."""
    present = Present(public_state(partnership))
    return PublicCache(PublicLayers(site, present), present)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            "serve.port", f"can't listen on {host}:{port} ({error.strerror}); give another --port."
        ) from None
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener
