"""The record of a live partnership: keys, witnesses, heads, erasure, what is exported."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest
from partnerships import Live, people
from record_cases import WITNESS_SECRETS

from bothbanks.app.partnership import record
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.notary import Notary, own_registry, secret_of, served, sign_head
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import ANYONE, CLOCK
from bothbanks.record.audit import audit
from bothbanks.record.entries import Entry
from bothbanks.record.export import PRIVATE, read_parts
from bothbanks.record.note import HOST, WITNESS, Head, Note, Secret, cosigned
from bothbanks.record.registry import WITNESSED
from bothbanks.words.errors import InputError


def write(live: Live, count: int = 1) -> None:
    with live.desk(CLOCK) as desk:
        desk.record(
            *(Entry("votes.opened", f"vote/{n}", {"n": n}, {"clerk": "A. N. Other"}) for n in range(count))
        )


def register(live: Live, *members: str) -> dict[str, Secret]:
    """Put witness keys into the record, as two people would."""
    made = {m: Secret.made(f"{m}/witness", WITNESS, m.encode().ljust(32, b"w")) for m in members}
    with live.desk(people(live, "secretariat")) as desk:
        for member, secret in made.items():
            outcome = record.register_witness(desk, record.RegisterWitness(member, secret.key.text))
            assert isinstance(outcome, Done), outcome
    return made


def head_of(live: Live) -> Note:
    head = sign_head(live)
    assert head is not None
    return Note.read(head.note)


def bring(live: Live, secret: Secret, note: Note) -> Done | Refusal:
    line = cosigned(note.text, secret, live.clock()).line
    return live.act("record.cosign", {"size": Head.read(note.text).size, "line": line}, ANYONE)


def exported(live: Live, private: tuple[int, ...] | None = ()) -> dict[str, bytes]:
    sign_head(live)
    with live.reading() as reader:
        return dict(record.record_files(reader, private))


def test_the_first_entries_name_the_host_s_key_and_the_members(partnership: Live) -> None:
    with partnership.reading() as reader:
        keys = own_registry(reader.store, partnership.region.id)
        first = [e.kind for e in reader.store.entries(0, 2)]
    assert first == ["region.opened", "record.opened"]
    assert keys.members == {m.id: m.country for m in partnership.region.members.values()}
    assert keys.origin.startswith(f"bothbanks/{partnership.region.id}/")
    secret = secret_of(partnership.data, keys.host[0].key)
    assert secret.type == HOST
    (file,) = (partnership.data / "keys").glob("record-*.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_head_is_signed_once_for_each_size(partnership: Live) -> None:
    one = head_of(partnership)
    assert head_of(partnership) == one
    write(partnership)
    two = head_of(partnership)
    assert Head.read(two.text).size == Head.read(one.text).size + 1


def test_the_notary_signs_after_a_change_but_not_within_the_second(partnership: Live) -> None:
    notary = Notary(partnership)
    partnership.listeners.append(notary.changed)

    def signed() -> int:
        with partnership.reading() as reader:
            latest = reader.store.latest_checkpoint()
            return reader.store.record_size() - (latest.size if latest else 0)

    write(partnership)
    assert signed() == 0
    write(partnership, 2)
    assert signed() == 2
    partnership.clock.advance(seconds=1)
    write(partnership)
    assert signed() == 0


def test_without_its_key_the_host_keeps_changes_and_says_what_is_missing(partnership: Live) -> None:
    partnership.listeners.append(Notary(partnership).changed)
    for file in (partnership.data / "keys").glob("record-*"):
        file.unlink()
    write(partnership)
    with pytest.raises(InputError, match=r"record\.key-missing.*restore DATA/keys"):
        sign_head(partnership)


def test_a_quorum_makes_the_head_final(partnership: Live) -> None:
    members = list(partnership.region.members)
    secrets = register(partnership, *members)
    note = head_of(partnership)
    with partnership.reading() as reader:
        before = record.record_standing(reader)
    assert (before.state, before.final, before.quorum.signed) == ("pending", 0, ())
    for member in members:
        outcome = bring(partnership, secrets[member], note)
        assert isinstance(outcome, Done), outcome
    with partnership.reading() as reader:
        after = record.record_standing(reader)
        latest = reader.store.latest_checkpoint()
        assert latest is not None
        assert len(served(reader.store, latest).signatures) == 1 + len(members)
    assert (after.state, after.final) == ("final", Head.read(note.text).size)


def test_a_later_head_covers_the_earlier_ones_and_who_is_late_is_told(partnership: Live) -> None:
    members = list(partnership.region.members)
    secrets = register(partnership, *members)
    first = head_of(partnership)
    for member in members[1:]:
        bring(partnership, secrets[member], first)
    write(partnership)
    since = partnership.clock()
    second = head_of(partnership)
    bring(partnership, secrets[members[0]], second)
    partnership.clock.advance(days=2)
    with partnership.reading() as reader:
        found = record.record_standing(reader)
    assert found.final == Head.read(first.text).size
    late = {w.member: w for w in found.witnesses}
    assert late[members[0]].waiting_since is None
    assert late[members[1]].waiting_since == since
    assert late[members[1]].late(partnership.clock())
    assert found.quorum.missing == tuple(members[1:])


def test_a_cosignature_that_is_not_a_registered_witness_s_is_refused(partnership: Live) -> None:
    note = head_of(partnership)
    stranger = WITNESS_SECRETS["aac"]
    outcome = bring(partnership, stranger, note)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "record.cosigner"
    secret = register(partnership, next(iter(partnership.region.members))).popitem()[1]
    now = head_of(partnership)
    line = cosigned(now.text, secret, partnership.clock() + timedelta(hours=1)).line
    size = Head.read(now.text).size
    ahead = partnership.act("record.cosign", {"size": size, "line": line}, ANYONE)
    assert isinstance(ahead, Refusal)
    assert ahead.code == "record.cosigned-ahead"
    for payload in (
        {"size": size, "line": "nonsense"},
        {"size": size + 9, "line": line},
        {"size": 0, "line": ""},
    ):
        assert isinstance(partnership.act("record.cosign", payload, ANYONE), Refusal)


def test_a_cosignature_makes_no_entry_and_may_come_twice(partnership: Live) -> None:
    secret = register(partnership, next(iter(partnership.region.members))).popitem()[1]
    note = head_of(partnership)
    assert isinstance(bring(partnership, secret, note), Done)
    assert isinstance(bring(partnership, secret, note), Done)
    assert head_of(partnership) == note


def test_registering_takes_two_people_and_a_good_key(partnership: Live) -> None:
    member = next(iter(partnership.region.members))
    payload = {"member": member, "key": WITNESS_SECRETS["aac"].key.text}
    clerk = people(partnership, "secretariat")
    asked = partnership.act("record.register-witness", payload, clerk)
    assert isinstance(asked, Done)
    assert asked.waits
    with partnership.reading() as reader:
        kinds = {e.kind for e in reader.store.entries()}
        host = own_registry(reader.store, partnership.region.id).host[0].key.text
    assert WITNESSED not in kinds
    for key in ("no key", host):
        with partnership.desk(clerk) as desk:
            refused = record.register_witness(desk, record.RegisterWitness(member, key))
        assert isinstance(refused, Refusal)
    council = people(partnership, "council", member)
    assert isinstance(partnership.act("record.register-witness", payload, council), Refusal)


def test_two_members_can_not_share_a_witness_key(partnership: Live) -> None:
    one, two = list(partnership.region.members)[:2]
    key = register(partnership, one)[one].key.text
    with partnership.desk(people(partnership, "secretariat")) as desk:
        again = record.register_witness(desk, record.RegisterWitness(one, key))
        shared = record.register_witness(desk, record.RegisterWitness(two, key))
    assert isinstance(again, Refusal)
    assert isinstance(shared, Refusal)
    assert (again.code, shared.code) == ("record.known-key", "record.witness-key")


def test_a_withdrawn_key_counts_no_more_but_what_it_signed_stands(partnership: Live) -> None:
    members = list(partnership.region.members)
    secrets = register(partnership, *members)
    note = head_of(partnership)
    for member in members:
        bring(partnership, secrets[member], note)
    with partnership.desk(people(partnership, "secretariat")) as desk:
        assert isinstance(record.withdraw_witness(desk, record.WithdrawWitness(members[0])), Done)
        again = record.withdraw_witness(desk, record.WithdrawWitness(members[0]))
        assert isinstance(again, Refusal)
    assert isinstance(bring(partnership, secrets[members[0]], head_of(partnership)), Refusal)
    with partnership.reading() as reader:
        assert record.record_standing(reader).final == Head.read(note.text).size


def test_a_new_host_key_is_signed_for_by_the_old_one(partnership: Live) -> None:
    old = head_of(partnership)
    with partnership.desk(people(partnership, "secretariat")) as desk:
        assert isinstance(record.ask_new_key(desk, record.AskNewKey()), Done)
        assert isinstance(record.ask_new_key(desk, record.AskNewKey()), Refusal)
    new = head_of(partnership)
    with partnership.reading() as reader:
        keys = own_registry(reader.store, partnership.region.id)
    first, second = (since.key for since in keys.host)
    assert old.signed_by(first)
    assert new.signed_by(second)
    assert not new.signed_by(first)
    assert audit(read_parts(exported(partnership))).authentic


def test_erasing_the_personal_part_leaves_everything_verifying(partnership: Live) -> None:
    write(partnership, 3)
    with partnership.reading() as reader:
        seq = reader.store.record_size() - 2
    before = audit(read_parts(exported(partnership, None)))
    with partnership.desk(people(partnership, "secretariat")) as desk:
        assert isinstance(record.erase_private(desk, record.ErasePrivate(seq, "objection")), Done)
        again = record.erase_private(desk, record.ErasePrivate(seq))
        assert isinstance(again, Refusal)
    files = exported(partnership, None)
    after = audit(read_parts(files))
    assert before.authentic
    assert after.authentic
    assert after.sealed == before.sealed  # one erased, one new entry about it
    assert seq not in {json.loads(line)["seq"] for line in files[PRIVATE].splitlines()}


def test_an_export_for_everybody_holds_no_private_part(partnership: Live) -> None:
    write(partnership, 3)
    files = exported(partnership)
    assert PRIVATE not in files
    assert not any(b"A. N. Other" in data for data in files.values())
    assert audit(read_parts(files)).authentic


def test_proofs_of_all_entries_hold(partnership: Live) -> None:
    from bothbanks.record.tree import includes

    write(partnership, 9)
    with partnership.reading() as reader:
        size = reader.store.record_size()
        for seq in range(size):
            proof = record.inclusion(reader.store, seq, size)
            leaf = record.entry_hash(reader.store.entries(seq, seq + 1)[0])
            assert proof.leaf_hash == leaf
            assert includes(proof.root, size, seq, leaf, proof.path)


def test_the_newest_entries_of_an_area_are_found_page_by_page(partnership: Live) -> None:
    write(partnership, 25)
    with partnership.desk(CLOCK) as desk:
        desk.record(Entry("rare.seen", "bird/1", {}))
    with partnership.reading() as reader:
        seen, before = [], None
        while True:
            found, before = record.newest(reader.store, "votes", before, 10, look=7)
            seen += [e.seq for e in found]
            if before is None:
                break
        everything = [e.seq for e in reader.store.entries() if e.kind.startswith("votes.")]
        rare, _ = record.newest(reader.store, "rare")
        newest, _ = record.newest(reader.store, count=1)
    assert seen == everything[::-1]
    assert [e.kind for e in rare] == ["rare.seen"]
    assert newest == rare


def test_a_change_of_the_members_is_put_into_the_record(partnership: Live) -> None:
    from dataclasses import replace

    with partnership.desk(CLOCK) as desk:
        assert record.keep_members(desk) == 0
    members = dict(list(partnership.region.members.items())[:-1])
    partnership.region = replace(partnership.region, members=members)
    with partnership.desk(CLOCK) as desk:
        assert record.keep_members(desk) == 1
        assert record.keep_members(desk) == 0
    with partnership.reading() as reader:
        assert set(own_registry(reader.store, partnership.region.id).members) == set(members)
