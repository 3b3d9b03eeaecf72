"""Reprints with small changes meet in one cluster, two stories on one topic do not."""

import random

import numpy as np
import pytest

import index.near_copies
from index.near_copies import SIGNATURE, NearCopies, sign

WIRE = (
    "A ferry with two hundred people on board ran onto the rocks off Tarn on Friday night, the coast"
    " guard said. Nobody was hurt. Lifeboats from three harbours took the passengers ashore within"
    " four hours, and a tug was to pull the ship free at the next high tide. The captain told the"
    " harbour office that the rudder had failed in a strong wind from the north. The line has closed"
    " the route until Monday, and the transport board has opened an inquiry into the accident, the"
    " second on this route within a year. Union leaders had asked for repairs in the spring."
)
OTHER_STORY = (
    "The union of the crews of Tarn's ferries will strike on Monday, its leaders said, after a ship"
    " ran onto rocks on Friday. They want the line to repair the rudders of all of its ferries, as"
    " they had asked for in the spring, before anybody sails again. The line answered that each of"
    " its ships is looked at twice a year, and that a strike would cost the islands their summer."
)
REPRINTS = {
    "with a line of its own": f"By our own reporter in Tarn. {WIRE}",
    "cut at the end": WIRE.rsplit(". ", 1)[0] + ".",
    "with other words in one sentence": WIRE.replace("Nobody was hurt.", "No one was injured."),
    "in capitals": WIRE.upper(),
    "with other marks": WIRE.replace(",", " –").replace("'", "’"),
}


def stories(count: int, *, reprinted: float, seed: int) -> list[str]:
    """Random stories, some of which are an earlier one with a word or two changed."""
    chance = random.Random(seed)
    made: list[str] = []
    for _ in range(count):
        if made and chance.random() < reprinted:
            words = chance.choice(made).split()
            words[chance.randrange(len(words))] = f"other{chance.random()}"
        else:
            words = [f"w{chance.randrange(3_000)}" for _ in range(chance.randint(80, 200))]
        made.append(" ".join(words))
    return made


def clusters(texts: list[str]) -> list[str]:
    """The cluster of each text, named by the first of it, as they come in one after the other."""
    copies = NearCopies([])
    named = []
    for number, text in enumerate(texts):
        signature = sign(text)
        named.append(copies.find(signature) or f"c{number}")
        copies.add(signature, named[-1])
    return named


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}


@pytest.mark.parametrize("change", REPRINTS)
def test_a_reprint_is_a_near_copy(change: str) -> None:
    copies = NearCopies([(sign(OTHER_STORY)[None, :], ["other"])])
    copies.add(sign(WIRE), "wire")
    assert copies.find(sign(REPRINTS[change])) == "wire"


def test_another_story_on_the_topic_is_none() -> None:
    copies = NearCopies([(sign(WIRE)[None, :], ["wire"])])
    assert copies.find(sign(OTHER_STORY)) is None
    half = WIRE[: len(WIRE) // 3] + OTHER_STORY
    assert copies.find(sign(half)) is None


def test_signatures_estimate_the_share_of_common_shingles() -> None:
    texts = stories(40, reprinted=0, seed=1)
    chance = random.Random(2)
    for text in texts:
        words = text.split()
        kept = chance.uniform(0.2, 1)
        other = " ".join(words[: int(len(words) * kept)] + [f"n{n}" for n in range(20)])
        one, two = shingles(text), shingles(other)
        share = len(one & two) / len(one | two)
        assert (sign(text) == sign(other)).mean() == pytest.approx(share, abs=0.2)


def test_a_signature_is_the_same_on_every_machine() -> None:
    signature = sign(WIRE)
    assert (signature.shape, signature.dtype) == ((SIGNATURE,), np.dtype(np.uint32))
    assert np.array_equal(signature, sign(WIRE.lower()))
    assert sign("").shape == sign("One.").shape == (SIGNATURE,)


def test_an_article_that_is_gone_is_no_twin() -> None:
    rows = np.stack([sign(WIRE), sign(OTHER_STORY)])
    assert NearCopies([(rows, [None, "other"])]).find(sign(WIRE)) is None
    assert NearCopies([(rows, ["wire", None])]).find(sign(WIRE)) == "wire"
    assert NearCopies([(rows[:0], [])]).find(sign(WIRE)) is None


def test_of_several_clusters_the_nearest_is_taken() -> None:
    near = WIRE.replace("Friday night", "Saturday morning").replace("three", "two")
    copies = NearCopies([(np.stack([sign(near), sign(WIRE)]), ["near", "wire"])])
    assert copies.find(sign(f"{WIRE} It was late.")) == "wire"


@pytest.mark.parametrize("seed", range(3))
def test_bands_find_what_comparing_all_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, over and after the switch from one to the other."""
    texts = stories(150, reprinted=0.4, seed=seed)
    switched = clusters(texts)
    monkeypatch.setattr(index.near_copies, "_FEW", 10_000)
    compared = clusters(texts)
    assert switched == compared
    assert 60 < len(set(compared)) < 120


def test_bands_hold_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.near_copies, "_FEW", 0)
    rows = np.stack([sign(WIRE), sign(OTHER_STORY)])
    copies = NearCopies([(rows, ["wire", None])])
    copies.add(sign("Rates rose on Monday, said the bank of Tarn, for the third time."), "rates")
    assert copies.find(sign(REPRINTS["cut at the end"])) == "wire"
    assert copies.find(sign(OTHER_STORY)) is None
    copies.add(sign(OTHER_STORY), "strike")
    assert copies.find(sign(OTHER_STORY)) == "strike"
