"""Log lines: one format for all that this program and its libraries say, on standard error, without secrets."""

import logging
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

__all__ = ["configure_logging"]

_SECRET_NAMES = ("authorization", "password", "secret", "token", "cookie")
_HIDDEN = "[hidden]"

# These write a line for each request; the application writes one with more in it.
_QUIET = ("uvicorn.access",)


def configure_logging(
    format: Literal["text", "json"],  # noqa: A002 - the word of the setting
    *,
    level: str = "INFO",
    stream: TextIO | None = None,
) -> None:
    """Send everything logged in this process to one stream, in one format. Calling it again replaces the format."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    if format == "json":
        last: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", *_QUIET):
        # uvicorn gives its loggers handlers of their own.
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name not in _QUIET


def _without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide values whose name says that they are secret, however deep they lie."""
    return {name: _safe(name, value) for name, value in event.items()}


def _safe(name: str, value: Any) -> Any:
    if any(word in name.lower() for word in _SECRET_NAMES):
        return _HIDDEN
    if isinstance(value, Mapping):
        inner = cast("Mapping[object, object]", value)
        return {str(key): _safe(str(key), found) for key, found in inner.items()}
    return value
