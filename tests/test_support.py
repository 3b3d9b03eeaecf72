"""What a sentence says is held against its quotes by one rule after the other."""

import numpy as np
import pytest
from fakes import make_article

from service.evidence import EvidenceSentence, Span
from service.support.faults import find_fault
from service.support.statement import AFTER, BEFORE, surroundings


def evidence(*texts: str, title: str = "Title", together: bool = False) -> list[EvidenceSentence]:
    """Sentences numbered from 1, each in an article of its own, or all in one."""
    whole = make_article(" ".join(texts), article_id="whole", title=title)
    found, start = [], 0
    for number, text in enumerate(texts, start=1):
        if together:
            span = Span(whole, start, start + len(text))
        else:
            article = make_article(
                text, article_id=f"a{number}", title=title, source="Wire", published="2023-09-17"
            )
            span = Span(article, 0, len(text))
        found.append(EvidenceSentence(number, span, 1.0, np.zeros(4, dtype=np.float32)))
        start += len(text) + 1
    return found


ABOARD = "The ferry Solvei carried forty-one people from Tarn to Lund."
DRIFT = "The ferry drifted for 41 kilometres (25 miles) off Lund."
BALL = "Captain Ida Moen called the ball “a night to remember” in Lund."
ANSWER = "Mayor Lind accepted the invitation to the harbour of Tarn."
GIFT = "The mayor gave Captain Moen a medal."
TALKS = "Many of the islanders could lose their homes in the storm."
SAID_NOTHING = "The mayor said nothing about the ferry talks."
NO_DEAL = "No deal on the ferry was signed in Lund."
SIGNED = "A deal on the ferry was signed in Lund."

