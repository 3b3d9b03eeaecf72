"""A true sentence that does not say what was asked, or turns a giving round, is no answer."""

import pytest

from service.asked import find_mismatch, find_unnamed

GIVEN = "Kim received a bulletproof vest from the Primorsky governor."


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What is the population of Artyom?", "Artyom is about 200 kilometers away."),
        ("How far is Artyom from Moscow?", "Artyom is a city in the Far East."),
        ("How many people have one?", "It is a danger to pedestrians in the year 2023."),
        ("How many students did Kim meet?", "Kim met students in Vladivostok."),
        ("How many students did Kim meet?", "Kim received five drones."),
        ("In which year was the cosmodrome opened?", "The cosmodrome was opened on a Tuesday."),
        ("How fast does the train go?", "The train has 250 kilometers to cover."),
        ("How many minutes did the show last?", "The show lasted for days."),
        ("How much did the drones cost?", "Kim received five drones."),
        ("How old is Misha?", "Misha is a walrus."),
        ("How old must you be?", "The fee is €9.99/month or 12% more."),
        ("How much notice did Moen get?", "Moen got a notice."),
        ("For what did Kim thank Moen?", "Kim extended his heartfelt thanks to Moen then."),
        ("What did Kim thank Moen for?", "Kim extended his heartfelt thanks to Moen then."),
        ("When did the trip begin?", "The trip was a great success."),
        ("What was the weather like?", "Kim saw the bombers."),
        ("How long was the trip?", "The trip went to Vladivostok."),
        ("How long did they travel?", "They travelled for 250 kilometers."),
        ("What is the range of the missile?", "The missile is carried by a MiG-31."),
        ("How tall is the mast?", "The mast is 41 years old."),
        ("How heavy is the drone?", "The drone flies 41 km."),
        ("What percentage of it does Moen get?", "Moen gets a higher percentage of it."),
        ("How many people have one?", "It is a danger to many in the year 2023."),
        ("How many people were hurt?", "The fine for it was $5."),
        ("How many people are there?", "It is one of the biggest."),
        ("How many people watched?", "It is the one that they watched."),
        ("When does it open?", "It may open."),
        ("What date is set for the trip?", "It is the first trip in more than four years."),
    ],
)
def test_another_kind_of_thing_is_no_answer(question: str, sentence: str) -> None:
    reason = find_mismatch(question, sentence, [sentence])
    assert reason is not None
    assert reason.startswith("it does not say")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How far is Artyom from the border?", "It is some 250 km away."),
        ("How far is it?", "The border is over 200 miles off."),
        ("How many drones were there?", "There were five explosive drones."),
        ("How many people live in Artyom?", "Artyom has 100,000 inhabitants."),
        ("When did the trip begin?", "It started on Tuesday."),
        ("What date is set for the trip?", "It is to begin on the 4th."),
        ("How long was the trip?", "It was a week-long trip."),
        ("How long was the trip?", "It was a trip of 250 kilometers."),
        ("How long did they travel?", "They travelled for 40 seconds."),
        ("When is the hearing?", "It is on Nov. 17."),
        ("How many people watched it?", "It had 17.1 million viewers."),
        ("How many people play it?", "It has 238 million monthly active users."),
        ("What is the range of the missile?", "It has a range of 2,000 km."),
        ("How tall is the mast?", "It is 41 metres tall."),
        ("How high up does Kim rank the ferry?", "He called it his number one priority."),
        ("How high does he rate it?", "He called it his number one priority."),
        ("How heavy is the drone?", "It weighs 41 kg."),
        ("What share of it does Moen get?", "Moen gets half of it."),
        ("How far into the trip did he call?", "He called on its second day, after 3 hours."),
        ("In which year did he last come?", "He last came in 2019."),
        ("How old are the planes?", "They date from the 1980s."),
        ("How old is Moen?", "Moen is 33, and won $5."),
        ("How much advance notice did Moen get?", "Moen knew minutes before it."),
        ("What did the flu cost Moen?", "Moen lost her left leg."),
        ("What did it cost her?", "Moen lost her left leg."),
        ("For what did Kim thank Moen?", "Kim thanked Moen for his hospitality, once more."),
        ("What is Moen known for?", "Her early books."),
        ("What gifts did Kim receive?", GIVEN),
        ("Who gave Kim a vest?", GIVEN),
        ("Where is the cosmodrome, and how far is it from Moscow?", "It is in the Amur region."),
        ("What was Kim shown by Shoigu?", "Shoigu showed Kim the Kinzhal missile."),
    ],
)
def test_the_kind_that_was_asked_for_is_one(question: str, sentence: str) -> None:
    assert find_mismatch(question, sentence, [sentence]) is None


