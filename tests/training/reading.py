"""How old somebody must be to read a text with ease: Flesch and Kincaid's grade."""

from __future__ import annotations

import re
from itertools import pairwise


# A pupil of twelve is in the seventh grade.
GRADE_OF_TWELVE = 7.0


def grade(text: str) -> float:
    """Return the school year for which a text is written; numbers count as one."""
    words = re.findall(r"[A-Za-z']+|[\d.,]+", text)
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower().rstrip("'")
    if word[0].isdigit():
        return 1
    vowels = [letter in "aeiouy" for letter in word]
    groups = vowels[0] + sum(now and not before for before, now in pairwise(vowels))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    silent_ed = re.search(r"[^aeiouytd]ed$", word) is not None and groups > 1
    return max(1, groups - silent - silent_ed)
