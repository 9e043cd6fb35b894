"""The workbook of the demo in LibreOffice: every formula, calculated anew, gives our own number."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

BOOK = Path(__file__).resolve().parents[1] / "out" / "meuse-rhine" / "workbook.xlsx"


def main() -> int:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None or not BOOK.is_file():
        print("no LibreOffice on this machine" if BOOK.is_file() else f"no {BOOK}; run ./dev demo")
        return 77
    live, kept = openpyxl.load_workbook(BOOK), openpyxl.load_workbook(BOOK, data_only=True)
    with tempfile.TemporaryDirectory() as name:
        bare = Path(name) / "bare.xlsx"
        live.save(bare)  # openpyxl writes formulas without results, so LibreOffice has to calculate
        out = Path(name) / "out"
        command = [
            office,
            f"-env:UserInstallation=file://{name}/profile",
            "--headless",
            "--convert-to",
            "xlsx",
        ]
        subprocess.run([*command, "--outdir", str(out), str(bare)], check=True, capture_output=True)
        theirs = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    count = wrong = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                count += 1
                ours, got = (
                    kept[sheet.title][cell.coordinate].value,
                    theirs[sheet.title][cell.coordinate].value,
                )
                numbers = isinstance(ours, int | float) and isinstance(got, int | float)
                same = abs(got - ours) <= 1e-6 + 1e-9 * abs(ours) if numbers else (got or "") == (ours or "")
                if not same:
                    wrong += 1
                    print(
                        f"{sheet.title}!{cell.coordinate} {cell.value}: {got!r}, not {ours!r}",
                        file=sys.stderr,
                    )
    print(f"{count} formulas, {wrong} differ")
    return int(wrong > 0 or count == 0)


if __name__ == "__main__":
    raise SystemExit(main())
