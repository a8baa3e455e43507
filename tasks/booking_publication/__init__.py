"""A booked visit, until it stands on 1177 and the resident has heard of it (besok-1, besok-2, onskemal-3)."""
