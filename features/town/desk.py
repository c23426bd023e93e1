"""The desk at which a block of the town is written down, the same for all partners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import recording_parameters as rates
from features.town.blocks import Block
from features.town.days import Floats, Ints, Strings
from features.town.diary import Events
from features.town.filing import Filed, Office, put_on_file
from features.town.people import People
from features.town.plant import Plant
from features.town.restricted import Restricted, restrict
from features.town.sheets import Numbers, dates_as_text
from features.town.whereabouts import Whereabouts


@dataclass(frozen=True)
class Desk:
    """What is needed to write a block down.

    Attributes:
        rng: Of how records are kept; what happened does not hang on it.
        flawed_times: How many times as often each person's entries are flawed.
        numbers: Of the rows of each source; they run on from block to block.
    """

    block: Block
    plant: Plant | None
    rng: np.random.Generator
    numbers: Numbers
    where: Whereabouts
    restricted: Restricted
    flawed_times: Floats

    @property
    def people(self) -> People:
        """Everyone of the block."""
        return self.block.lives.people

    def file(self, person: Ints, office: str, letter: str) -> Filed:
        """Return how an office writes down the people it knows."""
        kept = Office(office, letter, self.flawed_times)
        return put_on_file(self.people, person, kept, self.restricted, self.rng)

    def entry(self, filed: Filed, events: Events) -> Ints:
        """Return under which entry of an office each event is kept."""
        return filed.entry(events.person, events.day, self.restricted, self.rng)

    def home(self, filed: Filed, row: Ints, day: Ints) -> Ints:
        """Return the home that the office believes an entry's person to have."""
        person = filed.person[row]
        now = self.where.on(person, day)
        return np.where(filed.keeps_old_home[row], self.where.first[person], now)

    def identity(
        self, filed: Filed, row: Ints, day: Ints, date_format: str
    ) -> dict[str, Strings]:
        """Return what identifies the person in each row, as the office writes it."""
        postcode = self.people.homes.postcode[self.home(filed, row, day)]
        cells = {
            "nhs_no": filed.nhs_number[row],
            "forename": filed.forename[row],
            "surname": filed.surname[row],
            "birth_date": dates_as_text(filed.birth_date[row], date_format),
            "postcode": np.where(filed.no_postcode[row], "", postcode),
        }
        if filed.office in rates.WITHOUT_NHS_NUMBERS:
            del cells["nhs_no"]
        return cells

    def practice(self, person: Ints) -> Strings:
        """Return the code of the practice that each is registered with."""
        number = self._practice_numbers(person)
        return np.array([f"Y{90_000 + n % 10_000}" for n in number], dtype=object)

    def shares(self, person: Ints) -> Strings:
        """Return whose practice shares its events."""
        place = self._practice_numbers(person) % rates.ONE_PRACTICE_IN
        return np.asarray(place != rates.SILENT_PRACTICE)

    def _practice_numbers(self, person: Ints) -> Ints:
        homes = self.people.homes
        areas, place = np.unique(homes.area, return_inverse=True)
        number = np.array([int(area[-6:]) % 10_000 for area in areas])
        return (number // rates.AREAS_PER_PRACTICE)[place][self.people.home[person]]


def open_desk(
    block: Block, plant: Plant | None, numbers: Numbers, rng: np.random.Generator
) -> Desk:
    """Return the desk for a block.

    Args:
        block: Lived to its end.
        plant: A fault that is planted in the town.
        numbers: Those given out so far.
        rng: Of how records are kept.
    """
    people = block.lives.people
    times = plant.of("link-bias", none=1.0) if plant else 1.0
    biased = people.ethnicity == rates.BIASED_GROUP
    return Desk(
        block=block,
        plant=plant,
        rng=rng,
        numbers=numbers,
        where=Whereabouts(block.lives),
        restricted=restrict(people, rng),
        flawed_times=np.where(biased, times, 1.0),
    )
