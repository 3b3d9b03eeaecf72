"""The pairs are well formed and stand in the sample articles, bad ones are refused, and the measure."""

import asyncio
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from scripted import ScriptedDrafter

from eval.errors import CaseRefused
from eval.verification import (
    PAIRS,
    Decision,
    Pair,
    PairKind,
    Sentences,
    Share,
    ask_again,
    decide,
    find_unsupported,
    read_pairs,
    read_sentences,
    share_kept,
    shares_right,
)
from index.articles import Article, Found
from index.sources import read_sources
from service.second_opinion import DOUBT, ModelOpinion

ROOT = Path(__file__).resolve().parents[1]

FEWEST_PAIRS = 220
FEWEST_OF_A_VERDICT = 100
FEWEST_OF_A_KIND = 10
FEWEST_ARTICLES = 7

FERRY = Article(
    "ferry",
    "The ferry Solvei",
    "The ferry ran aground off Tarn on Friday. Captain Ida Moen was given a medal by the mayor. "
    "No passenger was hurt. The mayor was at sea on Friday.",
    None,
    None,
    None,
    None,
)
SENTENCES = read_sentences([FERRY])

GOOD = """
- sentence: The mayor gave Ida Moen a medal.
  cites:
    - ferry: given a medal
  supported: yes
  kind: paraphrase
"""


@cache
def sample() -> Sentences:
    """The sentences of the sample articles."""
    return read_sentences(
        [
            found.article
            for found in read_sources([str(ROOT / "articles")])
            if isinstance(found, Found)
        ]
    )


@cache
def pairs() -> tuple[Pair, ...]:
    """The pairs over the sample articles."""
    return read_pairs(sample())


def pair(sentence: str, phrase: str, kind: PairKind) -> Pair:
    """A pair over the ferry's article."""
    return Pair.model_validate(
        {
            "sentence": sentence,
            "cites": [{"ferry": phrase}],
            "supported": kind.supported,
            "kind": kind,
        },
        context=SENTENCES,
    )


def test_each_phrase_stands_in_one_sentence_of_its_article() -> None:
    assert [
        (one.sentence, cite.phrase)
        for one in pairs()
        for cite in one.cites
        if sum(cite.phrase in found.text for found in sample()[cite.article]) != 1
    ] == []


def test_there_are_enough_pairs_of_both_verdicts_and_every_kind() -> None:
    verdicts = Counter(one.supported for one in pairs())
    kinds = Counter(one.kind for one in pairs())
    assert len(pairs()) >= FEWEST_PAIRS
    assert min(verdicts[True], verdicts[False]) >= FEWEST_OF_A_VERDICT
    assert [kind for kind in PairKind if kinds[kind] < FEWEST_OF_A_KIND] == []


def test_both_halves_have_pairs_of_every_kind() -> None:
    halves = Counter((one.kind, one.half) for one in pairs())
    assert [kind for kind in PairKind for half in ("development", "held-out") if not halves[kind, half]] == []  # fmt: skip


def test_every_sample_article_is_cited() -> None:
    cited = {cite.article for one in pairs() for cite in one.cites}
    assert cited == set(sample())
    assert len(cited) >= FEWEST_ARTICLES


def test_no_pair_cites_one_sentence_twice() -> None:
    for one in pairs():
        numbers = [
            (cite.article, found.number)
            for cite in one.cites
            for found in sample()[cite.article]
            if cite.phrase in found.text
        ]
        assert len(set(numbers)) == len(numbers), one.sentence


def test_each_file_holds_one_kind() -> None:
    for path in PAIRS.glob("*.yaml"):
        [kind] = {line for line in path.read_text("utf-8").splitlines() if "  kind:" in line}
        assert kind.removeprefix("  kind: ") == path.stem


def test_what_is_not_supported_says_what_stands_there() -> None:
    assert [one.sentence for one in pairs() if not one.supported and not one.says] == []


def test_quotation_marks_hold_what_a_quote_says_but_where_the_pair_is_about_that() -> None:
    altered = {PairKind.ALTERED_QUOTATION, PairKind.CHANGED_NAME}
    texts = [found.text for sentences in sample().values() for found in sentences]
    for one in pairs():
        for words in one.sentence.split('"')[1::2]:
            said = any(words.rstrip(".,").lower() in text.lower() for text in texts)
            assert said or one.kind in altered, one.sentence