@pytest.mark.parametrize(
    "question",
    ["What did Kim give the governor?", "Which vest did Kim hand to the Primorsky governor?"],
)
def test_who_gave_is_not_who_was_given(question: str) -> None:
    assert find_mismatch(question, "A bulletproof vest.", [GIVEN]) is not None


@pytest.mark.parametrize(
    ("question", "sentence", "around", "reason"),
    [
        ("What did Macron sign?", "Kim signed it.", "Kim was in Artyom.", "'Macron'"),
        ("What did Macron sign?", "He signed it.", "Macron was in Artyom. He signed it.", None),
        ("What did the UN say?", "It said no.", "The United Nations met. It said no.", None),
        ("Who came on Friday?", "Kim came.", "Kim came on Sunday.", "'Friday'"),
        ("Who came on Friday?", "Kim came.", "Kim came with a band.", None),
        ("What did President Kim sign?", "Kim signed it.", "Kim signed it.", None),
        ("What did Kim sign, and what did Macron sign?", "Kim signed it.", "Kim did.", None),
        ("what did he sign?", "Kim signed it.", "", None),
        ("What did Kim and Macron sign?", "Kim signed it.", "Kim did.", "'Macron'"),
        ("What did Kim and Macron each sign?", "Kim signed it.", "Kim did.", None),
        ("Was it signed by Kim or Macron?", "Kim signed it.", "Kim did.", None),
        ("Which of Kim and Macron signed it?", "Putin signed it.", "Putin did.", "'Kim'"),
    ],
)
def test_names_of_the_question_that_nothing_near_has(
    question: str, sentence: str, around: str, reason: str | None
) -> None:
    found = find_unnamed(question, sentence, around)
    assert found is None if reason is None else reason in (found or "")


def test_a_name_that_is_asked_for_stands_with_what_bears_it() -> None:
    question = "What is the name of the walrus's handler?"
    named = 'A walrus by the name of "Misha" was shown to Kim.'
    handler = "Kim applauded a walrus and its handler."
    reason = find_mismatch(question, 'The handler is called "Misha".', [named, handler])
    assert reason == "no cited sentence has the name with the handler"
    assert find_mismatch(question, "The handler smiled.", [handler]) == "it does not say the name"
    asked = "What is the name of the walrus?"
    assert find_mismatch(asked, 'The walrus is called "Misha".', [named]) is None


def test_a_name_stands_beside_what_bears_it() -> None:
    question = "What is the name of the walrus's handler?"
    smiled = "Kim was shown in pictures of the agency as he clapped for a walrus and its handler."
    reason = find_mismatch(question, "The handler's name is Kim.", [smiled])
    assert reason == "no cited sentence has the name beside the handler"
    named = "Ida Moen, for many years the walrus's handler, clapped."
    assert find_mismatch(question, "The handler's name is Moen.", [named]) is None


def test_a_name_right_before_what_bears_it_is_its_own() -> None:
    question = "What is the name of the station on the border?"
    quote = "It is over 200km from Artyom to Khasan station on the border."
    reason = find_mismatch(question, "The station on the border is Artyom.", [quote])
    assert reason == "no cited sentence has the name beside the station"
    assert find_mismatch(question, "The station on the border is Khasan.", [quote]) is None


def test_what_is_called_may_be_told_apart_by_a_clause() -> None:
    question = "What is the walrus that Kim watched called?"
    quote = "He saw performances of fur seals and “Misha” the walrus."
    assert find_mismatch(question, 'The walrus is called "Misha".', [quote]) is None


def test_a_number_of_people_stands_in_a_quote_as_one() -> None:
    question, sentence = "What is the population of Lund?", "Lund has a population of 125 miles."
    reason = find_mismatch(question, sentence, ["It is 125 miles from Lund."])
    assert reason == "it does not say how many people"
    assert find_mismatch(question, "It has 125 inhabitants.", ["125 people live there."]) is None


