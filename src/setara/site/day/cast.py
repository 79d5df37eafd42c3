"""The people of a played day: simulated, drawn from a seed, and recognisable as simulated.

Their NIKs begin with 99, a province that does not exist, so none can be a living person's number; their names
say *Rekaan* (made up). What they do (come late, stay away, forget a paper) is drawn here once, so that the
same seed plays the same day.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from setara.people.service import PersonData

FIRST = (
    *("Adi", "Ayu", "Bagas", "Bening", "Cahya", "Citra", "Damar", "Dewi", "Eka", "Elok", "Fajar", "Farah"),
    *("Gilang", "Gita", "Hadi", "Hana", "Indra", "Intan", "Jaka", "Jelita", "Kirana", "Krisna", "Laras"),
    *("Lintang", "Mega", "Mulya", "Nanda", "Nirmala", "Puspa", "Raka", "Ratih", "Satria", "Sekar", "Tirta"),
    *("Tiara", "Umar", "Utari", "Wahyu", "Wulan", "Yoga", "Yuni"),
)
LAST = (
    *("Anggrek", "Bahari", "Cendana", "Delima", "Embun", "Flamboyan", "Gunung", "Harapan", "Ilalang", "Jati"),
    *("Kenanga", "Lestari", "Mawar", "Nusa", "Ombak", "Pelangi", "Rimba", "Samudra", "Telaga", "Udara"),
    *("Wijaya", "Yudha"),
)
PLACES = (
    "Depok",
    "Jakarta",
    "Bogor",
    "Bekasi",
    "Bandung",
    "Padang",
    "Makassar",
    "Ambon",
    "Surabaya",
    "Kupang",
)

# Shares of a day, from DOMAIN.md where it has one; the rest are settings of the play, not facts.
NO_SHOW = 0.04
INCOMPLETE = 0.05
BY_NAME = 0.15
ASSISTED = 0.10
PRIORITY = 0.10
MISSES_CALL = 0.03
BILL_EXPIRES = 0.02
RETURNS_SAME_DAY = 0.6
WRONG_PRESS = 0.01
REFUSED_AT_INTERVIEW = 0.005
HELD_AT_ADJUDICATION = 0.02
SPOILED_BOOK = 0.01
NEVER_COLLECTS = 0.03
NEW_APPLICATION = 13115 / (13115 + 5189)  # mix of new and expired, Kendari 2023 (DOMAIN S156)


@dataclass(slots=True)
class Person:
    """One simulated applicant and what will happen to them. Times are offsets or shares, drawn from the seed."""

    index: int
    rng: random.Random
    data: PersonData
    type: str
    answers: dict[str, object] = field(default_factory=dict)
    assisted: bool = False
    priority: str = ""
    days_ahead: int = 3
    no_show: bool = False
    incomplete: bool = False
    returns: bool = True
    by_name: bool = False
    misses_call: bool = False
    lateness: timedelta = timedelta(0)
    bill_expires: bool = False
    never_collects: bool = False
    collects_after: int = 0
    # What is planted with this person (setara.site.day.planting), at which step, and the id of the application.
    scheme: str = ""
    scheme_step: str = ""
    application: str = ""

    def minutes(self, mean: float, *, spread: float = 0.45) -> timedelta:
        """A service time: log-normal with the given mean in minutes, at least 20 seconds, to the second."""
        # mean of a log-normal is exp(mu + sigma^2/2)
        drawn = mean * self.rng.lognormvariate(-spread * spread / 2, spread)
        return timedelta(seconds=max(20, round(drawn * 60)))


def nik(rng: random.Random, born: date, *, female: bool) -> str:
    """A NIK of the right form (16 digits, day + 40 for women) in the province 99 that does not exist."""
    day = born.day + (40 if female else 0)
    return f"99{rng.randint(1, 79):02d}{rng.randint(1, 30):02d}{day:02d}{born:%m%y}{rng.randint(1, 9999):04d}"


def draw(seed: int, index: int, visit: date) -> Person:
    """Person `index` of the day `visit` under `seed`; independent of how many others there are."""
    rng = random.Random(f"setara/{seed}/{visit}/{index}")  # noqa: S311 - a play, not a secret
    female = rng.random() < 0.5
    # Working age mostly; the share over 60 makes the priority lane real.
    age = rng.randint(60, 82) if rng.random() < PRIORITY * 0.6 else rng.randint(18, 59)
    born = visit - timedelta(days=age * 365 + rng.randint(20, 340))
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)} Rekaan"
    number = nik(rng, born, female=female)
    data = PersonData(
        name=name,
        nik=number,
        birth_date=born,
        birth_place=rng.choice(PLACES),
        sex="female" if female else "male",
        phone=f"+62800{rng.randint(0, 99999999):08d}",
        email="",
        language="id",
    )
    priority = ""
    if rng.random() < PRIORITY:
        priority = (
            "elderly"
            if age >= 60
            else rng.choice(("pregnant", "disabled", "toddler") if female else ("disabled",))
        )
    return Person(
        index=index,
        rng=rng,
        data=data,
        type="new" if rng.random() < NEW_APPLICATION else "replacement_expired",
        assisted=rng.random() < ASSISTED or bool(priority),
        priority=priority,
        days_ahead=rng.randint(1, 6),
        no_show=not priority and rng.random() < NO_SHOW,
        incomplete=rng.random() < INCOMPLETE,
        returns=rng.random() < RETURNS_SAME_DAY,
        by_name=rng.random() < BY_NAME,
        misses_call=rng.random() < MISSES_CALL,
        lateness=timedelta(seconds=round(rng.gauss(-420, 600))),
        bill_expires=rng.random() < BILL_EXPIRES,
        never_collects=rng.random() < NEVER_COLLECTS,
        collects_after=rng.choice((0, 0, 1)),
    )