def test_a_pair_is_read(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(GOOD)
    (one,) = read_pairs(SENTENCES, tmp_path)
    assert (one.sentence, one.supported, one.kind, one.says) == (
        "The mayor gave Ida Moen a medal.", True, PairKind.PARAPHRASE, None,
    )  # fmt: skip
    assert [(cite.article, cite.phrase) for cite in one.cites] == [("ferry", "given a medal")]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("kind: paraphrase", "kind: riddle"), 6, "kind: Input should be 'near-verbatim'"),
        (("kind: paraphrase", "kind: uncited"), 2, "a sentence that is uncited is not supported"),
        (("supported: yes", "supported: no"), 2, "a sentence that is paraphrase is supported"),
        (("supported: yes", "supported: perhaps"), 5, "supported: Input should be a valid boolean"),
        (("  supported: yes\n", ""), 2, "supported: Field required"),
        (("  kind:", "  colour: red\n  kind:"), 6, "colour: Extra inputs are not permitted"),
        (("The mayor gave Ida Moen a medal.", '""'), 2, "sentence: String should have at least 1"),
        (("given a medal", "given a watch"), 4, "cites.0: 'given a watch' stands in 0 sentences"),
        (("given a medal", "Friday"), 4, "cites.0: 'Friday' stands in 2 sentences of ferry"),
        (("- ferry: given", "- bridge: given"), 4, "cites.0: there is no article bridge"),
        (("- ferry: given a medal", "- given a medal"), 4, "cites.0: a citation is one article's"),
        (("given a medal", "given a medal\n      bridge: a"), 4, "cites.0: a citation is one"),
        (("- ferry: given a medal", "- ferry:"), 4, "cites.0.phrase: String should have at least"),
        (("\n    - ferry: given a medal", " []"), 3, "cites: Tuple should have at least 1 item"),
        (
            ("a medal\n", "a medal\n    - ferry: hurt\n    - ferry: aground\n"),
            4,
            "cites: Tuple should have at most 2 items",
        ),
    ],
)
def test_a_bad_pair_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int, message: str
) -> None:
    assert change[0] in GOOD
    path = tmp_path / "some.yaml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(CaseRefused) as refused:
        read_pairs(SENTENCES, tmp_path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert message in str(refused.value)


@pytest.mark.parametrize("first", ["a.yaml", "some.yaml"])
def test_a_sentence_that_is_there_already_is_refused(tmp_path: Path, first: str) -> None:
    (tmp_path / first).write_text(GOOD)
    path = tmp_path / "some.yaml"
    path.write_text(GOOD * 2 if first == "some.yaml" else GOOD)
    with pytest.raises(CaseRefused) as refused:
        read_pairs(SENTENCES, tmp_path)
    line = 8 if first == "some.yaml" else 2
    assert (
        str(refused.value) == f"{path}:{line}: 'The mayor gave Ida Moen a medal.' is there already."
    )


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseRefused, match=r"holds no entry; write one"):
        read_pairs(SENTENCES, tmp_path)


def test_the_check_decides() -> None:
    held = pair("Captain Ida Moen was given a medal.", "given a medal", PairKind.PART)
    sunk = pair("The ferry ran aground off Oslo.", "ran aground", PairKind.CHANGED_NAME)
    first, second = decide([held, sunk], SENTENCES)
    assert (first.pair, first.reason, first.right) == (held, None, True)
    assert (second.pair, second.right) == (sunk, True)
    assert "Oslo" in str(second.reason)


def test_the_other_quote_counts_as_well() -> None:
    both = Pair.model_validate(
        {
            "sentence": "Moen was given a medal, and no passenger was hurt.",
            "cites": [{"ferry": "given a medal"}, {"ferry": "No passenger"}],
            "supported": True,
            "kind": "merged",
        },
        context=SENTENCES,
    )
    alone = both.model_copy(update={"cites": both.cites[:1]})
    assert [one.reason is None for one in decide([both, alone], SENTENCES)] == [True, False]


def test_a_second_opinion_is_asked_about_what_is_kept_or_only_reworded() -> None:
    held = pair("Captain Ida Moen was given a medal.", "given a medal", PairKind.PART)
    lost = pair("Ida Moen was given a medal by the town.", "given a medal", PairKind.EXTRA_DETAIL)
    reworded = pair(
        "The mayor honoured the skipper Moen with a medal.", "given", PairKind.PARAPHRASE
    )
    sunk = pair("The ferry ran aground off Oslo.", "ran aground", PairKind.CHANGED_NAME)
    decisions = decide([held, lost, reworded, sunk], SENTENCES)
    assert [one.reason is None for one in decisions] == [True, True, False, False]
    drafter = ScriptedDrafter("yes", "no", "yes")
    steps: list[None] = []
    asked = asyncio.run(
        ask_again(decisions, SENTENCES, ModelOpinion(), drafter, advance=lambda: steps.append(None))
    )
    assert [one.reason for one in asked] == [None, DOUBT, None, decisions[3].reason]
    assert all(one.right for one in asked)
    assert (len(drafter.asked), len(steps)) == (3, 4)
    doubted = asyncio.run(
        ask_again(
            decisions, SENTENCES, ModelOpinion(), ScriptedDrafter(*["no"] * 3), advance=lambda: None
        )
    )
    assert [one.reason for one in doubted] == [DOUBT, DOUBT, *(one.reason for one in decisions[2:])]


def test_the_measure() -> None:
    held = pair("Captain Ida Moen was given a medal.", "given a medal", PairKind.PART)
    reworded = pair("Moen was decorated.", "given a medal", PairKind.PARAPHRASE)
    hurt = pair("A passenger was hurt.", "was hurt", PairKind.DROPPED_NEGATION)
    sunk = pair("The ferry ran aground off Oslo.", "ran aground", PairKind.CHANGED_NAME)
    at_noon = pair("The ferry ran aground at noon.", "ran aground", PairKind.EXTRA_DETAIL)
    decisions = [
        Decision(held, None),
        Decision(reworded, "a reason"),
        Decision(hurt, "a reason"),
        Decision(sunk, "a reason"),
        Decision(at_noon, None),
    ]
    assert [one.right for one in decisions] == [True, False, True, True, False]
    assert shares_right(decisions) == {
        (PairKind.PART, held.half): Share(1, 1),
        (PairKind.PARAPHRASE, reworded.half): Share(0, 1),
        (PairKind.DROPPED_NEGATION, hurt.half): Share(1, 1),
        (PairKind.CHANGED_NAME, sunk.half): Share(1, 1),
        (PairKind.EXTRA_DETAIL, at_noon.half): Share(0, 1),
    }
    assert share_kept(decisions) == Share(1, 2)  # held, not reworded
    found = find_unsupported(decisions)
    # Removed: reworded, hurt and sunk; not supported: hurt, sunk and at_noon.
    assert [found.precision, found.recall, found.f1] == pytest.approx([2 / 3] * 3)
    assert found.count == 5


def test_the_share_of_nothing_is_none() -> None:
    assert share_kept([]).value is None
    assert shares_right([]) == {}
    assert Share(1, 4).value == 0.25
