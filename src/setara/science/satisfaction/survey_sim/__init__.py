"""Answer files whose truth is known: for teaching, for the tests, and to measure what the integrity tests find.

People with a latent satisfaction visit an office over its working days; all of them have answers that they would
give, whose index is the truth; some of them respond, the more readily the more (or less) satisfied they are. Of
those who respond some give every element the same answer, some are families who answer one after the other on
one telephone, some use the kiosk in the hall. On top of that somebody may tamper with the file.
"""

from __future__ import annotations

from setara.science.satisfaction.survey_sim.frames import columns_of, frame, offsets_of, truth
from setara.science.satisfaction.survey_sim.model import Design, Simulated, simulate
from setara.science.satisfaction.survey_sim.tampering import KINDS, PLACES, Tampering, tamper

__all__ = [
    "KINDS",
    "PLACES",
    "Design",
    "Simulated",
    "Tampering",
    "columns_of",
    "frame",
    "offsets_of",
    "simulate",
    "tamper",
    "truth",
]
