"""Wiring only."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import anyio.to_thread
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.db import Database
from app.errors import (
    AppError,
    BusyError,
    InvalidError,
    MisconfiguredError,
    MissingYearError,
    NotFoundError,
    TooLargeError,
)
from app.routers import ALL, kept
from app.routers.compress import CompressPublic
from app.routers.edge import Edge
from app.routers.metering import Meter
from app.routers.problems import MEDIA, Problem, document, from_validation
from app.routers.render import STATIC, Assets, page
from app.rules import notices, refusals, router_model
from app.senders.aliyun_sms import Account, AliyunSms
from app.senders.base import Sender
from app.senders.console import Console
from app.senders.webhook import Webhook
from app.senders.wecom import WeCom
from app.settings import Settings
from app.storage import Folder
from app.training import shelf
from app.vault import Vault, keyring_at, keyring_from
from app.worker import InProcess

PROGRAMS = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json", "/static/")  # answered in JSON, never as a page
_log = structlog.get_logger("minqing")


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The web application on one database."""
    app = FastAPI(title="民情码", version="0.1.0", docs_url=None, redoc_url=None, lifespan=_lifespan)
    attach(app, settings, database)
    for router in ALL:
        app.include_router(router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    for error in (AppError, RequestValidationError, HTTPException, OperationalError, PoolTimeoutError, Exception):
        app.add_exception_handler(error, _refused)
    app.add_middleware(CompressPublic, minimum_size=500)
    app.add_middleware(
        Edge,
        max_body=settings.max_upload_mb * 1024 * 1024,
        hsts=settings.hsts,
        hosts=frozenset(filter(None, (host.strip().lower() for host in settings.allowed_hosts.split(",")))),
        origin=settings.origin,
        respond=lambda scope, error: _response(Request(scope), _coded(Request(scope), error)),
    )
    app.add_middleware(Meter)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def attach(app: FastAPI, settings: Settings, database: Database) -> None:
    """Lets a built application serve this deployment's data; its routes and its edge stay as they were built."""
    app.state.settings, app.state.database = settings, database
    app.state.storage = Folder(settings.data_dir / "uploads")
    app.state.kept = kept.Counted()
    router_model.follow(shelf.Follower(settings.data_dir / "router"))


def vault_of(settings: Settings) -> Vault:
    """The vault with this deployment's keys, made on first use; MisconfiguredError where a database lost its own."""
    text = settings.keys.get_secret_value()
    path = settings.data_dir / "keys.json"
    if not text and not path.exists() and (settings.data_dir / "minqing.db").exists():
        raise MisconfiguredError(f"the keys of this database are missing: put its {path} back, or set MINQING_KEYS")
    return Vault(keyring_from(text)) if text else Vault(keyring_at(path), path)


def keys_of(settings: Settings) -> str:
    """This deployment's key ring as text, for a backup that shall hold it. Raises MisconfiguredError without one."""
    text = settings.keys.get_secret_value()
    path = settings.data_dir / "keys.json"
    if not text and not path.exists():
        raise MisconfiguredError(f"there are no keys at {path}")
    return text or path.read_text()


def database_of(settings: Settings) -> Database:
    """The database of this deployment."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(settings.url, vault_of(settings), pool=settings.threads, ways=settings.ways)


def senders_of(settings: Settings) -> list[Sender]:
    """Every adapter that this deployment has credentials for. Raises MisconfiguredError where they cannot be right."""
    found: list[Sender] = [sender_of(settings)]
    if "webhook" in settings.ways:
        try:
            found.append(Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value()))
        except ValueError as error:
            raise MisconfiguredError(f"MINQING_WEBHOOK_SECRET: {error}") from error
    if "sms" in settings.ways:
        secret = settings.sms_key_secret.get_secret_value()
        account = Account(settings.sms_key_id, secret, settings.sms_sign_name, settings.sms_template)
        found.append(AliyunSms(settings.sms_url, account))
    return found


def sender_of(settings: Settings) -> Sender:
    """The adapter that notices go out by: the group robot where it has a key, else the log, which is said once."""
    key = settings.wecom_robot_key.get_secret_value()
    if key:
        return WeCom(settings.wecom_url, key, notices.heading())
    _log.warning("notices go to the log only", because="MINQING_WECOM_ROBOT_KEY is empty")
    return Console()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings, database = app.state.settings, app.state.database
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
    delivery = InProcess(database, senders_of(settings), app.state.storage) if settings.worker == "inprocess" else None
    if delivery:
        delivery.start()
    yield
    if delivery:
        await anyio.to_thread.run_sync(delivery.stop)
    database.close()


async def _refused(request: Request, error: Exception) -> Response:
    return _response(request, _coded(request, error))


def _coded(request: Request, error: Exception) -> AppError:
    """Every error as one of ours. What we did not expect is logged by type and place, never with its values."""
    if isinstance(error, MissingYearError):
        _log.error("holiday table ends", year=error.year, remedy="upgrade the package chinesecalendar")
    if isinstance(error, AppError):
        return error
    if isinstance(error, RequestValidationError):
        return from_validation(list(error.errors()))
    if isinstance(error, HTTPException):
        return error.__cause__ if isinstance(error.__cause__, AppError) else _from_framework(error)
    if isinstance(error, PoolTimeoutError):
        return BusyError()
    _log.error("unexpected", kind=type(error).__name__, where=_where(error), request_id=_request_id(request))
    return BusyError() if isinstance(error, OperationalError) else AppError()


def _from_framework(error: HTTPException) -> AppError:
    if error.status_code == 404:  # noqa: PLR2004 -- the framework's own not-found
        return NotFoundError(refusals.say("page_unknown"))
    refusal = TooLargeError() if error.status_code == 413 else InvalidError(refusals.say("request_malformed"))  # noqa: PLR2004
    if error.status_code != 413:  # noqa: PLR2004
        refusal.status, refusal.code = error.status_code, f"HTTP_{error.status_code}"
    return refusal


def _response(request: Request, error: AppError) -> Response:
    headers = {"Retry-After": str(error.extra["retry_after"])} if "retry_after" in error.extra else {}
    if error.status == 401:  # noqa: PLR2004 -- OAuth2 asks for the scheme
        headers["WWW-Authenticate"] = "Bearer"
    if request.url.path.startswith(PROGRAMS) or "json" in request.headers.get("accept", ""):
        return JSONResponse(document(error, _request_id(request)), error.status, headers, MEDIA)
    if error.status == 401 and request.url.path.lower().startswith("/desk"):  # noqa: PLR2004 -- people log in on a page
        here = f"?next={quote(request.url.path)}" if request.method == "GET" else ""
        return RedirectResponse(f"/desk/login{here}", 303)
    response = page(request, "problem.html", status=error.status, error=error, request_id=_request_id(request))
    response.headers.update(headers)
    return response


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas |= Problem.model_json_schema(ref_template="#/components/schemas/{model}").pop("$defs", {})
        schemas["Problem"] = {
            k: v
            for k, v in Problem.model_json_schema(ref_template="#/components/schemas/{model}").items()
            if k != "$defs"
        }
        app.openapi_schema = schema
    return app.openapi_schema


def configure_logs(settings: Settings) -> None:
    """Structured lines on standard error; the server's own access log is replaced by ours, which keeps tokens out."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
    )
    logging.getLogger("uvicorn.access").disabled = True
