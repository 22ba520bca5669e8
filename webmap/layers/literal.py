"""Values written into a script that Folium renders."""

import json
import re

_OPENING = re.compile(r"\{(?=[{%#])")


def literal(value: object) -> str:
    r"""Write a value as a JavaScript literal that no reader can misunderstand.

    Use it for every option in a layer's template. It is safe inside a script
    element, and it survives Folium, which compiles what it has rendered as a
    template once more: the mark that opens a tag can only stand inside a
    string of JSON, so its escape changes nothing that the browser reads.

    >>> print(literal({"url": "https://t{s}.example/{z}?a={{7*7}}</script>"}))
    {"url": "https://t{s}.example/{z}?a=\u007b{7*7}}\u003c/script\u003e"}
    """
    written = json.dumps(value, ensure_ascii=True)
    for mark in "<>&'":
        written = written.replace(mark, f"\\u{ord(mark):04x}")
    return _OPENING.sub(r"\\u007b", written)
