"""Service packs: rules as dated data, and what follows from them for one case.

Other rooms use what this module names; the files are ``<service>/<date>.toml`` beside it.
"""

from setara.kernel.words import Words
from setara.rules.packs.compute import (
    COMPANION,
    Admission,
    Fee,
    Requirement,
    age_on,
    check_answer,
    fee,
    lane_for,
    next_question,
    questions_for,
    relevant,
    requirements,
    split_personal,
    stock_kind,
    type_of,
    validate_answers,
    validity_years,
)
from setara.rules.packs.conditions import Answer, Answers, Condition
from setara.rules.packs.loading import PackError, all_packs, load, localised, pack, pack_for, services
from setara.rules.packs.model import (
    Document,
    FeeLine,
    Ground,
    HoldReason,
    Lane,
    Option,
    Outcome,
    OverrideReason,
    Question,
    Step,
)
from setara.rules.packs.service_pack import Pack

__all__ = [
    "COMPANION",
    "Admission",
    "Answer",
    "Answers",
    "Condition",
    "Document",
    "Fee",
    "FeeLine",
    "Ground",
    "HoldReason",
    "Lane",
    "Option",
    "Outcome",
    "OverrideReason",
    "Pack",
    "PackError",
    "Question",
    "Requirement",
    "Step",
    "Words",
    "age_on",
    "all_packs",
    "check_answer",
    "fee",
    "lane_for",
    "load",
    "localised",
    "next_question",
    "pack",
    "pack_for",
    "questions_for",
    "relevant",
    "requirements",
    "services",
    "split_personal",
    "stock_kind",
    "type_of",
    "validate_answers",
    "validity_years",
]