RULES: dict[str, tuple[str, str, str | None]] = {
    "new number": (
        "The ferry carried 42 people.", ABOARD, "number 42 is in no cited sentence",
    ),
    "number in digits": ("The ferry carried 41 people.", ABOARD, None),
    "new name": ("The ferry Havbris sailed to Lund.", ABOARD, "name 'Havbris' is in no cited"),
    "name at the start": ("Zelensky sailed to Lund.", ABOARD, "name 'Zelensky' is in no cited"),
    "a day for a number word": (
        "Two crews meet on November 2nd.", "Two crews meet in November.", "day 2 of a month is in",
    ),
    "a number for both": (
        "The two crews met.", "Both crews met.", "number 2 is in no cited sentence",
    ),
    "told as done what may be": (
        "Moen and Dahl made a deal over arms.", "Moen and Dahl might make a deal over arms.",
        "the cited sentences say only that it may be so",
    ),
    "told as it may be": (
        "Moen and Dahl might make a deal.", "Moen and Dahl might make a deal over arms.", None,
    ),
    "done beside what may be": (
        "Moen sailed to Lund.", "Moen sailed to Lund and may sail on.", None,
    ),
    "the month of May": ("Moen sailed in May.", "Moen sailed in May to Lund.", None),
    "another's reason": (
        "Norway is under sanctions for its tests.",
        "Both are under sanctions: Norway for its raids, Sweden for its tests.",
        "a cited sentence says 'test' of another",
    ),
    "another's reason after and": (
        "Norway is under sanctions for its tests.",
        "Both are sanctioned, Norway because of its raids and Sweden because of its tests.",
        "a cited sentence says 'test' of another",
    ),
    "what is another's own": (
        "Norway is under sanctions for its tests.",
        "There are sanctions in light of Norway’s raids and Sweden’s tests.",
        "a cited sentence says 'test' of another",
    ),
    "its own reason": (
        "Sweden is under sanctions for its tests.",
        "Both are under sanctions: Norway for its raids, Sweden for its tests.", None,
    ),
    "both reasons": (
        "Norway is under sanctions for raids and Sweden for tests.",
        "Both are under sanctions: Norway for its raids, Sweden for its tests.", None,
    ),
    "officials are no verb": (
        "Russian officials are to meet in Lund.",
        "Government officials are to meet Russian ones in Lund.", None,
    ),
    "a day as it is written": (
        "Both crews meet on November 2nd.", "Both crews meet on 2 November.", None,
    ),
    "another holder of an office": (
        "The captain of the ferry is Per Lind.",
        "Per Lind, a minister, was met by Ida Moen, who captains the ferry.",
        "the cited sentences name Ida Moen as the captain",
    ),
    "the holder of an office": (
        "The captain of the ferry was Ida Moen.", "The captain of the ferry was Ida Moen.", None,
    ),
    "the place of an office": (
        "The governor of Tarn is Ida Moen.",
        "They were met by Ida Moen, who is the Tarn governor.", None,
    ),
    "one word of a holder's name": (
        "The president of Russia is Lind.", "Russian President Per Lind met Ida Moen.", None,
    ),
    "a holder whose name comes first": (
        "The captain of the ferry is Lind.",
        "Moen, captain of the ferry, was seen by Per Lind.",
        "the cited sentences name Moen as the captain",
    ),
    "another who said something": (
        "Moen said crowds crossed the bridge.", "Per Lind says that crowds crossed it, as Moen saw.", None,
    ),
    "what is a firm's": (
        "Volvo shares fell by a third.", "Tesla shares rose and those of Volvo fell by a third.", None,
    ),
    "cut off": ("The ferry drifted off Lun.", DRIFT, "it breaks off in 'Lund'"),
    "another word of a name": ("The ferry left Russia.", "The ferry left the Russian port.", None),
    "publisher's name": ("Wire reported that people sailed from Tarn to Lund.", ABOARD, None),
    "changed unit": (
        "The ferry drifted 41 miles.", DRIFT, "41 has another unit in the cited sentences",
    ),
    "unit of time": (
        "The ferry drifted for 41 hours.", DRIFT, "41 has another unit in the cited sentences",
    ),
    "unit spelled otherwise": ("The ferry drifted 41km.", DRIFT, None),
    "unit of the conversion": (
        "The ferry drifted 25 kilometres.", DRIFT, "25 has another unit in the cited sentences",
    ),
    "number of something else": ("The ferry carried people 41 kilometres to Lund.", ABOARD, None),
    "converted unit": ("The ferry drifted 25 miles.", DRIFT, None),
    "no unit of measure": ("The 41 ferry kilometres drifted off Lund.", DRIFT, None),
    "altered quotation": (
        "Moen called the ball “a night of Lund”.",
        BALL,
        "the quotation 'a night of Lund' is in no cited sentence",
    ),
    "quotation in other signs": ('Moen called it "A night - to remember!"', BALL, None),
    "quotation after a short one": (
        'Moen said "No" and called it "a night to remember" in Lund.',
        "In Lund, Moen said “No” and called the ball “a night to remember”.",
        None,
    ),
    "altered quotation after a short one": (
        'Moen said "No" and called it "a night of Lund".',
        "In Lund, Moen said “No” and called the ball “a night to remember”.",
        "the quotation 'a night of Lund' is in no cited sentence",
    ),
    "uncovered": (
        "Moen danced a slow waltz with Lund.",
        BALL,
        "too little of it is in the cited sentences: danced, slow, waltz",
    ),
    "nearly covered": ("Captain Ida Moen remembered the ball in sunny Lund.", BALL, None),
    "nothing to check": ("It was so.", BALL, "it says nothing that can be checked"),
    "mixed name": (
        "Ida Lind came to Tarn.",
        "Ida Moen and Per Lind came to Tarn.",
        "the name Ida 'Lind' is in no cited sentence",
    ),
    "a title before a name": (
        "President Lind met Moen.", "President Per Lind met Ida Moen.", None,
    ),
    "first name alone": ("Ida Lind came to Tarn.", "Ida and Per Lind came to Tarn.", None),
    "last name alone": ("Lind came to Tarn.", "Ida Moen and Per Lind came to Tarn.", None),
    "name in full": ("Ida Moen came to Tarn.", "Ida Moen and Per Lind came to Tarn.", None),
    "opposite": (
        "Mayor Lind declined the invitation to Tarn.",
        ANSWER,
        "it says 'declin' where the cited sentences say 'accept'",
    ),
    "opposite that is denied": (
        "Mayor Lind declined the invitation to Tarn.",
        "Mayor Lind did not accept the invitation to Tarn.",
        None,
    ),
    "denied opposite": (
        "Mayor Lind did not decline the invitation to Tarn.",
        ANSWER,
        "the cited sentences do not deny it",
    ),
    "all for many": (
        "All of the islanders could lose their homes.",
        TALKS,
        "it says 'All' where the cited sentences say 'Many'",
    ),
    "many for many": ("Many islanders could lose their homes.", TALKS, None),
    "all beside many": ("Many islanders could lose all their homes.", TALKS, None),
    "all for all": ("All islanders left.", "All of the many islanders left.", None),
    "all for no word": ("All islanders left.", "The islanders left.", None),
    "will for could": (
        "Many islanders will lose their homes.",
        TALKS,
        "it says 'will' where the cited sentences say 'could'",
    ),
    "will for will": ("Islanders will leave.", "The islanders will leave if it could rain.", None),
    "will beside may": ("Many islanders will lose homes, or may.", TALKS, None),
    "may for could": ("Many islanders may lose their homes.", TALKS, None),
    "denied": ("A deal on the ferry was signed in Lund.", NO_DEAL, "the cited sentences deny it"),
    "not denied": (
        "A deal was not signed in Lund.", SIGNED, "the cited sentences do not deny it",
    ),
    "denied by both": ("The ferry deal was not signed.", NO_DEAL, None),
    "denied before nothing": (
        "The mayor spoke of the ferry talks.", SAID_NOTHING, "the cited sentences deny it",
    ),
    "nothing said by both": ("Nothing was said about the ferry talks.", SAID_NOTHING, None),
    "nothing said by one": (
        "The mayor said nothing about the ferry talks.",
        "The mayor spoke about the ferry talks.",
        "the cited sentences do not deny it",
    ),
    "denied at once": (
        "Kane scored in the match when they went out of Europe.",
        "Harry Kane, at the match in Europe, didn’t score but did set it up when they went out.",
        "the cited sentences deny it",
    ),
    "another subject": (
        "Lund wants help from Tarn.",
        "Lund is keen on a loan, while Holm wants help from Tarn.",
        "the cited sentences tell that of Holm",
    ),
    "another subject of the verb in another form": (
        "The Tarn council called the ferry a disgrace.",
        "Holm calls the ferry to Tarn a disgrace.",
        "the cited sentences tell that of Holm",
    ),
    "another visit": (
        "Moen will visit Tarn on Sunday.",
        "Tarn’s mayor Ida Moen waves at the end of her visit to Lund on Sunday.",
        "the cited sentences tell of a visit to Lund",
    ),
    "a visit on a longer one": (
        "Moen visited Tarn on Sunday.", "Ida Moen’s visit to Norway took her to Tarn on Sunday.", None,
    ),
    "the same visit": (
        "Moen visited the Lund museum.", "The visit to Lund and Tarn brought Moen to the museum.", None,
    ),
    "one of two subjects": (
        "Lund filed for help.", "Lund and Holm filed for help in Tarn.", None,
    ),
    "the same subject": (
        "Moen wants help from Tarn.", "The mayor says that Captain Ida Moen wants help from Tarn.", None,
    ),
    "a capital as the subject": (
        "South Korea wants help from Tarn.", "Seoul wants help from Tarn, since South Korea has none.", None,
    ),
    "a subject behind its verb": (
        "Moen says that Lund is safe.", "Lund is safe, as in Tarn says Ida Moen.", None,
    ),
    "names alone": (
        "Moen will travel to Lund on Friday.",
        "Moen left Tarn and Lund on Friday.",
        "only its names are in the cited sentences, not travel",
    ),
    "transfer": (
        "Moen gave the mayor a medal.",
        GIFT,
        "who gave to whom is turned round: moen received",
    ),
    "transfer in other words": ("Captain Moen received a medal from the mayor.", GIFT, None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "quote", "reason"), RULES.values(), ids=RULES)
