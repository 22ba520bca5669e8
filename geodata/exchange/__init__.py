"""Files in and out: CSV, XLSX, GeoJSON, GeoPackage and KML, with a report for every row; GPX out.

This package knows no store: it makes clean frames of files and files of frames.
"""

from geodata.exchange.cleaning import odd_phones
from geodata.exchange.elders import ElderReading, read_elders
from geodata.exchange.gpx import Track, Waypoint, write_gpx
from geodata.exchange.headings import Choice, Understanding, understand
from geodata.exchange.looking import Look, look
from geodata.exchange.reading import Reading, read_areas, read_homes, read_merchants
from geodata.exchange.report import REASONS, Problem, Report, Severity, Source
from geodata.exchange.suspicion import Suspicion, Weighing, suspect_datum, weigh_datums
from geodata.exchange.tables import Format
from geodata.exchange.vocabulary import HEADINGS, Kind
from geodata.exchange.writing import write, write_report

__all__ = [
    "HEADINGS",
    "REASONS",
    "Choice",
    "ElderReading",
    "Format",
    "Kind",
    "Look",
    "Problem",
    "Reading",
    "Report",
    "Severity",
    "Source",
    "Suspicion",
    "Track",
    "Understanding",
    "Waypoint",
    "Weighing",
    "look",
    "odd_phones",
    "read_areas",
    "read_elders",
    "read_homes",
    "read_merchants",
    "suspect_datum",
    "understand",
    "weigh_datums",
    "write",
    "write_gpx",
    "write_report",
]
