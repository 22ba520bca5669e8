"""The routes of the matrix."""

from flask import Blueprint

bp = Blueprint("matrix", __name__)