def test_a_sentence_and_its_one_quote(text: str, quote: str, reason: str | None) -> None:
    fault = find_fault(text, evidence(quote))
    assert fault is None if reason is None else (fault or "").startswith(reason)


def test_a_giver_may_stand_beside_the_quote_that_says_he_gave() -> None:
    met, gave = "Mayor Dahl met Moen in Lund.", "He gave Moen a medal."
    assert find_fault("Dahl gave Moen a medal.", evidence(met, gave)) is None
    named = "The town gave Moen a medal."
    fault = find_fault("Dahl gave Moen a medal.", evidence(met, named))
    assert fault == "no cited sentence says that dahl gave"


def test_a_title_tells_no_deed_but_gives_a_name() -> None:
    found = evidence("In February he bought a mill in Tarn.", title="Chairman Moen steps down")
    assert find_fault("Moen bought a mill in Tarn in February.", found) is None
    fault = find_fault("Moen steps down as chairman.", found)
    assert fault == "too little of it is in the cited sentences: steps, chairman"


@pytest.mark.parametrize(
    ("question", "text", "quote", "kept"),
    [
        (
            "What does Moen earn?",
            "Moen earns 350 crowns a week.",
            "Moen on 350 crowns a week",
            True,
        ),
        ("Who is Moen?", "Moen earns 350 crowns.", "Moen on 350 crowns a week", False),
        (
            "In which year was Tarn opened?",
            "Tarn was opened in 2023.",
            "They looked on at Tarn, September 13, 2023",
            False,
        ),
        (
            "When is the mill in Tarn to open?",
            "The mill in Tarn opens in May 2024.",
            "Tarn is to have a mill in May 2024",
            True,
        ),
    ],
)
def test_words_of_the_question_may_be_missing_where_something_else_is_told(
    question: str, text: str, quote: str, *, kept: bool
) -> None:
    assert (find_fault(text, evidence(quote), question) is None) == kept


