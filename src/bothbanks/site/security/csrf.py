"""Requests that another site makes a browser send (CSRF): where they come from, and the token of a form.

The token is a keyed hash under the secret in the cookie, so the server keeps nothing for it and no other
session's token fits. It is masked anew each time, so that compression of a page betrays nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping

from bothbanks.civic.changes import Refusal

HEADER = "x-csrf-token"
SAME = ("same-origin", "none")
_SIZE = 32


def token_for(secret: str) -> str:
    """A token for a form, bound to the cookie's secret."""
    mask = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, _mac(secret))).decode()


def fits(token: str, secret: str) -> bool:
    """Whether a token was made for this secret.

    >>> fits(token_for("mine"), "mine"), fits(token_for("other"), "mine"), fits("", "mine")
    (True, False, False)
    """
    try:
        both = base64.urlsafe_b64decode(token.encode())
    except (binascii.Error, ValueError):
        return False
    if len(both) != 2 * _SIZE:
        return False
    return hmac.compare_digest(_xor(both[:_SIZE], both[_SIZE:]), _mac(secret))


def from_elsewhere(headers: Mapping[str, str], origin: str, must_tell: bool) -> Refusal | None:
    """Refuse what a browser says comes from another site.

    ``must_tell``: a request that does not say where it comes from is refused, too (there is no session whose
    token could vouch for it).
    """
    site, said = headers.get("sec-fetch-site"), headers.get("origin")
    if (site is not None and site not in SAME) or (said is not None and said != origin):
        return Refusal(
            "people.cross-site",
            "this request came from another site; nothing was done. Take the step on a page of this site.",
            cause="forbidden",
        )
    if must_tell and site is None and said is None:
        return Refusal(
            "people.origin",
            "this request does not say which site it came from; use a current browser.",
            cause="forbidden",
        )
    return None


def _mac(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"csrf", "sha256")


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
