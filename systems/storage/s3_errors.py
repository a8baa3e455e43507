"""What an error of boto3's means.

Source: Amazon S3 API reference, "List of error codes"; botocore's exceptions; MinIO's and Ceph's own codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from engine.base.errors import Incident, NotSent, Refused, SystemDown, VaxelError

FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity", "EntityTooLarge", "507"}
UNWRITABLE = {"AccessDenied", "MethodNotAllowed", "AllAccessDisabled", "ReadOnly", "403", "405"}
NOT_KNOWN = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "401"}
BUSY = {"SlowDown", "ServiceUnavailable", "503", "429", "TooManyRequests"}


@contextmanager
def judged() -> Iterator[None]:
    """Around every call. Nothing of boto3's words is kept: there are addresses in them, and names."""
    try:
        yield
    except ClientError as error:
        raise _of_answer(str(error.response.get("Error", {}).get("Code", ""))) from None
    except (boto.BotoCoreError, HTTPError, OSError) as error:
        raise _of_loss(error) from None


def _of_answer(code: str) -> VaxelError:
    if code in ("NoSuchKey", "404"):
        return Refused("file_gone")
    if code in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
        return NotSent("name_taken")
    if code == "NoSuchBucket":
        return Incident("storage_not_there")
    if code in NOT_KNOWN:
        return Incident("storage_not_authorised", code)
    if code in BUSY:
        return SystemDown("overloaded", code)
    if code in FULL:
        return NotSent("storage_full", code)
    return NotSent("storage_unwritable" if code in UNWRITABLE else "storage_failed", code)


def _of_loss(error: Exception) -> VaxelError:
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return Incident("storage_not_authorised", type(error).__name__)
        case boto.SSLError():
            return Incident("tls_failed")
        case boto.EndpointConnectionError() | boto.ConnectTimeoutError():
            return SystemDown("unreachable")
    return NotSent("storage_failed", type(error).__name__)
