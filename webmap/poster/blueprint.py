"""The blueprint that the parts of this subject add their views to."""

from flask import Blueprint

bp = Blueprint("poster", __name__)
