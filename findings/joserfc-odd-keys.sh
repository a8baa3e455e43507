#!/usr/bin/env bash
# One would think that a JWK set with one key that the library does not know can still be used for the others: RFC 7517
# section 5 says that keys of unknown type, or with values that are not supported, are passed over. joserfc 1.8.0
# passes over an unknown `kty`, but an EC key on a curve that it does not know makes KeySet.import_key_set raise
# KeyError (no error of its own), and a key without `kty` MissingKeyTypeError: for the whole set.
# What we did: keys are imported one by one, and only those that fit the token (systems/oidc_keys.py).
set -euo pipefail
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q --disable-pip-version-check joserfc==1.8.0 cryptography==50.0.2 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from joserfc.jwk import ECKey, KeySet

good = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)
odd = {
    "an unknown kty": {"kty": "AKP", "alg": "ML-DSA-65", "kid": "a", "pub": "AAAA"},
    "an unknown curve": {"kty": "EC", "crv": "brainpoolP256r1", "kid": "b", "x": "AAAA", "y": "AAAA"},
    "no kty": {"kid": "c"},
}
seen = {}
for name, key in odd.items():
    try:
        seen[name] = f"{len(KeySet.import_key_set({'keys': [good, key]}).keys)} key(s)"
    except Exception as error:
        seen[name] = type(error).__name__
print("joserfc", version("joserfc"))
for name, what in seen.items():
    print(f"a good key and one with {name}: {what}")
sys.exit(seen != {"an unknown kty": "1 key(s)", "an unknown curve": "KeyError", "no kty": "MissingKeyTypeError"})
PYTHON
