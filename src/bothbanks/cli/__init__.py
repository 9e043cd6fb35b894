"""The command line: a module a command, or a group of commands.

Exit codes: 0 done, 1 an error of the program, 2 something a user gave can't be used (all of it is listed).
"""

from __future__ import annotations

import errno
import sys

import typer

from bothbanks.cli import (
    ask,
    compact,
    grant,
    keeping,
    ledger,
    pack,
    payout,
    people,
    procurement,
    region,
    serve,
    verify,
    witness,
)

app = typer.Typer(
    name="bothbanks",
    help="What cities on two sides of a border gain by acting together, and how to share it fairly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (region.new, region.check, region.appraise, ask.ask, pack.pack, serve.serve, serve.tick):
    app.command()(command)
for kept in (keeping.backup, keeping.restore, keeping.export):
    app.command()(kept)
app.command("import")(keeping.import_)
app.add_typer(compact.app, name="compact")
app.command()(verify.verify)
app.add_typer(witness.app, name="witness")
app.add_typer(grant.app, name="grant")
app.add_typer(ledger.app, name="ledger")
app.add_typer(payout.app, name="payout")
app.add_typer(people.app, name="people")
app.command()(people.invite)
app.add_typer(procurement.app, name="procurement")


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bothbanks.words.errors import BothbanksError, InputError

    try:
        app()
    except InputError as error:
        print(f"bothbanks: {error}", file=sys.stderr)
        problems = getattr(error, "problems", None)
        if problems is not None:
            print(f"Put these {len(problems)} right and run it again. Nothing was written.", file=sys.stderr)
        raise SystemExit(2) from None
    except BothbanksError as error:
        print(f"bothbanks: {error}", file=sys.stderr)
        if error.code.startswith("store."):  # its words say already what was kept and what to do
            raise SystemExit(1) from None
        print(
            "The input was read, but the computation stopped. Nothing was written; the old output is "
            "as it was. Look at the numbers the message names.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    except OSError as error:
        if error.errno not in _DISK:
            raise SystemExit(_our_fault(error)) from error
        print(
            f"bothbanks: {error.strerror}{f': {error.filename}' if error.filename else ''}. Nothing was "
            "written; the old output is as it was. Make room, or give another folder with --out.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    except Exception as error:
        raise SystemExit(_our_fault(error)) from error


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
"""The disk is full or may not be written to: nothing that a traceback would explain."""


def _our_fault(error: Exception) -> int:
    """Tell an error of the program with its traceback; the exit code."""
    import traceback

    traceback.print_exception(error)
    print(
        f"bothbanks: an error of the program ({type(error).__name__}). Nothing was written; the old "
        "output is as it was. Please report it with the lines above and your version.",
        file=sys.stderr,
    )
    return 1