def test_one_clause_is_not_pieced_together() -> None:
    found = evidence(
        "Bogs remain in the land of the Pilgrims.",
        "Sauce stood in a cookbook, with berries picked.",
    )
    fault = find_fault("The Pilgrims picked berries in a land of bogs.", found)
    assert fault == "no cited sentence holds most of it"
    found = evidence("Moen steered the ferry.", "The ferry sank off Tarn.", together=True)
    assert find_fault("Moen steered the ferry and it sank off Tarn.", found) is None


def test_what_was_not_so_until_then_was_so_then() -> None:
    found = evidence("Moen did not learn about the hole until October.")
    assert find_fault("Moen learned about the hole in October.", found) is None
    never = evidence("Moen did not learn about the hole in October.")
    assert find_fault("Moen learned about the hole in October.", never) is not None


def test_what_only_points_to_something_says_nothing() -> None:
    found = evidence("ESPN's Ida Moen reported this: the ferry is late.")
    assert find_fault("Ida Moen reported this.", found) == "it says nothing that can be checked"
    assert find_fault("Ida Moen reported that the ferry is late.", found) is None


def test_a_bare_number_is_looked_up_like_any_other() -> None:
    found = evidence("There was a number kicking around, it was $5 billion.")
    assert find_fault("$5 billion.", found) is None
    assert find_fault("$6 billion.", found) == "number 6000000000 is in no cited sentence"


