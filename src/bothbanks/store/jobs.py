"""Work outside requests, in a table with leases: a job whose worker dies is taken up by the next.

A job is asked for in the transaction of the change that needs it, so neither happens without the other. It
may run twice (a worker that died after its work and before its ``job_done``), so a job's work has to bear
being repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update

from bothbanks.store import tables
from bothbanks.store.errors import ConflictError, MissingError
from bothbanks.store.interface import Job
from bothbanks.store.work import Work

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
_t = tables.jobs


class JobTable(Work):
    """The jobs of one open transaction."""

    def job(self, id: str) -> Job:
        """The job, or MissingError."""
        row = self.connection.execute(select(_t).where(_t.c.id == id)).one_or_none()
        if row is None:
            raise MissingError(f"there is no job '{id}'")
        return _job(row)

    def jobs(self, status: str | None = None) -> list[Job]:
        """Jobs in the order in which they were made."""
        wanted = select(_t).order_by(_t.c.made, _t.c.id)
        if status is not None:
            wanted = wanted.where(_t.c.status == status)
        return [_job(row) for row in self.connection.execute(wanted)]

    def enqueue(self, id: str, name: str, args: Mapping[str, Any], at: datetime) -> None:
        """Ask for a job, due at once."""
        blank: dict[str, Any] = {"attempts": 0, "worker": "", "progress": "", "error": "", "result": "{}"}
        self.connection.execute(
            insert(_t).values(
                id=id, name=name, args=json.dumps(dict(args)), status=WAITING, made=at, due=at, **blank
            )
        )

    def lease(self, worker: str, at: datetime, until: datetime, names: Sequence[str] = ()) -> Job | None:
        """Take the job that has waited longest, or one whose lease has run out."""
        due = and_(_t.c.status == WAITING, _t.c.due <= at)
        left = and_(_t.c.status == RUNNING, _t.c.lease_until <= at)
        wanted = select(_t.c.id).where(or_(due, left)).order_by(_t.c.due, _t.c.id).limit(1)
        id = self.connection.execute(wanted.where(_t.c.name.in_(names)) if names else wanted).scalar()
        if id is None:
            return None
        self.connection.execute(
            update(_t)
            .where(_t.c.id == id)
            .values(status=RUNNING, worker=worker, lease_until=until, attempts=_t.c.attempts + 1, progress="")
        )
        return self.job(id)

    def job_progress(self, id: str, worker: str, text: str, until: datetime) -> None:
        """Say how far it is and lengthen the lease."""
        self._held(id, worker, progress=text, lease_until=until)

    def job_done(self, id: str, worker: str, result: Mapping[str, Any]) -> None:
        """Close it."""
        self._held(id, worker, status=DONE, lease_until=None, error="", result=json.dumps(dict(result)))

    def job_failed(self, id: str, worker: str, error: str, retry_at: datetime | None) -> None:
        """Keep the error; waiting again from ``retry_at``, or failed for good."""
        again: dict[str, Any] = {"status": WAITING, "due": retry_at} if retry_at else {"status": FAILED}
        self._held(id, worker, lease_until=None, error=error, **again)

    def _held(self, id: str, worker: str, **values: Any) -> None:
        here = and_(_t.c.id == id, _t.c.status == RUNNING, _t.c.worker == worker)
        if self.connection.execute(update(_t).where(here).values(values)).rowcount != 1:
            found = self.job(id)
            raise ConflictError(
                f"job '{id}' is {found.status} and held by '{found.worker}', not running under '{worker}': "
                "its lease ran out and another worker has taken it"
            )


def _job(row: Row[Any]) -> Job:
    kept = row._asdict()
    return Job(**{**kept, "args": json.loads(row.args), "result": json.loads(row.result)})
