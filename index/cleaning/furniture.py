"""How much a paragraph looks like page furniture: by the form of a line, and by a sum of cues.

No single cue condemns a paragraph of prose, and words of the trade alone never do: an article may
be about newspapers, subscriptions or browsers.
"""

import re

from index.cleaning.cues import CUES, WORD, masked
from index.cleaning.vocabulary import COMMON_WORDS, INTERFACE_WORDS, NOISE_WORDS, word_set

SURE = 2.75
WEAK = 1.5
LINKED = 3.0
SPOKEN = 2.0  # the most that only speaking as we, to you, can weigh
LONGEST_DENSE = 80  # words; the cues of a longer paragraph are thinned out by its length
SHOUTED_LENGTH = 7  # words; a shorter line in capitals may be a crosshead
LONGEST_LABELLED = 40
LONGEST_BUTTONS = 30
LONGEST_CALL = 12
LONGEST_SIGN_OFF = 12
LONGEST_LIST_LABEL = 7
BUTTONS_SHARE = 0.75  # of a line's telling words


SENTENCE_END = re.compile(r"[.!?…。！？｡।॥؟۔።]['\"”’»)\]」』】）]{0,3}$")
# Kana, Han, Thai, Lao, Burmese and Khmer are written without spaces.
UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
LETTERS_OF_WORD = 2  # of a script without spaces
ATTRIBUTION = re.compile(
    r"\b(?:said|says|told|according to|added|reported|announced|warned|argued|insisted|claimed"
    r"|testified"
    r"|recalled|explained|confirmed|denied|acknowledged|noted|wrote|tweeted|replied|asked"
    r"|suggests?|shows?|(?<!your )say)\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"\W*(?:(?:(?:you (?:may|might|can) |must |click (?:here )?to |to )?(?:also )?(?:read|watch|see"
    r"|check|listen|view)"
    r"(?: (?:also|more|next|now|here|too|this|the full story|full story|all|this story|about|on))*"
    r"|related(?: (?:articles?|stor(?:y|ies)|news|content|coverage|links?|topics?|reading|posts?"
    r"|tags?|videos?"
    r"|internet links|items|reads|pages))?|more(?: (?:on|from|in|about|to read|stories"
    r"|news)\b[^.:]{0,50})?"
    r"|recommended(?: \w+){0,3}|don['’]t miss(?: \w+)?|trending(?: \w+){0,2}|editors?['’]?s?['’]? "
    r"(?:picks?|choice)"
    r"|in case you missed it|icymi|you (?:may|might) (?:also )?(?:like|enjoy|be interested in)(?: "
    r"\w+)?"
    r"|keep reading|up next|next up|most (?:read|viewed|popular|watched|shared|commented)(?: "
    r"\w+){0,3}"
    r"|top (?:stories|picks|reads|news)(?: \w+){0,3}|latest (?:stories|news|headlines|articles"
    r"|videos)(?: \w+){0,3}"
    r"|other (?:stories|news|articles)(?: \w+){0,3}|popular(?: (?:now|stories|posts|articles|news"
    r"|today|in \w+|on (?:the )?\w+))?|sponsored(?: \w+){0,2}"
    r"|promoted(?: \w+){0,3}|from (?:around|across) the web|more to explore|further reading"
    r"|featured (?:stories|videos?|articles?)|explore more(?: on these topics)?|suggested "
    r"(?:reading|articles)"
    r"|(?:what others|people) (?:are|also) read(?:ing)?|you may have missed|on the same topic"
    r"|visual stories"
    r"|about the authors?|written by|last updated(?: on)?|in this (?:article|story)|why you can "
    r"trust [\w ]{2,40}"
    r"|got it|no contract|redeem now|social sharing|more info(?:rmation)?"
    r"|tags?|topics?|keywords?|filed under|categories|hashtags?|article tags|key words"
    r"|original (?:url|link|article|source|story)|(?:first|originally) published (?:at|on|by|in))"
    r"\s*(?:[:|»>→–—]|$|- )|(?:read (?:also|more)(?! than)|also read|see also|full (?:story"
    r"|coverage))\b|(?-i:KEYWORDS|TAGS|TOPICS|RELATED)\s)",
    re.IGNORECASE,
)
LIST_LABEL = re.compile(
    r"\W*(?:related|recommended|most (?:read|viewed|popular|watched|shared)|trending|top stories"
    r"|read (?:next|more)"
    r"|more (?:from \w+|on this \w+|stories|in this section|news|to read)|you (?:may|might)|latest"
    r"|list of \d"
    r"|editors?['’]|popular|sponsored|promoted|from (?:around|across) the|further reading|featured"
    r"|other (?:stories|news)|suggested|what others|people also|in case you|also (?:in|on|read)|up "
    r"next"
    r"|keep reading|don['’]t miss)\b[^.:?!]{0,40}:?$",
    re.IGNORECASE,
)
# Above the sentences that sum an article up, in several languages.
SUMMARY_LABEL = re.compile(
    r"\W*(?:(?:in )?(?:summary|short|brief)|(?:the )?(?:key|main|quick) (?:points|facts"
    r"|takeaways?|findings)|highlights|takeaways|at a glance|tl;?dr|das wichtigste(?: in kürze)?"
    r"|in kürze|auf einen blick|l['’]essentiel|en bref|les points clés|lo esencial|las claves"
    r"|en resumen|em resumo|pontos[- ]chave|in sintesi|in breve|punti chiave|in het kort"
    r"|samenvatting|i korthet|kort fortalt|w skrócie|najważniejsze|stručně|ve zkratce|коротко"
    r"|кратко|главное|головне|özetle|ringkasan|pe scurt)(?:\W*|\b[^.!?:]{0,60}:)$",
    re.IGNORECASE,
)
COUNTER = re.compile(
    r"\W*[\d.,]+\s?[km]?\+?\W*(?:shares?|comments?|likes?|views?|edit|reactions?|replies|retweets"
    r"|saves?"
    r"|min(?:ute)?s?(?: read)?|of \d+)\W*$"
    r"|(?:list|slide|item|photo|image|video|page) \d+ of \d+\b|list of \d+ items|\d+/\d+$"
    r"|end of (?:list|article|story|content|interactive|\w+ post|video)\b"
    r"|(?:listen|play|watch|video|audio|duration|(?:estimated )?reading time|est\. reading "
    r"time)\W*\(?\d{1,3}(?::\d{2})?\)?"
    r"\W*(?:min(?:ute)?s?|sec(?:ond)?s?)?(?: \d+ sec(?:ond)?s?)?(?: read| listen)?\W*$",
    re.IGNORECASE,
)
RULE = re.compile(
    r"\d{1,3}$|[-–—~*#_=•·|.…+ ]+$"
    r"|(?:ends?|###|more to follow)\W*$|\([a-zA-Z]{2,5}(?:/[a-zA-Z]{2,5}){1,3}\)$"
    r"|(?:#\w+[ ,]*)+$|@\w+$"
)
SIGN_OFF = re.compile(
    r"[a-z]{1,4}(?:[/,-][a-z]{1,5}){0,4}(?: \([A-Za-z, &/-]{2,60}\))?$"
    r"|\((?:with |source: ?|inputs? |from )?[A-Z][\w ,/&.-]{1,60}\)$|[-–—~]\s?[A-Z][^.]{2,80}$"
    r"|(?:source|sources|agencies|via|copyright|courtesy)\s*:|\W*[\d.,]+\W*$"
    r"|\W*with (?:inputs|files|agencies|reporting|agency inputs)\b",
    re.IGNORECASE,
)
URL_ONLY = re.compile(r"(?:\W*(?:https?://|www\.)\S+\W*)+$|\S+@\S+\.\w+$|\[email\s?protected\]$")
# A call with the address to go to, as the text of an e-mail has it for a button.
URL_LAST = re.compile(r"[\w>:)\]] \W{0,3}https?://\S+\W*$")
SPONSOR = re.compile(
    r"\W*(?:(?:presented|sponsored|supported|powered|brought to you) by|together with"
    r"|in partnership with|a message from|paid (?:post|content|for by)|partner content)\b[^.!?]*$",
    re.IGNORECASE,
)
REPORTED_READING = re.compile(r"\b(?:said|told|found|reported)\b")
# A post of a social network, quoted with its writer's handle and date: a source's voice.
EMBEDDED_POST = re.compile(
    r"[—–-] [^—–]{1,80}\(@\w{1,40}\),? \w{3,9}\.? \d{1,2}, \d{4}|pic\.twitter\.com/\w"
)
BRACKETED = re.compile(r"\[[^\[\]]+ [^\[\]]{1,60}\]")  # a button, a picture's place
TEMPLATE = re.compile(r"\{\{.{0,60}\}\}|\{%.{0,60}%\}")  # of a page that was not filled in
LONGEST_SCARE_QUOTE = 20  # characters; what is longer is somebody's voice
TRADE_WEIGHT = 0.5
WEIGHTS = {cue.name: cue.weight for cue in CUES}
VOICES = frozenset(cue.name for cue in CUES if cue.is_voice)
PERSONAL = frozenset(cue.name for cue in CUES if cue.is_personal)
OWNED = frozenset({"reader's part", "newsroom's part"})
STANDALONE = word_set(
    "save share search continue close play next cancel accept edit print menu gallery link "
    "display skip watch open explore gift archive agree allow loading listen"
)


def is_complete_sentence(text: str) -> bool:
    """Whether a paragraph ends as prose does, with a stop."""
    return SENTENCE_END.search(text) is not None


def word_count(text: str) -> int:
    """How many words a text has; of a script without spaces two letters count as one."""
    spaced = text.count(" ") + 1
    if text.isascii():
        return spaced
    return spaced + len(UNSPACED.findall(text)) // LETTERS_OF_WORD


def is_furniture_line(text: str) -> bool:
    """Whether a line is furniture by its form alone: a label, a counter, an address, buttons."""
    length = text.count(" ") + 1
    if length > LONGEST_LABELLED:
        return False
    if TEMPLATE.search(text) or BRACKETED.fullmatch(text):
        return True
    if URL_ONLY.match(text) or COUNTER.match(text) or RULE.match(text) or is_shouted(text):
        return True
    if length <= LONGEST_CALL and (URL_LAST.search(text) or SPONSOR.match(text)):
        return True
    if LABEL.match(text) and not (is_complete_sentence(text) and REPORTED_READING.search(text)):
        return True
    return length <= LONGEST_BUTTONS and _is_interface(masked(text))


def is_labelled(text: str) -> bool:
    """Whether a line announces itself as another story (Watch: The moment that …)."""
    return LABEL.match(text) is not None


def is_sign_off(text: str) -> bool:
    """Whether a line signs a story off; only the last lines of a page are read so."""
    return text.count(" ") < LONGEST_SIGN_OFF and SIGN_OFF.match(text) is not None


def is_list_label(text: str) -> bool:
    """Whether a line announces a list of other stories."""
    return text.count(" ") < LONGEST_LIST_LABEL and LIST_LABEL.match(text) is not None


def is_summary_label(text: str) -> bool:
    """Whether a line announces the article's own summary (Key points)."""
    return SUMMARY_LABEL.match(text) is not None


def is_shouted(text: str) -> bool:
    """Whether a long line stands in capitals: the related link of some publishers."""
    return (
        text.isupper()
        and not text.endswith((".", "”", '"'))
        and len(WORD.findall(text)) >= SHOUTED_LENGTH
        # Most scripts have no capitals: three of them beside Hangul shout nothing.
        and 2 * sum(map(str.isupper, text)) >= sum(map(str.isalpha, text))
    )


def furniture_score(
    text: str, *, cues: frozenset[str], personal: bool = False, linked: bool = False
) -> float:
    """The sum of a paragraph's cues; `personal` when the whole article speaks as I, we and you.

    `linked` when most of the paragraph is links.
    """
    if EMBEDDED_POST.search(text):
        return 0.0
    counted = cues - PERSONAL if personal else cues
    score = sum(WEIGHTS.get(name, 0.0) for name in counted)
    score += TRADE_WEIGHT * sum(name.startswith("trade") for name in cues)
    if {"newsroom", "reader"} <= counted:
        score += 1.0
    if counted.isdisjoint(VOICES):
        score = min(score, WEAK - 0.1)
    elif counted <= PERSONAL:
        score = min(score, SPOKEN)
    score += LINKED if linked else 0.0
    score *= min(1.0, LONGEST_DENSE / (text.count(" ") + 1))
    if score <= 0:
        return 0.0
    return score - _evidence(text, owned=not cues.isdisjoint(OWNED))


def is_quoting(text: str) -> bool:
    """Whether a text has somebody's words in quotation marks, rather than a name or a term."""
    return masked(text).count(" ") - text.count(" ") > LONGEST_SCARE_QUOTE


def _evidence(text: str, *, owned: bool) -> float:
    """What speaks for reporting: an attribution, a quotation."""
    plain = masked(text)
    evidence = 2.0 if ATTRIBUTION.search(plain) else 0.0
    evidence += 1.0 if is_quoting(text) and not owned else 0.0
    return evidence


def _is_interface(text: str) -> bool:
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    telling = [word for word in words if word not in NOISE_WORDS]
    if not telling:
        return False
    interface = [word for word in telling if word in INTERFACE_WORDS]
    strong = [word for word in interface if word not in COMMON_WORDS]
    if not strong:
        return telling[0] in STANDALONE and interface == telling
    return len(interface) / len(telling) >= BUTTONS_SHARE
