"""The routes of siting."""

from flask import Blueprint

bp = Blueprint("siting", __name__)
