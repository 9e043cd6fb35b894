"""Headers of every answer: a content security policy that lets in nothing but the site's own files.

Directives as in Content Security Policy Level 3; ``form-action`` also holds for redirects after a form, which
is why signing in with an outside provider starts from a link and not from a form.
"""

from __future__ import annotations

from collections.abc import Mapping

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
OFF = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in OFF),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
"""Only where the outside reaches the site by https."""
