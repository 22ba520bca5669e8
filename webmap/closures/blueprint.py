"""The subject's blueprint."""

from flask import Blueprint

bp = Blueprint("closures", __name__)
