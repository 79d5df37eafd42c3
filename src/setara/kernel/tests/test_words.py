from __future__ import annotations

from setara.kernel.errors import Invalid, Refused
from setara.kernel.words import Words, speak


def test_words_speak_the_language_of_the_moment() -> None:
    words = Words(id="Kuota penuh.", en="Quota is full.")
    error = Refused(words, remedy=words)
    assert str(error) == str(words) == "Kuota penuh."
    before = speak(lambda: "en-gb")
    try:
        assert str(error) == error.as_dict()["remedy"] == "Quota is full."
        assert Invalid({"a": words}).as_dict()["errors"] == {"a": "Quota is full."}
        assert Invalid({"a": words}).as_dict()["message"] == "Please correct the answers that are marked."
    finally:
        speak(before)
    assert words.text("id") == str(words)
    assert words.text("en") == "Quota is full."
    assert words.as_dict() == {"id": "Kuota penuh.", "en": "Quota is full."}