def test_what_is_told_beside_holds_no_main_clause() -> None:
    found = evidence("Ida Moen, who sailed with Dahl last spring, wants to be the best.")
    fault = find_fault("Dahl admires Ida Moen, who sailed with Dahl last spring.", found)
    assert fault == "only its names are in the cited sentences, not admires"
    assert find_fault("The best is Ida Moen, who sailed with Dahl last spring.", found) is None


def test_a_day_is_of_what_its_own_quote_tells() -> None:
    visited = "He was at the mill with the new mayor on Saturday."
    met = "He met the captain on Wednesday."
    fault = find_fault("He met the new mayor on Wednesday.", evidence(visited, met, together=True))
    assert fault == "Wednesday stands in no cited sentence with what it is about"
    assert find_fault("He met the captain on Wednesday.", evidence(visited, met)) is None


def test_the_day_after_is_not_the_day() -> None:
    found = evidence("A day after visiting the mill in Lund, Moen was in Tarn on Saturday.")
    fault = find_fault("Moen visited the mill in Lund on Saturday.", found)
    assert fault == "the cited sentence that it is nearest to has the day before or after for it"
    assert find_fault("Moen was in Tarn on Saturday.", found) is None
    assert find_fault("Moen visited the mill in Lund.", found) is None


def test_words_that_are_no_names_are_held_by_half() -> None:
    found = evidence("Lund and Tarn are under sanctions, Tarn for its weapon tests.")
    fault = find_fault("Lund needs Tarn's weapon for the war.", found)
    assert fault is not None


def test_a_month_is_of_what_its_own_quote_tells() -> None:
    found = evidence(
        "Berg, who sailed the barge, is to be sentenced in March.",
        "Moen, founder of the yard in Lund, is to find out her fate later.",
    )
    fault = find_fault("Moen, the founder of the yard, will find out her fate in March.", found)
    assert fault is not None
    assert "March" in fault
    assert find_fault("Berg is to be sentenced in March.", found[:1]) is None


def test_a_day_is_not_taken_from_a_quote_that_has_but_the_names() -> None:
    seen, met = "On Sunday, Captain Moen was seen in Tarn.", "Moen met the mayor of Tarn."
    fault = find_fault("Moen met the mayor on Sunday.", evidence(seen, met, together=True))
    assert fault == "Sunday stands in no cited sentence with what it is about"
    assert find_fault("Moen was seen on Sunday and met the mayor.", evidence(seen, met)) is None


@pytest.mark.parametrize(
    "dateline", ["SEOUL, South Korea — ", "SEOUL, South Korea, Sept. 18 (Reuters) - ", "SEOUL – "]
)
def test_a_dateline_tells_nothing_of_the_place(dateline: str) -> None:
    found = evidence(f"{dateline}North Korea’s Kim thanked President Putin, state media said.")
    assert find_fault("North Korea's Kim thanked President Putin.", found) is None
    assert find_fault("Seoul, South Korea, thanked President Putin.", found) is not None
    assert find_fault("Seoul thanked President Putin.", found) is not None


def test_what_an_article_has_in_capitals_elsewhere_is_no_dateline() -> None:
    found = evidence("NATO — founded in 1949 — met in Lund.", "NATO was founded.", together=True)
    assert find_fault("NATO met in Lund.", found[:1]) is None


def test_a_number_keeps_its_place_in_an_order() -> None:
    found = evidence("In the third vote Jordan lost 25 votes.", "The first vote was on Monday.")
    assert find_fault("Jordan lost 25 votes in the third vote.", found) is None
    fault = find_fault("Jordan lost 25 votes in the first vote.", found)
    assert fault == "number 25 stands in no cited sentence with 'first'"


