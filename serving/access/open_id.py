"""OpenID Connect: signing in at a provider that an organisation has already."""

from __future__ import annotations


class OpenIdProvider:
    """A provider; filled in below."""
