"""Write ``docs/reference/rights.md``: every route and every role, from the declarations.

    python checks/make_rights.py

It is made for the Meuse-Rhine example; the contract test compares with the same declarations.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bothbanks.app.partnership.opening import open_partnership
from bothbanks.site.app import create_site
from bothbanks.site.security.table import page, rows

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with tempfile.TemporaryDirectory() as data:
        partnership = open_partnership(ROOT / "examples" / "meuse-rhine", Path(data))
        with partnership.reading() as reader:
            found = rows(create_site(partnership), reader)
        partnership.store.close()
    out = ROOT / "docs" / "reference" / "rights.md"
    out.write_text(page(found, "examples/meuse-rhine"), "utf-8")
    print(f"{len(found)} routes: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
