"""Signatures of JSON Web Tokens and keys as JWK, by the ciphers themselves (RFC 7515, 7517, 7518, 8037)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

Json = dict[str, Any]
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Public = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
CURVES: Mapping[str, tuple[str, ec.EllipticCurve, int]] = {
    "ES256": ("P-256", ec.SECP256R1(), 32),
    "ES384": ("P-384", ec.SECP384R1(), 48),
    "ES512": ("P-521", ec.SECP521R1(), 66),
}
EDWARDS = ("EdDSA", "Ed25519")
ALGORITHMS = (*CURVES, *(f"{way}{bits}" for way in ("RS", "PS") for bits in HASHES), *EDWARDS)


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url without padding; ValueError where it is none."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def new_key(algorithm: str) -> Private:
    """A key for this algorithm."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm][1])
    if algorithm in EDWARDS:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


def jwk(key: Public) -> Json:
    """The key as others are told it."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _encoded_number(numbers.n), "e": _encoded_number(numbers.e)}
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": encoded(key.public_bytes_raw())}
    ((name, _, size),) = [each for each in CURVES.values() if each[1].name == key.curve.name]
    point = key.public_numbers()
    return {
        "kty": "EC",
        "crv": name,
        "x": _encoded_number(point.x, size),
        "y": _encoded_number(point.y, size),
    }


def public(given: Json) -> Public:
    """The key of a JWK; KeyError or ValueError where it is none of ours."""
    if given["kty"] == "RSA":
        return rsa.RSAPublicNumbers(_int(given["e"]), _int(given["n"])).public_key()
    if given["kty"] == "OKP" and given["crv"] == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(decoded(given["x"]))
    curves = {name: curve for name, curve, _ in CURVES.values()}
    return ec.EllipticCurvePublicNumbers(
        _int(given["x"]), _int(given["y"]), curves[given["crv"]]
    ).public_key()


def token(header: Json, claims: Json, key: Private) -> str:
    """A signed token; `alg` of the header says how."""
    body = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{body}.{encoded(_signature(header['alg'], key, body.encode()))}"


def verified(token: str, keys: Mapping[str, Public], algorithms: tuple[str, ...]) -> Json | None:
    """The claims, if one of these keys, by its `kid`, has signed them by one of these algorithms."""
    try:
        head, claims, signature = token.split(".")
        header = json.loads(decoded(head))
        key, alg = keys[header["kid"]], header["alg"]
        if alg not in algorithms:
            return None
        _verify(alg, key, f"{head}.{claims}".encode(), decoded(signature))
        content: Json = json.loads(decoded(claims))
        return content
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None


def _signature(alg: str, key: Private, body: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(body)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(body, _padding(alg), HASHES[alg[2:]])
    size = CURVES[alg][2]
    pair = decode_dss_signature(key.sign(body, ec.ECDSA(HASHES[alg[2:]])))
    return b"".join(number.to_bytes(size, "big") for number in pair)


def _verify(alg: str, key: Public, body: bytes, signature: bytes) -> None:
    if isinstance(key, ed25519.Ed25519PublicKey) and alg in EDWARDS:
        key.verify(signature, body)
    elif isinstance(key, rsa.RSAPublicKey) and alg[:2] in ("RS", "PS"):
        key.verify(signature, body, _padding(alg), HASHES[alg[2:]])
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == CURVES[alg][1].name:
        size = CURVES[alg][2]
        pair = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
        key.verify(encode_dss_signature(*pair), body, ec.ECDSA(HASHES[alg[2:]]))
    else:
        raise InvalidSignature


def _padding(alg: str) -> padding.AsymmetricPadding:
    if alg.startswith("RS"):
        return padding.PKCS1v15()
    digest = HASHES[alg[2:]]
    return padding.PSS(padding.MGF1(digest), digest.digest_size)


def _encoded_number(number: int, size: int | None = None) -> str:
    return encoded(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


def _int(text: str) -> int:
    return int.from_bytes(decoded(text), "big")
