"""The identity providers: OpenID Connect, for residents and for staff."""
