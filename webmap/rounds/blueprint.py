"""The blueprint that the modules of this subject share."""

from flask import Blueprint

bp = Blueprint("rounds", __name__)
