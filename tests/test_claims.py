"""Numbers, names, words and negation, read from a sentence by rule."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service import words
from service.claims import absent_names, absent_words, as_written, read_claim, read_initials
from service.quantities import read_measures, read_numbers
from service.words import holds_word, is_plural, same_word, stem


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("five drones", {5}),
        ("5 drones", {5}),
        ("5.0 drones", {5}),
        ("8,000 kilometres", {8000}),
        ("1,234,567 people", {1_234_567}),
        ("3.5 million", {3_500_000}),
        ("forty thousand", {40_000}),
        ("a million dollars and two hats", {1_000_000, 2}),
        ("a six-day trip", {6}),
        ("twenty-one drones", {21}),
        ("5,000-mile range", {5000}),
        ("200km", {200}),
        ("20%", {20}),
        ("a dozen eggs, a pair of hats", {12, 2}),
        ("his third visit", {3}),
        ("in the 71st minute", {71}),
        ("$US27.6 million, or US$5bn", {27_600_000, 5_000_000_000}),
        ("on September 3rd", {3}),
        ("one of them", set()),
        ("The MiG-31 and the Tu-160", set()),
        ("no figure at all", set()),
        ("£1.3billion", {1_300_000_000}),
        ("€1.3bn and 2tn", {1_300_000_000, 2_000_000_000_000}),
        ("$278m", {278_000_000}),
        ("278m of cable", {278}),  # metres
        ("100k people", {100_000}),
        ("100K people", {100_000}),
        ("MiG-31bn", set()),
        ("two hundred and fifty", {250}),
        ("two hundred and fifty-one drones", {251}),
        ("two hundred fifty", {250}),
        ("a hundred and six thousand", {106_000}),
        ("five thousand and two hats", {5002}),
        ("forty thousand two hundred", {40_200}),
        ("$5 and £6.50", {5, 6.5}),
        ("two hundred and forty drones, thirty vests", {240, 30}),
        ("hundred and 300", {100, 300}),
    ],
)
def test_numbers_by_value(text: str, numbers: set[float]) -> None:
    assert read_numbers(text) == numbers


def test_a_type_number_belongs_to_its_name() -> None:
    claim = read_claim("He saw the MiG-31 there.")
    assert (claim.numbers, claim.names) == (frozenset(), frozenset({"mig-31"}))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("began", "begins"),
        ("gave", "giving"),
        ("drone", "drones"),
        ("Kim", "Kim’s"),
        ("Primorsky", "Primorye"),
        ("Korea", "Korean"),
        ("Russia", "Russian"),
        ("Ukraine", "Ukrainian"),
        ("Kozlov", "Kozlova"),
    ],
)
def test_forms_of_one_word(left: str, right: str) -> None:
    assert same_word(stem(left), stem(right))
    assert same_word(stem(right), stem(left))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Kim", "Kimchi"),
        ("Vladivostok", "Vladimir"),
        ("Kozlov", "Kozhemyako"),
        ("Putin", "putting"),
        ("Moscow", "Mexico"),
        ("Artyom", "army"),
        ("north", "south"),
        ("plane", "plant"),
    ],
)
def test_other_words_that_look_alike(left: str, right: str) -> None:
    assert not same_word(stem(left), stem(right))
    assert not holds_word(frozenset({stem(left), "train"}), stem(right))


def test_a_word_is_held_where_one_of_the_words_is_the_same() -> None:
    words = [
        stem(word) for word in "Korea Korean Kore Primorsky Primorye Slavyanka kim Kims".split()
    ]
    for held in (frozenset(words[::2]), frozenset(words[1::2])):
        for word in [*words, "slavianca", "ki", "aleksandr"]:
            assert holds_word(held, word) == any(same_word(word, other) for other in held)


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Kim did not sign, he left.", {"sign"}),
        ("Kim didn’t sign but Putin waved.", {"sign"}),
        ("No agreement came; a deal followed.", {"agreement"}),
        ("Kim waved while nobody spoke.", {"speak"}),
        ("The Kremlin denied the sale.", {"sale"}),
        ("Rain hurt nobody, he waved.", {"rain", "hurt"}),
        ("Kim signed.", set()),
    ],
)
def test_a_negation_reaches_to_the_end_of_its_clause(text: str, negated: set[str]) -> None:
    assert read_claim(text).negated == {stem(word) for word in negated}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zelensky waved.", {"zelenski"}),
        ("Drones flew. Kozhemyako waved.", {"kozhemyako"}),
        ("Drones flew.", set()),
        ("“Drones flew.”", set()),
        ("On Sunday the Kremlin spoke.", {"sunday", "kremlin"}),
        ("The leader waved.", set()),
    ],
)
def test_a_first_word_is_a_name_when_no_dictionary_has_it(text: str, names: set[str]) -> None:
    assert read_claim(text).names == names


def test_words_without_function_words_and_parted_at_hyphens() -> None:
    assert read_claim("It was said to be a week-long trip, however.").words == {
        "week",
        "long",
        "trip",
    }


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("over 200km from Artyom", [("kilomet", 200.0)]),
        ("200 kilometres", [("kilomet", 200.0)]),
        ("8,000 kilometers (5,000 miles) off", [("kilomet", 8000.0)]),
        ("a six-day trip of 3 trains", [("day", 6.0), ("train", 3.0)]),
        ("sixteen days, sixty-two trains", [("day", 16.0), ("train", 62.0)]),
        ("on the tenth day, often", []),
        ("MiG-31 fighters and G20 leaders", []),
        ("10-15 km", [("kilomet", 15.0)]),
        ("nothing measured", []),
        ("five hundred metres", [("meter", 500.0)]),
        ("two hundred and fifty kilos", [("kilogram", 250.0)]),
        ("1.3 million miles", [("mile", 1_300_000.0)]),
        ("100k people", [("peopl", 100_000.0)]),
        ("forty-one metres, five m", [("meter", 41.0), ("meter", 5.0)]),
        ("a week-long trip", [("week", 1.0)]),
    ],
)
def test_measures(text: str, measures: list[tuple[str, float]]) -> None:
    assert read_measures(text) == measures


SEARCHED = "Kim Jong Un of North Korea received five drones from the Primorsky governor, said NATO."


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("What did France say about it?", ["franc"]),
        ("On which day did Macron meet the leader in Berlin?", ["berlin", "macron"]),
        ("What gifts did Kim receive?", []),
        ("Who governs Primorye, and what did the Koreans get?", []),
        ("What did the EU say?", ["european", "union"]),
        ("What did Kim receive in December?", []),
        ("What did the British and the American navy say?", ["american", "british"]),
        ("What did ASEAN and the WHO say?", ["asean"]),  # WHO is too short to be looked for
        ("Who captured the thing in the Primorsky region?", []),
        ("What Did France Say To Macron?", []),
        ("WHAT DID FRANCE SAY?", []),
        ("What did Pyongyang say?", []),
        ("What did Kim say in Pyongyang?", ["pyongyang"]),
    ],
)
def test_names_that_nothing_holds(question: str, absent: list[str]) -> None:
    assert absent_names(question, [SEARCHED]) == absent


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("the US Navy", "the United States Navy"),
        ("the U.S. Navy", "the United States Navy"),
        ("the USA", "the United States"),
        ("the U.S.A.", "the United States"),
        ("the UK", "the United Kingdom"),
        ("the U.K.", "the United Kingdom"),
        ("the UN", "the United Nations"),
        ("the E.U.", "the European Union"),
    ],
)
def test_an_abbreviation_is_its_name(left: str, right: str) -> None:
    assert read_claim(left) == read_claim(right)


@pytest.mark.parametrize("text", ["It is for us.", "The USB cable.", "The AUKUS pact.", "The EUR."])
def test_other_letters_are_no_abbreviation(text: str) -> None:
    assert not read_claim(text).names & {"unit", "european"}


@pytest.mark.parametrize(
    ("text", "held", "not_held"),
    [
        ("Sam Bankman-Fried spoke.", {"sb", "bf", "sbf"}, {"s", "sam", "sf"}),
        ("The World Health Organization spoke.", {"who", "twho", "ho"}, {"whos"}),
        ("Kim spoke. So did Moen.", set(), {"k", "km", "sd"}),
        ("Ab Bc Cd De Ef Fg.", {"abcde", "bcdef"}, {"abcdef"}),
        ("nothing at all", set(), {"na"}),
    ],
)
def test_initials_of_names(text: str, held: set[str], not_held: set[str]) -> None:
    initials = read_initials(text)
    assert held <= initials
    assert not not_held & initials


def test_initials_of_a_name_that_stands_there_are_not_absent() -> None:
    question = "What did NATO say?"
    assert absent_names(question, ["The North Atlantic Treaty Organization spoke."]) == []
    assert absent_names(question, ["The North Sea was calm."]) == ["nato"]


@pytest.mark.parametrize("word", ["gifts", "drones", "animals", "people", "countries", "children"])
def test_plural(word: str) -> None:
    assert is_plural(word)


@pytest.mark.parametrize(
    "word", ["gift", "bus", "glass", "was", "this", "Kim’s", "distance", "news"]
)
def test_not_plural(word: str) -> None:
    assert not is_plural(word)


def test_threads_do_not_mix_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stemmer keeps its word in itself, so it may never be entered by two at once."""
    inside, most, real = 0, 0, words._stem

    def watched(word: str) -> str:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        found: str = real(word)
        inside -= 1
        return found

    monkeypatch.setattr(words, "_stem", watched)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(stem, [f"uncached{n}ing" for n in range(20)]))
    assert most == 1