def test_a_long_name_is_not_in_a_quote_that_has_its_initials() -> None:
    found = evidence("The US is the town's chief ally.")
    assert find_fault("The chief ally is the US.", found) is None
    fault = find_fault("The chief ally is the United States.", found)
    assert fault == "name 'United States' is in no cited sentence"


@pytest.mark.parametrize(
    ("question", "text", "quote", "held"),
    [
        ("Is Tarn City charged?", "Tarn City is charged.", "Tarnfield City is charged.", True),
        ("Is Tarn charged?", "Tarn City is charged.", "Tarnfield City is charged.", False),
        ("Is Ta City charged?", "Ta City is charged.", "Tarnfield City is charged.", False),
        ("Is City Tarn charged?", "City Tarn is charged.", "Tarnfield City is charged.", False),
    ],
)
def test_a_name_of_the_question_may_be_longer_in_a_quote(
    question: str, text: str, quote: str, *, held: bool
) -> None:
    assert (find_fault(text, evidence(quote), question) is None) is held


FAR = "It is 200 km from Lund to the lighthouse."
HOME = "The ferry went home to Tarn."
MEDAL = "The mayor of Lund gave out a medal on Monday."
SUNK = "The barge of Ida Berg sank off Tarn on Tuesday."
LATE = "Ida Moen was late."
ROWED = "Per Lind rowed ashore."

JOINED: dict[str, tuple[str, tuple[str, str], str | None]] = {
    "misplaced number": (
        "The lighthouse is 200 km from Tarn.",
        (FAR, HOME),
        "number 200 stands in no cited sentence with what it is about",
    ),
    "number in its place": ("The lighthouse is 200 km from Lund.", (FAR, HOME), None),
    "number in a clause of its own": (
        "The ferry went home, and it is 200 km to the lighthouse.", (FAR, HOME), None,
    ),
    "misplaced day": (
        "The barge sank on Monday.",
        (MEDAL, SUNK),
        "Monday stands in no cited sentence with what it is about",
    ),
    "day in its place": ("The barge sank on Tuesday.", (MEDAL, SUNK), None),
    "day of two": ("The barge sank on Monday.", (MEDAL, SUNK.replace("Tues", "Mon")), None),
    "denied by one of two": (SIGNED, (NO_DEAL, SIGNED), None),
    "scattered names": (
        "Moen and Lind were late.",
        (LATE, ROWED),
        "its names stand together around no cited sentence",
    ),
    "names of one": ("Ida Moen was late, and he rowed ashore.", (LATE, ROWED), None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "quotes", "reason"), JOINED.values(), ids=JOINED)
def test_a_sentence_that_joins_two_articles(
    text: str, quotes: tuple[str, str], reason: str | None
) -> None:
    assert find_fault(text, evidence(*quotes)) == reason


def test_names_of_one_article_may_be_joined() -> None:
    assert find_fault("Moen and Lind were late.", evidence(LATE, ROWED, together=True)) is None


def test_of_whom_a_verb_is_told_is_read_in_the_nearest_quote() -> None:
    found = evidence(
        "Norway is currently the most crucial ally of Lund.",
        "The trip is a “heyday of friendship” that is opened between Lund and Sweden.",
    )
    fault = find_fault("Sweden is currently the most crucial ally of Lund.", found)
    assert fault == "the cited sentences tell that of Norway"
    assert find_fault("Norway is currently the most crucial ally of Lund.", found) is None


def test_each_clause_has_its_own_number_and_names() -> None:
    text = "The ferry went home to Tarn, and it is 200 km from Lund to the lighthouse."
    assert find_fault(text, evidence(FAR, HOME, together=True)) is None


def test_what_the_title_says_needs_no_quote() -> None:
    text = "The lighthouse is 200 km from Tarn, Ida Moen said."
    assert find_fault(text, evidence(FAR)) == "name 'Ida' is in no cited sentence"
    assert find_fault(text, evidence(FAR, title="Ida Moen in Tarn")) is None


