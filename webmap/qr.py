"""Links as pictures that a phone reads."""

import segno
from markupsafe import Markup


def drawn(link: str) -> str:
    """Return the QR code of a link as the address of a picture that is its own content."""
    return segno.make(link, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")


def inline(link: str) -> Markup:
    """Return the QR code of a link as SVG to stand in a page: on paper it is sharp at any size."""
    code = segno.make(link, error="m", micro=False)
    told = code.svg_inline(omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None)
    return Markup(told)  # noqa: S704  squares of a library's, no word of the link is in it
