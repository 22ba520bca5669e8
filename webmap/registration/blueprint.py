"""The blueprint of the subject, which its modules hang their views on."""

from flask import Blueprint

bp = Blueprint("registration", __name__)
