"""The one door of every reading route: who asks, in which language, and whether the gate lets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request

from bothbanks.app.partnership.sharing import gate
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.sharing import FULL, Decision
from bothbanks.site.problems import RefusedError, not_found, wants_page
from bothbanks.site.visit import Visit

SERVICE = "service"
"""The service's own front: the region's name, the languages, signing in. Everybody reaches it."""
_FRONT = Decision(SERVICE, FULL, SERVICE)


@dataclass(frozen=True)
class Door:
    """Stands in front of a route; ``dataset`` is what the gate is asked about."""

    dataset: str

    @contextmanager
    def open(self, request: Request) -> Iterator[Visit]:
        """Open a visit, or refuse it: a page offers to sign in, else it is as if nothing were there."""
        rooms = request.app.state.rooms
        code = request.path_params.get("language", "")
        if code and code not in rooms.languages:
            raise not_found()
        actor = rooms.security.who(request)
        with rooms.partnership.reading() as reader:
            keeper = gate(reader, actor)
            decision = _FRONT if self.dataset == SERVICE else keeper.decide(self.dataset)
            if not decision.allowed:
                if not actor.person and wants_page(request):
                    raise RefusedError(
                        Refusal("site.sign-in", "Sign in to see this page.", cause="forbidden"), 401
                    )
                raise not_found()
            language = rooms.language(code or rooms.preferred(request))
            yield Visit(request, rooms, actor, reader, decision, language, keeper)
