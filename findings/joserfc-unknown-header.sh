#!/usr/bin/env bash
# One would think that a header parameter that nobody knows does a token no harm: RFC 7515 section 4 says that such are
# ignored, and RFC 7519 section 5.3 lets a signer repeat `iss` there. joserfc 1.8.0 refuses both when it verifies
# (UnsupportedHeaderError), unless it is given a registry with strict_check_header=False.
# What we did: that registry, and `crit`, which must be understood, refused by ourselves (systems/oidc_keys.py).
set -euo pipefail
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q --disable-pip-version-check joserfc==1.8.0 pyjwt==2.10.1 cryptography==50.0.2 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import jwt as pyjwt
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

key = ECKey.generate_key("P-256")
lenient = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
print("joserfc", version("joserfc"), "PyJWT", version("pyjwt"))
seen = []
for more in ({}, {"iss": "https://idp.example"}, {"x-own": 1}):
    token = pyjwt.encode({"iss": "https://idp.example"}, key.as_pem(private=True), algorithm="ES256", headers=more)
    for name, how in (("by default", {"algorithms": ["ES256"]}), ("leniently", {"registry": lenient})):
        try:
            jwt.decode(token, key, **how)
            seen.append("taken")
        except Exception as error:
            seen.append(type(error).__name__)
        print(f"header {sorted(more) or 'as usual'}, {name}: {seen[-1]}")
sys.exit(seen != ["taken", "taken", *["UnsupportedHeaderError", "taken"] * 2])
PYTHON
