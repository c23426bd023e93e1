"""All routers of pages, in the order in which they are asked."""

from __future__ import annotations

from serving.pages import (
    accounts,
    alerts,
    assets_served,
    chronology,
    deciding,
    evidence,
    explanation,
    figures,
    finding,
    models,
    open_id,
    open_pages,
    packs,
    people,
    person,
    practice,
    rights,
    sign_in,
    start,
    stewards,
    worklists,
    wrong_records,
)


PAGES = (
    open_pages.router,
    assets_served.router,
    sign_in.router,
    open_id.router,
    accounts.router,
    finding.router,
    worklists.router,
    alerts.router,
    start.router,
    people.router,
    chronology.router,
    person.router,
    evidence.router,
    deciding.router,
    wrong_records.router,
    explanation.router,
    stewards.router,
    rights.router,
    packs.router,
    practice.router,
    figures.router,
    models.router,
)
