"""Signed notes, checkpoints and cosignatures that others published, judged by ours.

- C2SP signed-note v1.1.0, 'Example': key example.com/foo and its note.
- golang.org/x/mod, sumdb/note/note_test.go (BSD-3-Clause): the keys and note of Peter Neumann.
- transparency-dev/formats, note/note_cosigv1_test.go (Apache-2.0): a cosignature and its time.
- A checkpoint of the log arche2025h1.staging.ct.transparency.dev with the cosignatures of four public
  witnesses, as kept in the tests of tlog-scales; keys of the witnesses as their operators publish them. The
  log signs twice under its name: one signature of type 0x05, which we do not read, and one of type 0x01.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bothbanks.record.note import WITNESS, Head, Key, Note, Secret, Signature, signed
from bothbanks.words.errors import InputError

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ARCHE = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501
WITNESSES = (
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
)
LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
FORMATS_LINE = (
    "— any.name ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJ"
    "XORmnFBOBA==\n"
)


@pytest.mark.parametrize("text", [FOO, PETER, LOG, *WITNESSES])
def test_published_keys_are_read_and_written_byte_for_byte(text: str) -> None:
    assert Key.read(text).text == text


def test_published_notes_hold() -> None:
    note = Note.read(FOO_NOTE)
    assert note.text == "This is an example message.\n"
    assert note.signed_by(Key.read(FOO))
    assert str(note) == FOO_NOTE
    assert Note.read(f"{PETER_TEXT}\n{PETER_LINE}").signed_by(Key.read(PETER))


def test_the_published_private_key_signs_the_published_line() -> None:
    secret = Secret.read(PETER_SECRET)
    assert secret.key.text == PETER
    assert secret.text == PETER_SECRET
    line = Signature(secret.name, secret.key.id, secret.sign(PETER_TEXT.encode())).line
    assert line == PETER_LINE


def test_the_cosignatures_of_four_public_witnesses_hold() -> None:
    note = Note.read(ARCHE)
    head = Head.read(note.text)
    assert (head.origin, head.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert note.signed_by(Key.read(LOG))
    for text in WITNESSES:
        key = Key.read(text)
        assert key.type == WITNESS
        found = note.signed_by(key)
        assert found
        assert found.at == datetime.fromtimestamp(0x6A122120, UTC)
        assert str(note) == ARCHE


def test_no_published_signature_holds_over_another_text() -> None:
    other = Note.read(ARCHE.replace("1432088532", "1432088533"))
    assert not any(other.signed_by(Key.read(text)) for text in (LOG, *WITNESSES))


def test_the_published_time_of_a_cosignature_is_read() -> None:
    assert Signature.read(FORMATS_LINE).at == datetime.fromtimestamp(1727964367, UTC)
    assert Note.read(FOO_NOTE).signatures[0].at is None


def test_a_key_for_cosigning_can_not_be_used_as_a_logs_key() -> None:
    text = "test\n123\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n"
    secret = Secret.read(PETER_SECRET)
    note = signed(Head.read(text), secret)
    assert note.signed_by(secret.key)
    assert not note.signed_by(Key(secret.name, WITNESS, secret.key.public))


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "bananas.sigstore.dev+12344556",
        "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!",
        "rekor.sigstore.dev+12345678+AwEB",
        *(PETER[:cut] for cut in range(len(PETER))),
        *(PETER[cut:] for cut in range(1, len(PETER))),
    ],
)
def test_keys_that_the_published_tests_refuse_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"record\.key"):
        Key.read(text)
