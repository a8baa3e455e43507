"""A handing-over, or one more who takes part, by the patient's consent (samtycke-1, samtycke-2)."""
