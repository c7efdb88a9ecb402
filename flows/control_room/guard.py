"""Who may talk to the server of the control room: programs, and pages that it served itself.

Any page that a browser shows can send requests to this machine, and one whose name was pointed here can even read the
answers. Browsers say where a request comes from (Origin, Sec-Fetch-Site) and whom they take the server for (Host), so
these are asked before Prefect sees the request. Whether somebody may is Prefect's matter: it asks for the secret.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Any port: at the other end of a tunnel it may be another one.
OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
REFUSED = "Refused: {reason}. Open the address that `tierwise serve` printed.\n"


class Guard:
    """The server's application, for requests that are not a stranger's."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        reason = None if scope["type"] == "lifespan" else refusal(scope)
        if reason is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})  # answered with 403
        else:
            text = REFUSED.format(reason=reason).encode()
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": text})


def refusal(scope: Message) -> str | None:
    """Why a request is a stranger's. Nothing of the request is repeated."""

    def said(name: bytes) -> list[str]:
        return [value.decode("latin-1") for header, value in scope["headers"] if header.lower() == name]

    hosts = said(b"host")
    if len(hosts) != 1 or not OWN_HOST.fullmatch(hosts[0]):
        return "it is for another host"
    own = {f"{scheme}://{hosts[0].lower()}" for scheme in ("http", "https")}
    if not all(origin.lower() in own for origin in said(b"origin")):
        return "it comes from a page of another origin"
    # Browsers leave Origin out where a page loads an image or a script, or shows a frame. Somebody's link may be followed.
    follows_link = (
        scope.get("method") == "GET"
        and said(b"sec-fetch-mode") == ["navigate"]
        and said(b"sec-fetch-dest") == ["document"]
        and not scope["path"].startswith("/api")
    )
    if not follows_link and not set(said(b"sec-fetch-site")) <= {"same-origin", "none"}:
        return "it comes from a page of another origin"
    return None


def main() -> None:
    """Prefect's server as `prefect server start` runs it, behind the guard; settings come from the environment."""
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    settings = get_current_settings().server
    told = settings.api
    uvicorn.run(
        Guard(create_app(final=True)),
        host=told.host,
        port=told.port,
        timeout_keep_alive=told.keepalive_timeout,
        ws_ping_interval=told.websocket_ping_interval,
        ws_ping_timeout=told.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
    )


if __name__ == "__main__":
    main()
