"""An image on its way from a platform to the journal, through the storage (bilder-1 to bilder-4)."""
