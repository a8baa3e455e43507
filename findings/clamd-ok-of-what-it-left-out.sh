#!/usr/bin/env bash
# One would think that clamd's "stream: OK" says that the stream was scanned. clamd 1.4.6 says the same of a file over
# MaxFileSize (100 MB unless set), of which it has looked at nothing: not even at its first bytes. StreamMaxLength, whose
# error is a plain one, is another limit. Only with `AlertExceedsMax yes`, which is off unless set, does it tell:
# "Heuristics.Limits.Exceeded.MaxFileSize FOUND".
# What we did: that answer is "not scanned" and no infection (systems/clamd.py), docs/operations.md asks for the setting,
# and the most that we send is below both limits ([storage] scanned_megabytes).
# Wants clamd itself (Debian: clamav-daemon). The signature is one of ours for harmless words.
set -euo pipefail
clamd=$(command -v clamd || command -v /usr/sbin/clamd) || exit 2
place=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$place"' EXIT
"$clamd" --version
mkdir "$place/db"
printf 'Harmless.Words:0:*:%s\n' "$(printf 'harmless words of ours' | od -An -tx1 | tr -d ' \n')" > "$place/db/ours.ndb"
for alert in no yes; do
  printf '%s\n' "DatabaseDirectory $place/db" "LocalSocket $place/$alert" "StreamMaxLength 8M" "MaxFileSize 1M" \
    "AlertExceedsMax $alert" "Foreground yes" > "$place/$alert.conf"
  "$clamd" -c "$place/$alert.conf" > "$place/log" 2>&1 &
  for _ in $(seq 100); do [ -S "$place/$alert" ] && break; sleep 0.1; done
  [ -S "$place/$alert" ] || exit 2
done
python3 - "$place" <<'PYTHON'
import socket
import struct
import sys


def said(path: str, content: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        sock.sendall(b"zINSTREAM\0" + struct.pack(">L", len(content)) + content + bytes(4))
        return sock.makefile("rb").read().decode().strip("\0")


words = b"harmless words of ours"
files = {"the words": words, "the words and 2 MB": words + bytes(2_000_000)}
seen = {(alert, name): said(f"{sys.argv[1]}/{alert}", content) for alert in ("no", "yes") for name, content in files.items()}
for (alert, name), answer in seen.items():
    print(f"AlertExceedsMax {alert}, {name}: {answer}")
as_described = (
    seen["no", "the words"].endswith("Harmless.Words.UNOFFICIAL FOUND")
    and seen["no", "the words and 2 MB"] == "stream: OK"
    and "Heuristics.Limits.Exceeded" in seen["yes", "the words and 2 MB"]
)
sys.exit(0 if as_described else 1)
PYTHON
