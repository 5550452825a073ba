"""Settings of the S3-compatible file store, from the environment."""

from typing import Any

from config.environment import flag, number, text


def s3() -> dict[str, Any]:
    """Return the options of the bucket; empty without S3_BUCKET."""
    bucket = text("S3_BUCKET", "")
    if not bucket:
        return {}
    return {
        "bucket": bucket,
        "prefix": text("S3_PREFIX", "").strip("/"),
        "endpoint": text("S3_ENDPOINT", ""),
        "region": text("S3_REGION", "us-east-1"),
        "access_key": text("S3_ACCESS_KEY", ""),
        "secret_key": text("S3_SECRET_KEY", ""),
        "addressing": text("S3_ADDRESSING", "auto"),
        "checksums": not flag("S3_NO_CHECKSUMS"),
        "timeout": number("S3_TIMEOUT", 20),
    }
