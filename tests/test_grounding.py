"""Sentences beside quotes that hold them, nearly hold them and do not."""

import pytest

from eval.grounding import missing_names, missing_numbers, overlap, supports

DRONES = "Kim received five explosive drones from the governor of Primorye."
SIGNED = "No agreements were signed at the cosmodrome."
TRAIN = "The armoured train covered 250 kilometres to the border on Sunday."

SUPPORTED = [
    (DRONES, [DRONES], "word for word"),
    ("Kim received 5 explosive drones.", [DRONES], "5 is five"),
    ("Kim receives five explosive drones.", [DRONES], "another form of the verb"),
    ("Kim’s drones came from Primorye's governor.", [DRONES], "a possessive is the same name"),
    ("The border is 250 kilometres away by armoured train.", [TRAIN], "a word more"),
    ("It covered 8,000km.", ["The train covered 8000 km."], "separators and a unit close by"),
    ("Kim received drones, and the train went 250 kilometres.", [DRONES, TRAIN], "two quotes"),
    ("No agreements were signed.", [SIGNED], "the denial is there"),
    ("They didn't sign agreements.", [SIGNED], "the same denial in another form"),
    ("Kim was one of the guests.", ["Kim was a guest."], "one is a pronoun here"),
    ("Nobody was hurt.", ["Nobody was hurt, the agency said."], "nobody denies"),
    ("Gifts were received by Kim: explosive drones.", [DRONES], "a first word need be no name"),
    ("Kim left.", ["Kim left, and nothing was said of it."], "a denial of something else"),
    ("Kim received drones.", ["Kim received drones; he did not receive hats."], "not of drones"),
    ("The tour of Artyom ended on 17 September.", ["The tour of Artyom ended."], "dated beside it"),
]

UNSUPPORTED = [
    ("Kim received six explosive drones.", [DRONES], "another number"),
    ("Kim received 15 explosive drones.", [DRONES], "5 is not part of 15"),
    ("The train covered 2,500 kilometres.", [TRAIN], "a nought more"),
    ("The train covered 50 kilometres to the border.", [TRAIN], "50 is not part of 250"),
    ("Two hundred guests saw Kim.", ["Kim saw 100 guests."], "spelled hundreds"),
    ("The governor gave Putin five explosive drones.", [DRONES], "another name"),
    ("Shoigu received five explosive drones.", [DRONES], "another name as the first word"),
    ("Agreements were signed.", [SIGNED], "the no was dropped"),
    ("Agreements were signed at the cosmodrome.", [SIGNED], "the same with a place"),
    ("They signed an agreement.", ["They did not sign any agreement."], "a dropped not"),
    ("Kim signed it.", ["Kim didn’t sign it."], "a dropped n't with a typographic mark"),
    ("Kim did not receive five explosive drones.", [DRONES], "a not was added"),
    ("Kim never received drones from the governor.", [DRONES], "a never was added"),
    ("The governor later opened a new school.", [DRONES], "other words altogether"),
    ("The governor gave drones and bread.", [DRONES], "half of the words"),
    ("Kim received five explosive drones.", [], "no quote"),
    ("Kim received five explosive drones.", [TRAIN], "a quote of something else"),
    ("In 2023 it covered 250 km.", ["It covered 250 km in 2022."], "another year"),
]

UNSEEN = [
    ("Putin gave Kim a rifle.", ["Kim gave Putin a rifle."], "who gave and who received"),
    ("Kim flew home.", ["Kim did not fly home."], "flew has no stem in common with fly"),
]


@pytest.mark.parametrize(("sentence", "quotes", "why"), SUPPORTED)
def test_supported(sentence: str, quotes: list[str], why: str) -> None:
    assert supports(sentence, quotes, about="The visit, 2023-09-17 Wire September"), why


@pytest.mark.parametrize(("sentence", "quotes", "why"), UNSUPPORTED)
def test_unsupported(sentence: str, quotes: list[str], why: str) -> None:
    assert not supports(sentence, quotes), why


@pytest.mark.parametrize(("sentence", "quotes", "why"), UNSEEN)
def test_what_words_alone_do_not_show(sentence: str, quotes: list[str], why: str) -> None:
    assert supports(sentence, quotes), f"{why}: the rule sees it now, move it up"


def test_numbers_that_no_quote_holds() -> None:
    assert missing_numbers("5 of 20 in 1.5 hours", ["Five of 21", "15 hours"]) == {"20", "1.5"}
    assert missing_numbers("Five came in 2023.", ["five came"], about="2023-09-17") == set()
    assert missing_numbers("In 17 trains 250 came", ["In 17", "250 came by train"]) == set()


def test_names_that_no_quote_holds() -> None:
    sentence = "The agency KCNA said Sergei Shoigu met Kim Jong Un in “Artyom”."
    assert missing_names(sentence, ["shoigu met kim jong un"]) == {"kcna", "sergei"}
    assert missing_names(sentence, ["Shoigu met Kim Jong Un"], about="KCNA Sergei") == set()
    assert missing_names("Kozhemyako gave it.", ["He gave it."]) == {"kozhemyako"}
    assert missing_names("It cost $US5 on Oct. 2.", ["On October 2 it cost $5."]) == set()
    assert missing_names("The US paid.", ["The U.S. government paid."]) == set()


def test_overlap_is_the_share_of_content_words() -> None:
    # kim, receiv, 5, drone: the quote has kim and drone
    assert overlap("Kim received five drones.", ["Kim saw the drone."]) == 2 / 4
    # the second quote adds receiv, and counts once however often it is given
    assert overlap("Kim received five drones.", ["Kim saw the drone.", "I receive"]) == 3 / 4
    assert overlap("It was so.", []) == 1
