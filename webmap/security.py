"""Headers that every answer bears, and the requests that are believed."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from webmap import sessions
from webmap.config import Settings


def policy(settings: Settings) -> str:
    """Return the Content-Security-Policy: our own host, and the operator's tiles if any."""
    images = " ".join(["'self'", "data:", *tile_origins(settings)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {images}; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


def tile_origins(settings: Settings) -> list[str]:
    """Return the origins from which tiles come; a ``{s}`` in a host stands for any."""
    found = []
    for url in (settings.tiles_url, settings.tiles_overlay_url):
        if url == "tianditu":
            found.append("https://*.tianditu.gov.cn")
        elif "://" in url:
            parts = urlsplit(url)
            host = parts.netloc
            if "{s}" in host:
                host = "*." + host.split(".", 1)[1]
            found.append(f"{parts.scheme}://{host}")
    return sorted(set(found))


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer, and refuse hosts that are not ours."""
    headers = {
        "Content-Security-Policy": policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    allowed = {host.strip().lower() for host in settings.hosts.split(",") if host.strip()}

    @app.before_request
    def known_host() -> None:
        names = {request.host.lower(), request.host.rpartition(":")[0].lower()}
        if allowed and not allowed & names:
            raise BadRequest

    @app.after_request
    def secured(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        if answer.mimetype == "text/html":
            # A page names scripts that fit each other and the streets in use; one that is made
            # for somebody must not be found in the browser by whoever sits there next.
            kept = "no-store" if sessions.held() else "no-cache"
            answer.headers.setdefault("Cache-Control", kept)
        # Over a plain connection browsers ignore it, and complain on the console.
        if request.is_secure:
            answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return answer

    if settings.proxies:
        n = settings.proxies
        proxied = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # as Flask's documentation has it
