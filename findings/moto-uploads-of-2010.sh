#!/usr/bin/env bash
# One would think that a test against moto shows whether unfinished uploads are cleared by their age. moto 5.2.5 tells
# of every upload, whenever it was begun, that it was begun on 10 November 2010: a clean-up that goes by age clears what
# has only just begun, and its test is none the wiser.
# What we did: the test asks with a time before 2010 for "too young" (tests/systems/test_storage_stores.py).
set -euo pipefail
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q --disable-pip-version-check "moto[s3]==5.2.5" boto3==1.44.8 || exit 2
AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b "$place/venv/bin/python" - <<'PYTHON'
import sys
from datetime import UTC, datetime
from importlib.metadata import version

import boto3
from moto import mock_aws

with mock_aws():
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="bucket")
    client.create_multipart_upload(Bucket="bucket", Key="key")
    (upload,) = client.list_multipart_uploads(Bucket="bucket")["Uploads"]
print("moto", version("moto"), "boto3", version("boto3"))
print(f"begun now, {datetime.now(UTC):%Y}; told as begun: {upload['Initiated']}")
sys.exit(upload["Initiated"].year != 2010)
PYTHON
