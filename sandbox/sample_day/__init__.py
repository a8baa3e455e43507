"""A day of the region, told in stories and played in stages."""