def test_a_capital_may_stand_there_as_its_country() -> None:
    around = "South Korea and the US warned him on Friday."
    assert find_unnamed("When did Seoul and Washington warn him?", "On Friday.", around) is None
    assert find_unnamed("Whom did Kim meet in Seoul?", "Yoon.", around) is not None
    assert find_unnamed("When did Tokyo warn him?", "On Friday.", around) is not None


def test_what_only_the_question_before_names_need_not_be_there() -> None:
    question = "Who was the best sailor of Lund? And of Tarn?"
    assert find_unnamed(question, "Moen was the best of Tarn.", "") is None
    assert find_unnamed(question, "Moen was the best.", "Lund was far.") is not None
    assert find_unnamed("Who sailed to Lund? Was he late?", "Moen was late.", "") is not None
    assert find_unnamed("Lund won, right? Who was Tarn's best?", "Tarn's was Moen.", "") is not None


def test_who_else_asks_for_somebody_else() -> None:
    question = "Who applauds with Kim? Who else?"
    assert find_mismatch(question, "Kim applauds.", ["Kim applauds."]) == "it names nobody else"
    assert find_mismatch(question, "Kozlov applauds.", ["Kozlov applauds with Kim."]) is None


@pytest.mark.parametrize(
    ("question", "sentence", "quote"),
    [
        (
            "Who may follow Arnold as chief executive?",
            "Richard Arnold may follow him as chief executive.",
            "That raises doubts over chief executive Richard Arnold.",
        ),
        ("What was the lunch about?", "It was a lunch.", "Kim was at a lunch with Shoigu."),
    ],
)
def test_what_only_repeats_the_question_is_no_answer(
    question: str, sentence: str, quote: str
) -> None:
    assert find_mismatch(question, sentence, [quote]) == "it only repeats the question"


@pytest.mark.parametrize(
    ("sentence", "repeats"),
    [
        ("Moen would sail before the storm.", False),
        ("Moen would take a train.", False),
        ("Moen would sail before the storm or take a train.", True),
        ("Moen would do so.", True),
    ],
)
def test_one_side_of_an_or_is_an_answer(sentence: str, *, repeats: bool) -> None:
    question = "What was told, would Moen sail before the storm or take a train?"
    reason = "it only repeats the question" if repeats else None
    assert find_mismatch(question, sentence, [sentence]) == reason


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Was Kim in Artyom?", "Kim was in Artyom."),
        ("Which aquarium is the largest in Russia?", "Primorsky Aquarium is the largest."),
        ("How many drones did Kim get?", "Kim got five drones."),
    ],
)
def test_what_says_more_or_answers_with_yes_is_no_repetition(question: str, sentence: str) -> None:
    assert find_mismatch(question, sentence, [sentence]) is None


@pytest.mark.parametrize(
    ("sentence", "is_answer"),
    [
        ("Jordan lost 25 colleagues in the vote.", False),
        ("Jordan got 194 votes.", True),
        ("The vote was 194 for Jordan.", True),
        ("Jordan got 194 in a vote that colleagues saw.", True),
    ],
)
def test_a_number_of_other_things_is_no_answer(sentence: str, *, is_answer: bool) -> None:
    question = "How many votes did Jordan get?"
    assert (find_mismatch(question, sentence, [sentence]) is None) == is_answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What's the bank worth?", "The bank has an offer on the table."),
        ("How much did the sheikh offer for the club?", "The sheikh offered 25 guards."),
        ("How much money has Beeper raised?", "Beeper raised its hopes."),
    ],
)
def test_what_is_asked_in_money_is_answered_in_money(question: str, sentence: str) -> None:
    assert find_mismatch(question, sentence, [sentence]) == "it does not say how much money"


def test_who_else_inside_a_question_asks_for_no_further_name() -> None:
    question = "For how long is it kept quiet who else was in the running?"
    assert find_mismatch(question, "The names are kept secret for 50 years.", []) is None


def test_what_somebody_is_called_stands_with_them_in_a_quote() -> None:
    question = "What was the Ohio doctor called?"
    quotes = ["The government called Adam Lund.", "An Ohio doctor was accused."]
    reason = find_mismatch(question, "The doctor was called Adam Lund.", quotes)
    assert reason == "no cited sentence has the name with the doctor"


