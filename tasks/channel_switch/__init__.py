"""A contact that goes on elsewhere, by the patient's consent (byte-1 to 3, patient-3)."""
