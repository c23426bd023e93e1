"""All routers of pages, in the order in which they are asked."""

from __future__ import annotations

from serving.pages import accounts, assets_served, open_pages, sign_in


PAGES = (
    open_pages.router,
    assets_served.router,
    sign_in.router,
    accounts.router,
)
