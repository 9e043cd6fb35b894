"""Passkeys: Web Authentication ceremonies of registering a key and of signing in with one.

Keys are discoverable and ask for the user (a finger, a PIN), so that a passkey alone is enough and no name is
typed. A challenge is used once, lives five minutes, and belongs to one browser.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.accounts import Passkey, Person
from bothbanks.store.interface import MissingError

NEW, IN = "passkey-new", "passkey-in"
NAME_MOST = 40


def begin_new(
    partnership: Partnership, visitor: str, person: Person, origin: str, site: str
) -> dict[str, Any]:
    """What the browser is asked to make a key from."""
    with partnership.reading() as reader:
        known = sign_in.passkeys_of(reader, person.id)
    options = generate_registration_options(
        rp_id=host_of(origin),
        rp_name=site,
        user_id=person.id.encode(),
        user_name=person.login,
        user_display_name=person.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.id)) for key in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    facts = {"challenge": bytes_to_base64url(options.challenge), "person": person.id}
    sign_in.send_off(partnership, visitor, NEW, facts)
    return dict(json.loads(options_to_json(options)))


def finish_new(
    partnership: Partnership, visitor: str, person: str, origin: str, answer: Mapping[str, Any], name: str
) -> str | Refusal:
    """Keep the key that the browser made; its id."""
    facts = sign_in.come_home(partnership, visitor, NEW)
    if isinstance(facts, Refusal):
        return facts
    if facts["person"] != person:
        return _unproven()
    try:
        made = verify_registration_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(facts["challenge"]),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return _unproven()
    key = Passkey(
        bytes_to_base64url(made.credential_id),
        person,
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
        " ".join(name.split())[:NAME_MOST],
        partnership.clock(),
    )
    return sign_in.keep_passkey(partnership, key) or key.id


def begin_in(partnership: Partnership, visitor: str, origin: str) -> dict[str, Any]:
    """What the browser is asked to sign; no name is told, so none can be tried out."""
    options = generate_authentication_options(
        rp_id=host_of(origin), user_verification=UserVerificationRequirement.REQUIRED
    )
    sign_in.send_off(partnership, visitor, IN, {"challenge": bytes_to_base64url(options.challenge)})
    return dict(json.loads(options_to_json(options)))


def finish_in(
    partnership: Partnership, visitor: str, origin: str, answer: Mapping[str, Any]
) -> str | Refusal:
    """The person whose key has signed."""
    facts = sign_in.come_home(partnership, visitor, IN)
    if isinstance(facts, Refusal):
        return facts
    try:
        with partnership.reading() as reader:
            key = reader.load(Passkey, str(answer.get("id", ""))).state
        signed = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(facts["challenge"]),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=0,  # ours to judge, so that a copied key is told apart
            require_user_verification=True,
        )
        handle = answer.get("response", {}).get("userHandle")
        if handle and base64url_to_bytes(handle).decode() != key.person:
            return _unproven()
        return sign_in.use_passkey(partnership, key.id, signed.new_sign_count)
    except (MissingError, WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return _unproven()


def host_of(origin: str) -> str:
    """The relying party's id: the host without scheme and port.

    >>> host_of("https://banks.example:8443")
    'banks.example'
    """
    return (
        origin.split("://", 1)[-1].rsplit(":", 1)[0] if origin.count(":") > 1 else origin.split("://", 1)[-1]
    )


def _unproven() -> Refusal:
    return Refusal(
        "people.passkey-unproven", "this passkey could not be checked; try again.", cause="forbidden"
    )
