"""The subject's blueprint."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