@pytest.mark.parametrize(
    ("question", "sentence", "reason"),
    [
        (
            "Who composed the march?",
            "The march was played as the train departed.",
            "it names nobody",
        ),
        ("Who composed the march?", "Glinka composed the march.", None),
        ("Who runs the region that paid?", "The governor of Tarn paid.", "it names nobody"),
        ("Who runs the region that paid?", "Ida Moen governs it.", None),
        (
            "Who runs the region that paid?",
            "The governor of the Tarn region, which borders Lund and Oslo, paid.",
            "it names nobody",
        ),
        ("Who paid the band of Moen?", "The band of Ida Moen got paid.", "it names nobody"),
        (
            "Who is the governor that Kim met?",
            "Kim met the governor of Primorye.",
            "it names nobody",
        ),
        ("Who is the governor?", "Oleg Kozhemyako is the governor of Primorye.", None),
        ("Who gave the vest?", "The governor of Primorye gave the vest.", None),
        ("Who composed the march?", "A band leader composed the march.", None),
        ("Who composed the march?", "He composed it in Lund.", None),
        ("Who composed the march?", "Two of them did.", None),
        ("Whom did the mayor thank?", "The mayor thanked a teacher.", None),
        ("Whom did the mayor thank?", "The mayor thanked the crew members.", None),
        ("What was played?", "The march was heard as the train departed.", None),
    ],
)
def test_a_question_for_somebody_is_answered_by_somebody(
    question: str, sentence: str, reason: str | None
) -> None:
    assert find_mismatch(question, sentence, [sentence]) == reason


def test_who_makes_a_thing_is_told_by_a_quote_that_speaks_of_making() -> None:
    question = "Which factory made the rifle?"
    answer = "The jet factory made the rifle."
    toured = "They exchanged rifles, and a jet factory laid on a tour."
    assert find_mismatch(question, answer, [toured]) == "it does not say who makes it"
    built = "The rifle was built at the jet factory."
    assert find_mismatch(question, answer, [built]) is None
    assert find_mismatch("Which firm sold it?", "A firm in Lund sold it.", [toured]) is None


def test_a_number_with_its_scale_counts_what_follows_it() -> None:
    question = "How many posts did the firm count over two days?"
    told = "The firm counted more than 50 million posts worldwide over the past two days."
    assert find_mismatch(question, told, [told]) is None
    users = "The firm has 50 million users, who all wrote their posts at once."
    assert find_mismatch(question, users, [users]) == "its number counts no posts"


@pytest.mark.parametrize(
    ("question", "around", "named"),
    [
        ("What does the Digital Services Act ask for?", "The DSA asks for reports.", True),
        ("What does the Digital Services Act ask for?", "The EU asks for reports.", False),
        ("What did Moen write, besides the book on Dahl?", "Moen wrote a play.", True),
        ("What did Moen write about Dahl?", "Moen wrote a play.", False),
    ],
)
def test_initials_stand_for_a_name_and_what_is_left_out_is_not_looked_for(
    question: str, around: str, *, named: bool
) -> None:
    assert (find_unnamed(question, "It is a long one.", around) is None) is named


def test_what_is_counted_stands_before_where_it_is() -> None:
    question = "How many years in prison was Moen sentenced to?"
    weeks = "Moen spent seven weeks in prison."
    assert find_mismatch(question, weeks, [weeks]) == "it does not say how many years"
    years = "Moen was sentenced to seven years."
    assert find_mismatch(question, years, [years]) is None


def test_what_somebody_paid_for_is_asked_in_money() -> None:
    question = "What did the bank pay for the arena?"
    bought = "The bank bought the arena."
    assert find_mismatch(question, bought, [bought]) == "it does not say how much money"
    assert find_mismatch(question, "It paid $5 million.", ["It paid $5 million."]) is None


def test_what_belongs_to_people_is_counted_behind_them() -> None:
    question = "How many urine samples were tested?"
    told = "They tested 9,200 pregnant people's urine samples."
    assert find_mismatch(question, told, [told]) is None


def test_which_of_a_people_is_answered_by_a_name() -> None:
    question = "Which Russian did Kim meet on Wednesday?"
    met = "Mr Kim met his Russian counterpart on Wednesday."
    assert find_mismatch(question, met, [met]) == "it names none"
    assert find_mismatch(question, "Kim met Putin.", ["Kim met Putin on Wednesday."]) is None
    assert find_mismatch("Which Russian march was played?", "It was a slow march.", []) is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The hospital was the one where Ida Moen lost her leg.", "it names none"),
        ("Moen was in it for 3 weeks.", "it names none"),
        ("Moen was in Lund General.", None),
    ],
)
def test_which_of_those_that_bear_names_is_answered_by_a_name(
    sentence: str, reason: str | None
) -> None:
    for question in ("Which hospital was Moen in?", "And in which Lund hospital was Moen?"):
        asked = sentence.replace("Lund ", "Tarn ")
        assert find_mismatch(question, asked, [asked]) == reason
    assert find_mismatch("Which hospital rooms was Moen in?", sentence, [sentence]) is None


