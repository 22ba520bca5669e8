"""The service matrix (服务矩阵): areas × categories, in five readings.

How many merchants, how many for each 1,000 residents, how far the nearest is on foot, for which
share of the households it is near, and how many share it. One search over the streets for each
category tells the walks of all homes of a city, and one search for each merchant who is in its
catchment; both are kept by all that they were worked out from.
"""

from geodata.matrix.asking import ON_FOOT, Added, Asked, Reading
from geodata.matrix.counting import categories_of, shown
from geodata.matrix.dividing import ALONE, Parts, parts
from geodata.matrix.leaving import left_out
from geodata.matrix.measuring import walks
from geodata.matrix.reading import read

__all__ = [
    "ALONE",
    "ON_FOOT",
    "Added",
    "Asked",
    "Parts",
    "Reading",
    "categories_of",
    "left_out",
    "parts",
    "read",
    "shown",
    "walks",
]
