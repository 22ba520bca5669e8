"""GDAL, loaded when a file needs it: a worker that shows the map does without its 30 MB."""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def pyogrio() -> ModuleType:
    """Return the library by which GeoPandas reads and writes files."""
    return import_module("pyogrio")


def failures() -> tuple[type[Exception], type[Exception]]:
    """Return what reading a broken file, or writing one, through GeoPandas ends in."""
    errors = pyogrio().errors
    return errors.DataSourceError, errors.DataLayerError