def test_the_name_of_what_is_told_of_without_a_that() -> None:
    question = "What is the full name of the college Moen dropped in on?"
    quote = "Moen was at the Lund Coastal College."
    assert find_mismatch(question, "It is the Lund Coastal College.", [quote]) is None
    of_two = "What is the name of the ship Moen sailed, and in which war was its captain?"
    assert (
        find_mismatch(of_two, "Its captain was in the Lund War.", ["He was in the Lund War."])
        is None
    )
    governs = "The governor of the Lund region is Ida Moen."
    question = "What is the name of the governor of the Lund region?"
    assert find_mismatch(question, governs, [governs]) is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many people were hurt?", "Twelve passengers were hurt."),
        ("How many people were killed?", "The blast killed seven."),
        ("How many people died?", "Twelve civilians died."),
        ("How many people died?", "One person died."),
        ("How many people died?", "Dozens of people died."),
        ("How many people died?", "No one died."),
        ("How many of them came?", "Half of them came."),
        ("Who was killed?", "A woman was killed."),
    ],
)
def test_people_are_counted_in_many_words(question: str, sentence: str) -> None:
    assert find_mismatch(question, sentence, [sentence]) is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How long did it last?", "It lasted several hours."),
        ("How long did Moen stay?", "Moen stayed for months."),
        ("When was the mast built?", "It was built in the 1990s."),
        ("When was the mast built?", "It was built in the 19th century."),
        ("When is the hearing?", "It is on Oct 5."),
        ("When do they sail?", "They sail at Christmas."),
        ("How high did inflation go?", "It went up to 9%."),
        ("How fast did prices rise?", "They rose by 5 percent."),
        ("How much did the bank raise interest rates?", "It raised them by 0.25 points."),
        ("Why is the population of Lund shrinking?", "The yard has closed."),
        ("What did the National Weather Service say?", "It said that roads were closed."),
        ("How much did the ferry cost?", "It cost 5 million francs."),
        ("How far is Lund?", "It is 200 nautical miles away."),
    ],
)
def test_times_shares_sums_and_lengths_in_other_words(question: str, sentence: str) -> None:
    assert find_mismatch(question, sentence, [sentence]) is None


def test_the_name_of_a_university_is_no_aquariums() -> None:
    question = "What's the name of the uni that Kim saw?"
    both = "Kim saw the Primorsky Aquarium and the university, which is called Far Eastern."
    assert find_mismatch(question, "Primorsky Aquarium.", [both]) is not None
    assert find_mismatch(question, "Far Eastern University.", [both]) is None
    assert find_mismatch(question, "Far Eastern.", [both]) is None


def test_a_denial_repeats_nothing() -> None:
    question = "What has Moen said about signing an agreement with Lund?"
    assert find_mismatch(question, "Moen has said no agreement with Lund is signed.", []) is None
    repeated = find_mismatch(question, "Moen has said an agreement with Lund is signed.", [])
    assert repeated == "it only repeats the question"


def test_whose_things_are_counted_may_be_counted_for_them() -> None:
    question = "How many pregnant people's samples were screened?"
    quote = "They screened frozen samples that had been collected from 9,200 pregnant people."
    assert find_mismatch(question, quote, []) is None
    assert find_mismatch(question, quote.replace("pregnant people", "towns"), []) is not None


def test_what_went_to_another_is_no_answer() -> None:
    question = "How much of the prize did Lund hand to Moen?"
    assert (
        find_mismatch(question, "Lund paid $18 of it to Berg.", []) == "it tells what went to Berg"
    )
    assert find_mismatch(question, "Lund paid $18 of it to Captain Moen.", []) is None
    assert find_mismatch(question, "Moen got $18 of it.", []) is None


def test_who_else_may_be_told_without_a_name() -> None:
    question = "Who else met Moen?"
    assert find_mismatch(question, "Moen met two ministers as well.", []) is None
    assert find_mismatch(question, "He met Moen at noon.", []) == "it names nobody else"
