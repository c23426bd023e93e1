"""What every page must hold to, in a real browser."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.training.reading import GRADE_OF_TWELVE, grade


# WCAG 2.2, levels A and AA.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = 1280, 320
_RULES = {"runOnly": {"type": "tag", "values": TAGS}}
_HEARD: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
_MISFITS = """() => {
  const found = [];
  const say = (wrong, words) => { if (wrong) found.push(words); };
  say(document.documentElement.lang !== "en", "the language is not named");
  say(!document.title.endsWith(" - Lamppost"), `the title is ${document.title}`);
  say(document.querySelectorAll("h1").length !== 1, "there is not one h1");
  say(document.querySelector("[style], style"), "a style stands in the page");
  say(document.body.textContent.includes("undefined"), "it says: undefined");
  for (const { id } of document.querySelectorAll("[id]"))
    say(document.querySelectorAll("#" + CSS.escape(id)).length > 1, `twice: #${id}`);
  return found;
}"""
# Where a table is wider than its frame, its caption must not be.
_CUT_OFF = """() => {
  const cut = [];
  for (const caption of document.querySelectorAll(".lamp-table caption")) {
    if (caption.classList.contains("govuk-visually-hidden")) continue;
    const words = document.createRange();
    words.selectNodeContents(caption);
    const frame = caption.closest(".lamp-table").getBoundingClientRect();
    if (words.getBoundingClientRect().right > frame.right + 1)
      cut.push(`a caption is cut off: ${caption.innerText}`);
  }
  return cut;
}"""
# What is read as sentences; labels of a word or two have no age of reading.
_RUNNING_TEXT = r"""() => [...document.querySelectorAll(
  "main :is(p, dd, legend, label, .govuk-hint), main li:not(:has(p, li))"
)].map(part => part.innerText.trim().replace(/\s+/g, " "))
  .filter(text => text.split(" ").length > 3)"""


def listen(page: Page) -> None:
    """Keep what the browser complains of from now on."""
    heard = _HEARD.setdefault(page, [])

    def on_console(message: ConsoleMessage) -> None:
        # A page for an error is itself answered with that status.
        of_page = message.text.startswith("Failed to load resource")
        of_page = of_page and message.location.get("url") == page.url
        if message.type in ("error", "warning") and not of_page:
            heard.append(f"{message.type}: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))


def faults_of(page: Page) -> list[str]:
    """Return what is wrong with the page that is open, wide and narrow."""
    page.wait_for_load_state()
    size = page.viewport_size
    found = page.evaluate(_MISFITS) + _HEARD.get(page, [])
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        reach = page.evaluate("document.documentElement.scrollWidth")
        if reach > width:
            found.append(f"{width} wide, it reaches to {reach}")
        narrow = [*page.evaluate(_CUT_OFF), *_violations(page)]
        found += [f"{width} wide, {line}" for line in narrow]
    if size:
        page.set_viewport_size(size)
    return found


def check_page(page: Page) -> None:
    """Fail unless the page that is open holds to all of this.

    No violation of WCAG 2.2 AA that axe can find, no sideways scroll and no caption cut
    off, 1280 and 320 wide; no error on the console, no breach of the content security
    policy, no style in the page; one h1, a title of ours, no id twice.
    """
    found = faults_of(page)

    assert found == [], f"{page.url}: {found}"


def check_words(page: Page) -> None:
    """Fail unless a reader of twelve reads all of the page that is open with ease."""
    texts: list[str] = page.evaluate(_RUNNING_TEXT)
    told = " ".join(text if text[-1] in ".:!?" else f"{text}." for text in texts)

    assert not told or grade(told) <= GRADE_OF_TWELVE, f"{page.url}: {grade(told):.1f}"


def _violations(page: Page) -> list[str]:
    answer = Axe().run(page, options=_RULES).response
    return [
        f"{violation['id']}: {', '.join(str(node['target']) for node in hit)}"
        for violation in answer["violations"]
        if (hit := violation["nodes"])
    ]
