"""The door for servers: ``gunicorn wsgi:app``, or ``python wsgi.py`` for one office."""

import gc
import logging
import os
import sys

from waitress import create_server

from geodata.errors import LinjuError
from webmap import create_app
from webmap.cli.accounts import first_steps
from webmap.config import Settings
from webmap.errors import sentence

try:
    settings = Settings.from_env(os.environ)
    app = create_app(settings)
except LinjuError as error:
    sys.exit(f"{sentence(error.code, error.details)} ({error})")
# The collector would walk over half a million objects of libraries again and again.
gc.freeze()


def serve() -> None:
    """Serve at ``settings.listen`` until interrupted, and say where."""
    # Two requests at once are no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = create_server(
            app,
            listen=settings.listen,
            threads=settings.threads,
            ident=None,
            # waitress would drop what a trusted proxy tells; the application reads it.
            clear_untrusted_proxy_headers=not settings.proxies,
            # It takes a request in whole before the application sees it.
            max_request_body_size=(settings.upload_mb + 1) * 1_000_000,
        )
    except OSError as error:
        sys.exit(f"Cannot listen on {settings.listen} ({error.strerror}); set LINJU_LISTEN.")
    print(f"邻距 Linju: http://{settings.listen}  (Ctrl-C stops it)", flush=True)
    with app.app_context():
        if told := first_steps():
            print(told, flush=True)
    server.run()


if __name__ == "__main__":
    serve()
