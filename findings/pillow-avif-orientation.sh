#!/usr/bin/env bash
# One would think that `Image.save(…, exif=exif)` only reads the Exif object that it is given. In Pillow 13.0.0 saving as
# AVIF takes the orientation out of it (it goes into an irot box): the same object saved next, as JPEG, PNG, WebP or TIFF,
# says nothing of which way up the picture is. Given as bytes (`exif.tobytes()`) it stays.
# What we did: EXIF goes to `save` as bytes wherever files are made (tests/systems/made_files.py).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" || exit 2
"$place/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import io
import sys

import PIL
from PIL import Image

ORIENTATION = 274


def orientation(format: str, exif: Image.Exif) -> int | None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, format, exif=exif)
    return Image.open(io.BytesIO(out.getvalue())).getexif().get(ORIENTATION)


print(f"Pillow {PIL.__version__}")
seen = {}
for first in ("WEBP", "AVIF"):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    before = orientation("JPEG", exif)
    orientation(first, exif)
    seen[first] = (before, orientation("JPEG", exif), exif.get(ORIENTATION))
    print(f"as JPEG: {before}; then as {first}; as JPEG again: {seen[first][1]}, in the object: {seen[first][2]}")
sys.exit(0 if seen == {"WEBP": (6, 6, 6), "AVIF": (6, None, None)} else 1)
PYTHON
