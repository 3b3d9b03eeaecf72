"""A paragraph -> the cues of page furniture in it, found outside its quotation marks.

What a source says in quotes is no cue: "join us" is news when somebody said it. A cue is a habit of
speech (ordering the reader, speaking as the newsroom, offering, naming parts of a page), never a
phrase of one publisher.
"""

import re
from dataclasses import dataclass

from index.cleaning.vocabulary import (
    OBJECTS,
    OWNED_BY_NEWSROOM,
    OWNED_BY_READER,
    TRADE_WORDS,
    VERBS,
    word_set,
)

QUOTED = re.compile(
    r"„[^„“”]{0,3000}[“”]|»[^«»]{0,3000}«|“[^“”]{0,3000}(?:”|$)|\"[^\"]{0,3000}(?:\"|$)|«[^«»]{0,3000}(?:»|$)"
    r"|^‘[^‘]{0,3000}?(?:’(?!\w)|$)|(?<!\w)‘(?=\w)[^‘\n]{2,300}?’(?!\w)"
    r"|(?<!\w)'(?=\w)[^'\n]{2,200}'(?!\w)"
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SENTENCE_BREAK = re.compile(r"(?<=[.!?…])[”’\"')]{0,3}\s+(?=\W{0,2}\w)|(?<=[;:•|»>])\s+")
COUNTRY = re.compile(r"\bUS\b")  # not the newsroom's us
LONGEST_READ = 4000  # characters; furniture shows itself earlier


@dataclass(frozen=True)
class Cue:
    """One habit of furniture: how much it weighs, and whether it is a voice or only a topic."""

    name: str
    weight: float
    pattern: re.Pattern[str]
    words: frozenset[str] = frozenset()  # one of them stands in every match: a quick first look
    is_voice: bool = True
    is_personal: bool = False
    at_start: bool = False


def _phrases(*alternatives: str) -> re.Pattern[str]:
    """Any of the alternatives as whole words; spaces between alternatives of a string part them."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


READER = re.compile(r"(?<!\w)(?:you|yours?|you['’](?:re|ve|ll|d))(?!\w)")
NEWSROOM = re.compile(r"(?<!\w)(?:we|ours?|us|we['’](?:re|ve|ll|d))(?!\w)")
WRITER = re.compile(r"(?<!\w)(?:i|i['’](?:m|ve|ll|d)|my)(?![\w.])")
ORDER = re.compile(
    rf"\W*(?:(?:please|simply|just|kindly|to|and|or|then|if so,?) )*(?:{VERBS})(?!\w)"
)
ORDER_TO_PAGE = re.compile(
    rf"(?:^\W*|(?<!\w)(?:please|simply|just|kindly|can|by|and|or) )(?:{VERBS})(?!\w)"
    rf"(?:\W+[\w'’-]+){{0,9}}?\W+(?:{OBJECTS})(?!\w)"
)
CLICK = re.compile(
    r"(?:[^.]{0,80}(?:,| and) )?\W*(?:please )?(?:subscribe|sign (?:up|in)|log in|click|tap|donate"
    r"|unsubscribe|download"
    r"|register)"
    r" (?:to|here|now|for|on|the|our|in|up|today|below|via|free)(?!\w)"
)
CUES = (
    Cue("orders the reader", 1.25, ORDER, is_personal=True, at_start=True),
    Cue("orders to a page", 1.5, ORDER_TO_PAGE, at_start=True),
    Cue("orders a click", 1.5, CLICK, at_start=True),
    Cue(
        "reader",
        1.0,
        READER,
        is_personal=True,
        words=word_set("you your yours you're you've you'll you'd"),
    ),
    Cue(
        "newsroom",
        1.0,
        NEWSROOM,
        is_personal=True,
        words=word_set("we us our ours we're we've we'll we'd"),
    ),
    Cue("writer", 0.75, WRITER, is_personal=True, words=word_set("i i'm i've i'll i'd my")),
    Cue("please", 0.5, _phrases(r"please", r"kindly"), words=word_set("please kindly")),
    Cue(
        "reader's part",
        2.0,
        _phrases(rf"your (?:\w+ )?(?:{OWNED_BY_READER})"),
        words=word_set("your"),
    ),
    Cue(
        "newsroom's part",
        2.5,
        _phrases(rf"our (?:[\w,.-]+ ){{0,3}}?(?:{OWNED_BY_NEWSROOM})"),
        words=word_set("our"),
    ),
    Cue(
        "appeal of the trade",
        1.5,
        _phrases(
            r"(?:independent|quality|trusted|fearless|investigative|public-interest|"
            r"non-?profit|honest|balanced|fact-based|community|reader-funded|"
            r"award-winning) (?:(?:and|,) \w+ )?(?:journalism|newsroom|news|reporting)|"
            r"reader-(?:supported|funded)|funded by (?:our )?readers|(?:ad|advert)-free|"
            r"without fear or favou?r"
        ),
        words=word_set(
            "journalism newsroom news reporting readers supported funded free favour favor"
        ),
    ),
    Cue(
        "interface",
        1.5,
        _phrases(
            r"javascript|html5|web browser|browser extensions?|(?:use|accept|manage|enable|"
            r"disable|our|your|these|reject|essential|all) (?:of )?cookies|cookie (?:policy|"
            r"settings|notice|preferences|consent)|e-?mail address|privacy (?:policy|notice|"
            r"statement)|terms (?:of|and|&) (?:use|service|conditions|sale)|re-?captcha|"
            r"ad[- ]?blockers?|app store|google play|(?:logged|signed|log|sign) (?:in|up)|"
            r"password|push notifications|(?:web ?page|this (?:web)?site|this page|this form)|"
            r"unsubscribe|opt out|new (?:tab|window)|click here|(?:play|view|"
            r"watch) this video|video player|pop-?ups?|inbox"
        ),
        is_voice=False,
        words=word_set(
            "javascript html browser cookies mail email privacy terms captcha recaptcha blocker "
            "blockers adblocker app google in up password push page webpage website site form "
            "unsubscribe opt tab window click video popup popups pop inbox"
        ),
    ),
    Cue(
        "offer",
        1.5,
        re.compile(
            r"(?:[$£€₹]|\brs\.? ?)\d[\d.,]*\s?(?:a|per|/|for|each)\s?(?:\w+ )?(?:week|month|year"
            r"|day)"
            r"|\b(?:free trial|cancel any ?time|unlimited (?:digital )?access|exclusive (?:content"
            r"|access)"
            r"|special offer|for as little as|first month|billed (?:annually|monthly)|auto-?renew"
            r"|subscribers?[- ]only|members?[- ]only|premium content|tax[- ]deductible|full access)"
        ),
        is_voice=False,
    ),
    Cue(
        "rights",
        5.0,
        re.compile(
            r"\ball rights reserved\b|(?:©|\(c\)|ⓒ)\s?(?:copyright )?\d{4}|^©"
            r"|^copyrights?\b.{0,40}\d{4}"
            r"|\bmay not be (?:published|reproduced|rewritten|redistributed|copied)"
            r"|\bwithout (?:the )?(?:(?:prior|express|written),? )+(?:permission|consent)"
            r"|\bunauthori[sz]ed (?:reproduction|copying|distribution)|\brepublish (?:this|our)"
            r"|\bsubject to copyright\b|\blicensed under\b|\bcreative commons licen[cs]e"
        ),
        words=word_set(
            "rights copyright copyrights may without unauthorised unauthorized republish "
            "licensed licence license c reserved"
        ),
    ),
    Cue(
        "thanks",
        1.75,
        re.compile(
            r"\W*(?:(?:thank you|thanks) (?:for|so much|to (?:our|all)|very much)|(?:dear|hello"
            r"|hey|hi),? (?:readers?"
            r"|friends?|supporters?|there|subscribers?)(?!\w)|thank you[,!.]?$)"
        ),
        at_start=True,
        words=word_set("thank thanks dear hello hey hi"),
    ),
    Cue(
        "credits",
        5.0,
        re.compile(
            r"[^.]{0,160}\bcontribut(?:ed|ing) (?:\w+ )?to this (?:report|story|article|dispatch)"
            r"|\bcontributed reporting\b"
            r"|\W*(?:additional |writing )?(?:reporting|editing|edited|compiled|produced"
            r"|translated|translation"
            r"|fact-checked|with (?:files|inputs?|reporting|agency inputs?|additional reporting"
            r"|assistance))"
            r" (?:by|from) (?:the |our )?[a-z]+ ?[^.]{0,80}(?:[.;]|$)|has not been edited by"
            r"|syndicated feed"
        ),
        at_start=True,
        words=word_set(
            "contributed contributing reporting editing edited compiled produced translated "
            "translation checked with syndicated"
        ),
    ),
    Cue(
        "this article",
        2.75,
        re.compile(
            r"\bthis (?:article|story|report|post|piece|content|column|newsletter"
            r"|issue|edition|letter|briefing|video|audio"
            r"|interview|page|podcast|episode)"
            r"(?: by [^.]{2,60}?)?"
            r" (?:was|is|has been|first|originally|contains|may contain|includes|appeared|requires"
            r"|can ?not be|can't be)"
            r" ?(?:went|ran|originally|first|not|only|part of|produced|published|made|brought"
            r"|available|displayed|reserved|created|generated"
            r"|republished|supported|funded|possible|links|translated|affiliate|adapted|syndicated"
            r"|sponsored"
            r"|for subscribers|free|locked|unavailable|auto|exclusive|content)"
        ),
        words=word_set("this"),
    ),
    Cue(
        "affiliate",
        4.0,
        re.compile(
            r"\b(?:earn|receive|get|make) (?:an? |some )?(?:\w+ )?commissions?\b.{0,80}\b(?:link"
            r"|purchas|buy|sale|product)"
            r"|\b(?:links?|purchas\w+|buy)\b.{0,80}\b(?:earn|receive|get|make) (?:an? |some "
            r")?(?:\w+ )?commissions?\b"
            r"|\baffiliate (?:links?|commission|partner)"
        ),
        words=word_set("commission commissions affiliate"),
    ),
    Cue(
        "contact",
        2.0,
        re.compile(
            r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,20}\b|\bget in touch\b|\bcontact us\b"
            r"|\[email protected\]"
            r"|\b(?:on|via) (?:x|twitter|facebook|instagram|threads|bluesky|linkedin|whatsapp"
            r"|telegram|mastodon)[ :,]"
            r".{0,20}@\w|^\W*follow (?:\w+ ){1,4}on (?:x|twitter|facebook|instagram|threads"
            r"|bluesky|linkedin)\b"
            r"|\b(?:got|have) (?:a|any) (?:\w+ ){0,2}(?:tip|story|question"
            r"|complaint)s?\b.{0,3}(?:\?|$)"
        ),
    ),
    Cue(
        "address",
        0.75,
        re.compile(r"\bhttps?://|\bwww\.\w|\b\w+\.(?:com|org|net|co\.uk)/"),
        is_voice=False,
    ),
    Cue(
        "note of the site",
        3.0,
        re.compile(
            r"\bnot responsible for the content of\b|\b(?:views?|opinions) (?:and opinions "
            r")?expressed\b.{0,120}"
            r"\b(?:author|own|not|reflect)|^disclaimer\b|^disclosure( statement)?:|^a version of "
            r"this (?:article|story)"
            r"|\byou(?:['’]re| are) receiving this|\byou (?:received|got) this (?:e-?mail|message"
            r"|newsletter|because)|\bwe sen[dt] you this\b"
            r"|\bprotected by recaptcha|\bcomment(?:ing|s)? (?:guidelines|policy|rules|section is)"
            r"|\bcomments (?:are|have been|will be|on this \w+ are) (?:now )?(?:closed|moderated"
            r"|turned off|disabled|subject)"
            r"|\bsomething went wrong\b"
            r"|\bwas this (?:\w+ )?helpful\b|\bvalid e-?mail\b|\bvideo (?:is |can ?not "
            r"|can't |cannot "
            r")(?:not |un|be )"
            r"|\byou(?: have|['’]ve) (?:reached|read) your\b|\bread (?:\d+|all) of (?:\d+|your)\b"
            r"|\balready (?:a|an|have)? ?(?:\w+ )?(?:member|subscriber|subscribed|registered|an "
            r"account)\?"
            r"|\bnot (?:a|yet a) (?:member|subscriber)\?|\b(?:thank you|thanks) for (?:registering"
            r"|subscribing|signing"
            r"|reading|your (?:support|feedback|patience|interest)|joining|supporting|visiting)"
            r"|\bnewsletters (?:may|can) contain\b|\bwe use cookies\b|\bby (?:signing up"
            r"|subscribing|entering your"
            r"|submitting your|providing an?|clicking|continuing|proceeding|registering|creating "
            r"an account)\b.{0,60}"
            r"\b(?:you|i) (?:agree|acknowledge|are agreeing|consent|accept|confirm)"
        ),
        words=word_set(
            "helpful responsible views view opinions opinion disclaimer disclosure version "
            "recaptcha "
            "comment comments commenting wrong valid video you you've read already not thank "
            "thanks newsletters cookies by receiving received got send sent"
        ),
    ),
)


def masked(text: str) -> str:
    """The text, as long as before, with what stands in quotation marks blanked."""
    return QUOTED.sub(lambda match: f"“{' ' * (len(match.group()) - 2)}”", text)


def sentences(text: str) -> list[str]:
    """The sentences of a masked text, roughly: only their beginnings matter here."""
    return [sentence for sentence in SENTENCE_BREAK.split(text) if sentence]


def find_cues(text: str) -> frozenset[str]:
    """The names of the cues in a paragraph."""
    plain = COUNTRY.sub("U.S.", masked(text[:LONGEST_READ])).lower()
    starts = sentences(plain)
    words = frozenset(WORD.findall(plain.replace("’", "'")))
    found = {
        cue.name
        for cue in CUES
        if (not cue.words or not words.isdisjoint(cue.words) or "©" in plain or "@" in plain)
        and (any(map(cue.pattern.match, starts)) if cue.at_start else cue.pattern.search(plain))
    }
    trade = TRADE_WORDS & words
    return frozenset(found | {f"trade {n}" for n in range(1, min(len(trade), 4) + 1)})