def test_what_stands_around_a_quote() -> None:
    before, after = "b" * (BEFORE + 1), "a" * (AFTER + 1)
    article = make_article(f"{before}{LATE}{after}", title="The ball", source="Wire")
    span = Span(article, len(before), len(before) + len(LATE))
    around = surroundings(EvidenceSentence(1, span, 1.0, np.zeros(4, dtype=np.float32)))
    assert around == f"x Wire . x The ball\n{before[1:]}{LATE}{after[1:]}"


def test_full_names_of_last_names_stand_around_a_quote() -> None:
    text = f"{'Ida-Marie Moen came. ':<{BEFORE + 30}}Moen stayed."
    span = Span(make_article(text), len(text) - 12, len(text))
    around = surroundings(EvidenceSentence(1, span, 1.0, np.zeros(4, dtype=np.float32)))
    assert around.endswith("Moen stayed.\nIda-Marie Moen")


def test_a_weekday_of_a_quote_about_something_else_is_told() -> None:
    thanked = "The mayor thanked the ferry crew for the rescue, the Gazette reported Monday."
    left = "The mayor of Tarn left on Sunday with the ferry crew."
    said = "The mayor thanked the ferry crew for the rescue on Sunday."
    fault = find_fault(said, evidence(thanked, left))
    assert fault is not None
    assert fault.endswith("has another day than Sunday")
    assert find_fault(said.replace("Sunday", "Monday"), evidence(thanked, left)) is None


def test_a_day_stands_with_the_names_in_one_quote() -> None:
    talks = "The captain met Mayor Lind for talks at the harbour on Wednesday."
    tour = "On Friday the captain went to Tarn, where Ida Moen met him for talks at the harbour."
    said = "Ida Moen met the captain for talks at the harbour on Wednesday."
    assert (
        find_fault(said, evidence(talks, tour)) == "no cited sentence has Wednesday with its names"
    )
    he = "He met the captain for talks at the harbour on Wednesday."
    assert (
        find_fault("Mayor Lind met the captain for talks on Wednesday.", evidence(he, talks))
        is None
    )


def test_the_two_ends_of_a_distance_stand_in_one_quote() -> None:
    quotes = evidence("It is 40 km from Tarn to the harbour.", "The ferry sailed to Lund.")
    said = "The distance between Lund and Tarn is 40 km."
    assert find_fault(said, quotes) is not None
    assert find_fault("The distance between the harbour and Tarn is 40 km.", quotes) is None


@pytest.mark.parametrize(
    ("sentence", "quote", "before", "held"),
    [
        ("Ida Moen lost her leg.", "Moen lost her leg.", "Ida Moen is ill.", True),
        ("Ida Moen lost her leg.", "Moen lost her leg.", "Nils Moen is ill.", False),
        ("Dahl Moen lost a leg.", "Moen lost a leg.", "Dahl Moen is ill.", False),
        ("The Lund Data Board has two weeks.", "The LDB has two weeks.", "", True),
        ("The Lund Data Board has two weeks.", "The board has two weeks.", "", False),
    ],
)
def test_a_long_name_of_the_question_may_stand_in_short(
    sentence: str, quote: str, before: str, *, held: bool
) -> None:
    question = "How does Ida Moen or the Lund Data Board fare?"
    [*_, found] = evidence(*filter(None, [before, quote]), together=True)
    assert (find_fault(sentence, [found], question) is None) is held
    assert find_fault(sentence, [found], "How do they fare?") is not None


def test_whom_it_was_told_is_in_a_quote_too() -> None:
    said = "Moen told the young sailors that the storm over Lund was long and loud."
    held = "Moen told young sailors that the storm over Lund was long and loud."
    apart = "Moen said that the storm over Lund was long and loud."
    assert find_fault(said, evidence(held)) is None
    reason = find_fault(said, evidence(apart))
    assert reason is not None
    assert reason.startswith("only its names are in the cited sentences, not")
