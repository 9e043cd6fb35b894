"""Taking a step over HTTP: each command is a documented address and a form, made from its declaration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bothbanks.app.partnership.areas import commands
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.changes import Refusal
from bothbanks.site.problems import RefusedError, problem_responses
from bothbanks.site.rooms import Rooms
from bothbanks.site.security.inside import inside
from bothbanks.site.sent import KEPT_PATTERN, read_bytes, read_form, read_json

STEP_PROBLEMS = problem_responses(400, 401, 403, 404, 409, 413, 415, 422, 429, 503, 507)
LARGEST_FORM = 1 << 20  # bytes; texts of an agreement fit, files don't come this way


class Answer(BaseModel):
    """A step was taken, or waits for a second person (status 202)."""

    subject: str = Field(description="what it was about: '<kind>/<id>'")
    waits: bool = Field(False, description="kept back until a second person confirms")
    answer: dict[str, Any] = Field(default_factory=dict)


def step_routes() -> APIRouter:
    """POST /api/do/<command> and POST /{language}/do/<command> for every command."""
    router = APIRouter()
    for command in commands().values():
        router.add_api_route(
            f"/api/do/{command.name}",
            _json(command),
            methods=["POST"],
            response_model=Answer,
            responses=STEP_PROBLEMS | {202: {"model": Answer, "description": "Waits for a second person"}},
            tags=[command.name.split(".")[0]],
            summary=(command.form.__doc__ or command.name).strip().split("\n")[0],
            operation_id=_schema_name(command).lower(),
            openapi_extra=_body(command),
        )
        router.add_api_route(
            f"/{{language:language}}/do/{command.name}",
            _form(command),
            methods=["POST"],
            include_in_schema=False,
        )
    return router


def _json(command: Command[Any]) -> Callable[..., Awaitable[Response]]:
    async def step(request: Request) -> Response:
        payload = await _sent_json(request)
        if (refusal := command.misread(payload)) is not None:
            raise RefusedError(refusal)
        done = await run_in_threadpool(_take, request, command, payload, None)
        answer = Answer(subject=done.subject, waits=done.waits, answer=dict(done.answer))
        return JSONResponse(answer.model_dump(mode="json"), 202 if done.waits else 200)

    step.__doc__ = command.form.__doc__
    return step


def form_schemas() -> dict[str, Any]:
    """JSON Schema of every command's form, by name, with what they refer to."""
    out: dict[str, Any] = {}
    for command in commands().values():
        made = command.adapter.json_schema(ref_template="#/components/schemas/{model}")
        made["additionalProperties"] = False
        out |= made.pop("$defs", {})
        out[_schema_name(command)] = made
    return {name: _described(schema) for name, schema in out.items()}


def _described(schema: Any) -> Any:
    """The schema, its texts without the characters that :mod:`bothbanks.site.sent` refuses."""
    if isinstance(schema, list):
        return [_described(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _described(value) for key, value in schema.items()}
    if told.get("type") == "string" and not told.keys() & {"pattern", "format", "enum", "const"}:
        told["pattern"] = KEPT_PATTERN
    return told


def _schema_name(command: Command[Any]) -> str:
    return "Do_" + command.name.replace(".", "_").replace("-", "_")


def _body(command: Command[Any]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{_schema_name(command)}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def _sent_json(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; refused as 415, 413 or 400 otherwise."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RefusedError(Refusal("command.media", "Send the step as application/json."), 415)
    raw = await read_bytes(request, LARGEST_FORM)
    try:
        found = read_json(raw)
    except ValueError:
        raise RefusedError(Refusal("command.json", "What was sent is no JSON."), 400) from None
    if not isinstance(found, dict):
        raise RefusedError(Refusal("command.object", "Send the step as one JSON object."), 400)
    return found


def _form(command: Command[Any]) -> Callable[..., Awaitable[Response]]:
    async def step(request: Request) -> Response:
        sent = await read_form(request, LARGEST_FORM)
        payload = _payload(sent)
        token = str(payload.pop("csrf", ""))
        following = str(payload.pop("next", ""))
        done = await run_in_threadpool(_take, request, command, payload, token)
        if done.waits:
            following = f"/{request.path_params['language']}/people/confirmations"
        where = inside(following, f"/{request.path_params['language']}")
        return RedirectResponse(where.replace("{id}", quote(done.subject.split("/")[-1], safe="")), 303)

    return step


def _take(request: Request, command: Command[Any], payload: dict[str, Any], token: str | None) -> Done:
    """Take the step for whoever asks; raises RefusedError."""
    rooms: Rooms = request.app.state.rooms
    security = rooms.security
    for refusal in (security.check_csrf(request, token), security.limit(request, command.name)):
        if refusal is not None:
            raise RefusedError(refusal, 429 if refusal.code.endswith(".limit") else 403, _retry(refusal))
    actor = security.who(request)
    done = rooms.partnership.act(command.name, payload, actor)
    if isinstance(done, Refusal):
        raise RefusedError(done, 401 if done.cause == "forbidden" and not actor.person else 0)
    return done


def _retry(refusal: Refusal) -> dict[str, str]:
    seconds = refusal.values.get("seconds")
    return {"Retry-After": str(seconds)} if seconds is not None else {}


def _payload(sent: FormData) -> dict[str, Any]:
    """Fields of a form; one that comes several times, or whose name ends in [], is a list."""
    out: dict[str, Any] = {}
    for key in dict.fromkeys(sent):
        values = [str(v) for v in sent.getlist(key)]
        many = key.endswith("[]") or len(values) > 1
        out[key.removesuffix("[]")] = [v for v in values if v] if many else values[0]
    return out
