"""A full disk under the site: changes are refused as 507, reading goes on, with room all is well again."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import small_disk  # noqa: E402
from kills_served import LOGIN  # noqa: E402
from partnerships import make_partnership  # noqa: E402
from people_fixture import person_id  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

from bothbanks.app.partnership import sign_in  # noqa: E402
from bothbanks.app.partnership.clocks import machine_clock  # noqa: E402
from bothbanks.site.app import create_site  # noqa: E402
from bothbanks.site.security.csrf import token_for  # noqa: E402
from bothbanks.store.soundness import faults  # noqa: E402

SKIPPED = 77
MEGABYTES = 8


def main() -> int:
    if small_disk.missing():
        print(small_disk.missing())
        return SKIPPED
    with small_disk.small_disk(MEGABYTES) as disk:
        made = make_partnership(disk / "data")
        made.clock = machine_clock  # type: ignore[assignment]
        session = sign_in.begin(made, person_id(made, LOGIN), "password")
        with closing(made.store):
            client = TestClient(create_site(made), base_url="http://localhost")
            headers = {"x-csrf-token": token_for(session), "cookie": f"bothbanks={session}"}

            def add(number: int) -> int:
                person = {"name": "N" * 3000, "login": f"n{number}"}
                return client.post("/api/do/people.add", json=person, headers=headers).status_code

            if add(0) != 200:
                raise SystemExit(f"no person could be added with room: {add(1)}")
            filler = small_disk.fill(disk)
            answers = [add(number) for number in range(2, 200)]
            refused = answers.index(507) if 507 in answers else len(answers)
            odd = set(answers) - {200, 507}
            reading = client.get("/healthz").status_code, client.get("/de").status_code
            filler.unlink()
            again = add(1000)
            with made.store.reading() as now:
                found = faults(now)  # type: ignore[arg-type]
    print(f"refused as 507 after {refused} changes more; reading answered {reading}; with room {again}")
    wrong = [*found, *(f"an answer {status}" for status in sorted(odd))]
    wrong += [] if refused < len(answers) else ["it was never refused"]
    wrong += [] if reading == (200, 200) and again == 200 else ["reading or the change with room failed"]
    print("\n".join(wrong) or "sound")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
