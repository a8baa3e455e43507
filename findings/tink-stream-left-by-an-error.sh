#!/usr/bin/env bash
# One would think that a sealed stream in which an error was raised half-way has no valid end: what was written opens up
# to there, and then says that it was cut. With Tink 1.16.1 for Python the stream's close writes the last segment, and
# it is called when the `with` block is left by the error, and also when the stream is only thrown away (io's __del__).
# What was written so far then opens as a whole file, and nothing tells that the rest is missing.
# What we did: what the stream writes to takes nothing any more once there was an error (systems/storage/sealed.py).
set -euo pipefail
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q --disable-pip-version-check tink==1.16.1 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import gc
import io
import sys
from importlib.metadata import version

import tink
from tink import streaming_aead

streaming_aead.register()
template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_4KB
aead = tink.new_keyset_handle(template).primitive(streaming_aead.StreamingAead)


class Target(io.BytesIO):
    """Keeps what it has when it is closed: Tink closes what it writes to."""

    def close(self):
        pass


def opened(sealed):
    try:
        return len(aead.new_decrypting_stream(io.BytesIO(sealed), b"").read())
    except tink.TinkError:
        return "an error"


def left_by_an_error(target):
    with aead.new_encrypting_stream(target, b"") as stream:
        stream.write(b"x" * 10_000)
        raise ValueError("the source broke off: there was more to come")


def thrown_away(target):
    stream = aead.new_encrypting_stream(target, b"")
    stream.write(b"x" * 10_000)
    del stream
    gc.collect()


seen = {}
for act in (left_by_an_error, thrown_away):
    target = Target()
    try:
        act(target)
    except ValueError:
        pass
    seen[act.__name__] = opened(target.getvalue())
print("tink", version("tink"))
for name, what in seen.items():
    print(f"{name}: opens with {what} bytes")
sys.exit(seen != {"left_by_an_error": 10_000, "thrown_away": 10_000})
PYTHON
