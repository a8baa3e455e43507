"""The keys of what staff are told of files: once for a transfer; of one that was wished again, for that file."""

from __future__ import annotations

from models.encryption import Use, ring
from models.image_transfer import ImageTransfer


def told(case: ImageTransfer, reason: str) -> str:
    """One for each thing that there is to tell."""
    if case.fetches > 1:
        return f"image_transfer:{reason}:{case.id}:{case.fetches}"
    transfer = ring().keyed(Use.TRANSFER, f"{case.owner_id}\n{case.system}\n{case.transfer}").hex()
    return f"image_transfer:{reason}:{transfer}"
