"""Build the wheel, install it with the locked packages in a new environment, and use it far from here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and give what it printed; its fault is ours."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
        wheel = next(folder.glob("*.whl"))
        print(f"built {wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB")
        run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
        python = folder / "env" / "bin" / "python"
        uv = [BIN / "uv", "pip", "install", "--python", python]
        run(*uv, "--require-hashes", "-r", ROOT / "requirements.txt", cwd=folder)
        run(*uv, "--no-deps", "--offline", wheel, cwd=folder)
        where = run(python, "-c", "import bothbanks; print(bothbanks.__file__)", cwd=folder).strip()
        if not where.startswith(str((folder / "env").resolve())):
            raise SystemExit(f"the installed package is not what ran: {where}")
        command = folder / "env" / "bin" / "bothbanks"
        run(command, "--help", cwd=folder)
        run(command, "check", ROOT / "examples" / "meuse-rhine", cwd=folder)
        run(command, "appraise", ROOT / "examples" / "meuse-rhine", "--out", folder / "out", cwd=folder)
        index = folder / "out" / "report" / "index.html"
        if not index.is_file():
            raise SystemExit(f"no {index}")
        print("installed without the checkout, it checks and appraises the example")


if __name__ == "__main__":
    main()