def test_a_place_of_two_names_with_a_number_is_known_by_each() -> None:
    words = read_claim("He left from Artyom-Primorsky-1 station.").words
    assert {"artyom", stem("Primorsky"), "artyom-primorsky-1"} <= words
    assert "mig" not in read_claim("He saw the MiG-31.").words


def test_words_are_named_as_they_are_written() -> None:
    text = "Moen’s crews danced; the crews of the U.S. had danced before."
    stems = frozenset(map(stem, ("Moen", "crew", "dance", "states", "ferry")))
    assert as_written(stems, text) == ["Moen", "crews", "danced", "States"]


def test_the_british_are_the_uks_and_americans_the_uss() -> None:
    question = "What did the British and the American navy say?"
    assert absent_names(question, ["The UK spoke.", "So did the U.S."]) == []
    assert absent_names(question, ["The UK spoke."]) == ["american"]


def test_what_is_clipped_is_its_whole_word() -> None:
    assert stem("uni") == stem("universities")
    assert stem("kids") == stem("children")
    assert stem("ammo") == stem("ammunition")


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("How long did Moen keep hold of his hand?", ["hold"]),
        ("Which decade do the ferries come from, and how old are they at present?", ["decade"]),
        ("Who repaired it at the launch site?", ["repaired", "launch"]),
    ],
)
def test_words_that_no_article_need_say_are_not_absent(question: str, absent: list[str]) -> None:
    assert absent_words(question, ["Moen shook his hand on a ferry."]) == absent
