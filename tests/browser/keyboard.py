"""A browser that is led by the keyboard alone, and shows where it is."""

from __future__ import annotations

from playwright.sync_api import Page


MOST_STOPS = 120

# What has the focus, in words, and whether it looks otherwise than without it. A radio
# button is drawn by its label.
_STOP = r"""() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return null;
  const drawn = stop.type === "radio" ? stop.nextElementSibling : stop;
  const parts = [[drawn, null], [drawn, "::before"]];
  const look = () => parts.map(([part, of]) => {
    const style = getComputedStyle(part, of);
    return [style.outline, style.boxShadow, style.backgroundColor, style.color];
  }).join();
  const label = (stop.labels && stop.labels[0] || stop).innerText;
  const focused = look();
  stop.blur();
  const plain = look();
  stop.focus({ focusVisible: true, preventScroll: true });
  const name = (label || "").replace(/\s+/g, " ");
  return { name, tag: stop.tagName, shown: focused !== plain };
}"""


def tab_to(page: Page, name: str, tag: str = "") -> None:
    """Press the tabulator until something of that name has the focus.

    Fails where a stop on the way cannot be seen to have it.

    Args:
        page: Which is open.
        name: Words of its label or text.
        tag: What it must be, such as `INPUT`; empty takes any that can be pressed.
    """
    tags = {tag} if tag else {"A", "BUTTON", "SUMMARY", "INPUT", "TEXTAREA"}
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            continue
        assert stop["shown"], f"{page.url}: no focus is seen at {stop}"
        if name in stop["name"] and stop["tag"] in tags:
            return
    raise AssertionError(f"{page.url}: no stop of the keyboard is called {name}")


def go_by(page: Page, name: str, key: str = "Enter") -> None:
    """Press a key at the link or the button of that name, and wait for the page."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)
