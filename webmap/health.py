"""Is it alive, is it ready: for a supervisor, a load balancer, a colleague on the phone."""

from flask import Blueprint, Response

from webmap.request import store

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """Answer as long as the process can."""
    return _plain("ok")


@bp.get("/readyz")
def ready() -> Response:
    """Answer well when the store does; otherwise 503, as every failure of the store."""
    with store().reading() as tx:
        tx.alive()
    return _plain("ready")


def _plain(text: str) -> Response:
    answer = Response(text + "\n", mimetype="text/plain")
    answer.cache_control.no_store = True
    return answer
