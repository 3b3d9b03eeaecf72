"""An article is cut into passages and sentences that are exact spans of its text."""

import pytest
from fakes import make_article, passage_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from index.passages import MAX_WORDS, Sentence, split_passages, split_sentences

FRAGMENTS = (
    "MOSCOW — ",
    "Mr. Kim left.",
    "“We won. We did,” he said.",
    "Gen. Lee ",
    "U.S. ",
    "Dr.",
    "Ærø",
    "🦀 ",
    "e\u0301",
    "…",
    "\n",
    "\n\n",
    " \n \n ",
    "\u2028",
    "\u00a0",
    "5 p.m. ",
    "word " * 70,
)
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=12)), max_size=20)


def sentence_texts(text: str) -> list[str]:
    """One paragraph's sentences as texts."""
    return [text[start:end] for start, end in split_sentences(text)]


def paragraph(words: int, *, name: str = "w") -> str:
    """A paragraph of one sentence with that many words."""
    return " ".join(f"{name}{n}" for n in range(words)) + "."


@pytest.mark.parametrize(
    "sentences",
    [
        ["MOSCOW — The train left on Friday.", "Mr. Kim waved."],
        ["VLADIVOSTOK, Russia (AP) — Kim left.", "“Goodbye,” said Oleg Kozhemyako."],
        ["Gen. Lee met Dr. Park and Mr. Kim on Sept. 17.", "They left."],
        ["Kim told Maj. Gen. Park Jong-chon.", "Then Gen. Lee spoke to Sen. Mark Kelly."],
        [
            "The Hon. Mr. Lee, Gov. Brown, Rev. Oh, Lt. Col. Yu and Prof. Ri came.",
            "“Mrs. Ri left.”",
        ],
        ["He flew to the U.S. on Monday.", "The U.S. Army said so."],
        ["It came from the U.S.", "The army left at 5 p.m. on Sunday."],
        ["He said: “We won. We did.”", "Then he left."],
        ['"It is over," Kim said.', '"We go home."'],
        ["It cost $2.5 million.", "No. 5 won by 3.2 points."],
        ["Zoë 🦀 saw Ærø.", "Why?", "Yes!"],
    ],
)
def test_sentences_of_a_paragraph(sentences: list[str]) -> None:
    assert sentence_texts(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "title", ["Gen.", "Mr.", "Dr.", "Lt. Gen.", "Sen.", "Capt.", "(Mr.", "“Dr."]
)
def test_no_sentence_ends_at_an_abbreviated_title(title: str) -> None:
    text = f"On Friday the man who came with {title} Lee left the train."
    assert sentence_texts(text) == [text]


def test_an_abbreviated_title_may_end_the_text() -> None:
    assert sentence_texts("They left. He was a Gen.") == ["They left.", "He was a Gen."]


def test_offsets_are_of_the_whole_article() -> None:
    article = make_article("Øne — left. Two 🦀 came.\n\nThree spoke.")
    [passage] = split_passages(article)
    assert passage.sentences == (Sentence(0, 11), Sentence(12, 23), Sentence(25, 37))
    assert (passage.start, passage.end) == (0, 37)
    assert [article.text[s.start : s.end] for s in passage.sentences] == [
        "Øne — left.",
        "Two 🦀 came.",
        "Three spoke.",
    ]


def test_captions_are_flagged_and_nothing_else() -> None:
    text = "Kim waves. Photo: TASS\n\nKim left. He waved.\n\nA train. File photo"
    article = make_article(text, captions=((0, 22), (45, 64)))
    [passage] = split_passages(article)
    assert [(text[s.start : s.end], s.caption) for s in passage.sentences] == [
        ("Kim waves.", True),
        ("Photo: TASS", True),
        ("Kim left.", False),
        ("He waved.", False),
        ("A train.", True),
        ("File photo", True),
    ]


def test_passages_are_whole_paragraphs_up_to_the_limit() -> None:
    paragraphs = [paragraph(n) for n in (80, 80, 1, 100, 60, 10)]
    assert MAX_WORDS == 160
    assert passage_texts(make_article("\n\n".join(paragraphs))) == [
        "\n\n".join(paragraphs[0:2]),
        "\n\n".join(paragraphs[2:4]),
        "\n\n".join(paragraphs[4:6]),
    ]


def test_a_giant_paragraph_is_cut_at_sentences() -> None:
    sentences = [paragraph(50, name=f"S{n}x") for n in range(7)]
    texts = passage_texts(make_article("Before.\n\n" + " ".join(sentences) + "\n\nAfter."))
    assert texts == [
        "Before.\n\n" + " ".join(sentences[:3]),
        " ".join(sentences[3:6]),
        sentences[6] + "\n\nAfter.",
    ]


def test_a_giant_sentence_is_not_cut() -> None:
    giant = paragraph(MAX_WORDS + 40)
    assert passage_texts(make_article(f"Before.\n\n{giant}\n\nAfter.")) == [
        "Before.",
        giant,
        "After.",
    ]


def test_a_text_of_nothing_has_no_passage() -> None:
    assert split_passages(make_article("")) == []
    assert split_passages(make_article(" \n\n ")) == []


@settings(max_examples=300, deadline=None)
@given(texts.map("".join))
def test_every_character_is_in_exactly_one_sentence(text: str) -> None:
    article = make_article(text)
    covered = [
        offset
        for passage in split_passages(article)
        for sentence in passage.sentences
        for offset in range(sentence.start, sentence.end)
        if not text[offset].isspace()
    ]
    assert covered == [offset for offset, letter in enumerate(text) if not letter.isspace()]


@settings(max_examples=200, deadline=None)
@given(texts.map("".join))
def test_passages_are_sound(text: str) -> None:
    article = make_article(text)
    for passage in split_passages(article):
        sentences = [text[sentence.start : sentence.end] for sentence in passage.sentences]
        assert all(sentence == sentence.strip() != "" for sentence in sentences)
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        words = sum(len(sentence.split()) for sentence in sentences)
        assert words <= MAX_WORDS or len(sentences) == 1
