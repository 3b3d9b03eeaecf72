"""Which paragraphs are captions of photos and videos, and which are only the credit of one."""

import re

AGENCIES = (
    r"AFP|AP|Reuters|REUTERS|Getty|EPA|EFE|ANSA|TASS|Tass|Sputnik|RIA|KCNA|Xinhua|Yonhap|Kyodo"
    r"|Jiji|JIJI|PTI|ANI"
    r"|PA(?: Wire| Media)?|AAP|DPA|dpa|picture[- ]alliance|IMAGO|Imago|Shutterstock|iStock"
    r"|Bloomberg|NurPhoto"
    r"|Anadolu|AA|Zuma|ZUMA|UPI|SIPA|Sipa|Abaca|Alamy|Belga|CTK|ČTK|NTB|TT|Ritzau|Lehtikuva"
    r"|Keystone|APA|Hina"
    r"|Ukrinform|UNIAN|Unsplash|Wikimedia(?: Commons)?|Flash90|POOL|Magnum|Rex(?: Features)?"
    r"|WireImage|Planet Labs"
    r"|Maxar|NASA|ESA|USGS|Associated Press|Agence France-Presse"
)
COPYRIGHT_END = re.compile(r"[\w.!?”\"»] ©\s?(?!\d{4})[^.!?©]{2,80}\.?$")
FOR_END = re.compile(r"[.!?]\s?(?:[A-Z][\w.'’-]+ ){2,3}for (?:T|t)he (?:[A-Z][\w'’-]+ ?){1,4}$")
AGENCY = re.compile(rf"(?<![\w-])(?:{AGENCIES})(?![\w-])")
CREDIT_WORDS = re.compile(
    r"\b(?:photo(?:s|graph|grapher|graphy)?|image|images|picture|credits?|courtesy|handout"
    r"|hand-out|screen ?grab"
    r"|screenshot|supplied|file pic|file photo|illustration|graphic|getty|via|pool|stock|archive"
    r"|drone footage)\b",
    re.IGNORECASE,
)
# A credit is the last thing of a caption: in brackets, after a label, or as Name/Agency.
BRACKETED_END = re.compile(r"[(\[]([^()\[\]]{1,160})[)\]]\.?$")
LABELLED_END = re.compile(
    r"(?:(?:^|[.!?”\"|–—-]|\w)\s+|^|(?<=[\w”][.!?]))(?:photo(?:graph)?s?|fotos?|fot\."
    r"|bild|beeld|cr[ée]dit[oe]?s?|imagen|imagem|zdjęcie|фото|image|picture|pic|credit|photo credit"
    r"|illustration|video"
    r"|composite|graphic)(?: (?:by|credit|courtesy(?: of)?|source|via))?"
    r"\s*(?:[:/|©]|\.{3}|…)\s*[^.!?]{2,100}\.?$"
    r"|\b(?:photo|photograph|image|picture|illustration|video) by "
    r"[A-Z][^.!?]{2,80}\.?$",
    re.IGNORECASE,
)
SLASHED_END = re.compile(
    rf"(?:(?:^|[.!?”\"|©–—-]\s?)[^.!?]{{0,80}}\s?/\s?(?:{AGENCIES})\b[^.!?]{{0,40}}"
    rf"|(?:^|[.!?”\"|©–—-]\s?)[^.!?|]{{0,40}}\b(?:{AGENCIES})\s?/\s?[^.!?]{{2,60}}"
    rf"|[|©–—-]\s?(?:[A-Z][\w.'-]+ ){{0,3}}(?:{AGENCIES})(?: (?:photo|pic|file photo"
    rf"|images?))?)\.?$"
)
CREDIT_ENDS = (LABELLED_END, SLASHED_END, COPYRIGHT_END, FOR_END)
LABEL = re.compile(
    r"^(?:FILE(?: PHOTO| PIC(?:TURE)?| IMAGE)?\s?[-–—:.]|File (?:photo|picture|image)\b|Image "
    r"caption\b|Media caption\b"
    r"|(?:Photo )?Caption\s?[:.]|Pictured(?: (?:above|here|left|right|from left)\b|\s?:)|Image\s?:"
    r"|Photo\s?:|Picture\s?:"
    r"|Video\s?:|Watch\s?:(?=.*\b\w+s\b))",
)
SHOWN = re.compile(
    r"^(?:In this|This)\b[^.!?,]{0,40}\b(?:photo|photograph|picture|image|video grab|grab|screen "
    r"?grab|screenshot|still|"
    r"frame)\b",
    re.IGNORECASE,
)
PLACED = re.compile(
    r"\((?:L|R|C|C-[LR]|(?:\d(?:st|nd|rd|th)|far|front|back|top|bottom|second|third|centre|center"
    r"|left|right)"
    r"(?:[ -](?:from )?(?:L|R|C|left|right|row|centre|center))?)\)"
    r"|, (?:far |second |third |fourth |top |bottom |front |back )?(?:left|right|cent(?:er|re)"
    r"|pictured|seen here)"
    r"(?: in (?:front|back) row)?,|\bfrom left(?: to right)?[,:]|\b(?:second|third|fourth|\d(?:nd"
    r"|rd|th)) from "
    r"(?:the )?(?:left|right)\b|\bfrom (?:L to R|l-r)\b|\bclockwise from\b|^Left:|^Right:|^L-R\b"
    r"|\(pictured\)",
)
PRESENT = re.compile(
    r"\b(?:waves?|shakes?|speaks?|attends?|arrives?|walks?|looks?|watches|inspects?|poses?|stands?"
    r"|sits?|holds?"
    r"|gestures?|smiles?|visits?|meets?|greets?|addresses|examines?|applauds?|leaves?|boards?"
    r"|delivers?|plays?|rides?"
    r"|works?|carr(?:y|ies)|gathers?|takes?|celebrates?|reacts?|prepares?|runs?|passes|makes?"
    r"|talks?|listens?|checks?"
    r"|protests?|marches|lies?|rises?|burns?|shows?|is seen|are seen|is pictured|are pictured"
    r"|search(?:es)?|queues?"
    r"|clears?|cleans?|fish(?:es)?|sells?|wades?|drives?|flies|fly|hugs?|kisses|lights?|lays?"
    r"|signs?|presents?|is|are)\b"
)
ATTRIBUTION = re.compile(r"\b(?:said|told|according to|added|announced)\b")
DUPLICATE_CREDIT = re.compile(r"\s*[(\[][^()\[\]]{1,160}[)\]]\.?$")
SHORTEST_CAPTION = 5
LONGEST_CAPTION = 110
LONGEST_CREDIT = 12
LONGEST_STOPPED_CREDIT = 8


def is_credit(text: str) -> bool:
    """Whether a line is nothing but the credit of a picture (Jane Doe / TASS), or its alt text."""
    if ALT_TEXT.fullmatch(text):
        return True
    words = text.split()
    if len(words) > LONGEST_CREDIT or (
        text.endswith((".", "?", "!")) and len(words) > LONGEST_STOPPED_CREDIT
    ):
        return False
    bare = text.strip("()[]. ")
    if CREDIT_LINE.fullmatch(bare) or CREDIT_BY.fullmatch(bare):
        return True
    return bool(AGENCY.search(bare)) and all(_is_credit_word(word) for word in words)


CREDIT_LINE = re.compile(
    r"(?:image|photo(?:graph|graphy)?s?|picture|pic|video|credits?|file|illustration|graphic|©"
    r"|composite|source|main image"
    r"|photo credit|image credit|image source|photo source|copyright|archive|supplied|handout"
    r"|screengrab|via)"
    r"(?:(?:\s?[:|/,©-]\s?|\s+(?:by|source|courtesy of|courtesy|credit|via"
    r"|from):?\s+,?)[^.!?:]{2,80})?",
    re.IGNORECASE,
)


# Staff photo by Ann Poole; Graphics by Jon Lee and Ida Holm.
CREDIT_BY = re.compile(
    r"(?:[\w-]+ ){0,2}(?i:photo(?:graph)?s?|pictures?|images?|illustrations?|graphics?|videos?"
    r"|maps?|charts?|artwork|animation) (?i:by|courtesy of)"
    r" [A-Z][\w'’.-]*(?: (?:and|for|of|[A-Z&][\w'’.-]*)){0,8}"
)
# A picture's words for those who cannot see it, as a page without pictures shows them.
ALT_TEXT = re.compile(
    r"(?:Getty(?: Images)?|EPA|PA Media|Shutterstock|Alamy|iStock|Anadolu(?: Agency)?|Reuters|AFP)"
    r" (?:A|An|The|Two|Three|[A-Z][\w'’-]+ [A-Z])[^.!?]*[^.!?:]"
)


def is_caption(text: str) -> bool:
    """Whether a paragraph describes a picture: by its label, its credit or who stands where."""
    if not SHORTEST_CAPTION <= len(text.split()) <= LONGEST_CAPTION:
        return False
    if LABEL.match(text) or SHOWN.match(text):
        return True
    if has_credit(text):
        return True
    if ATTRIBUTION.search(text) or not PLACED.search(text):
        return False
    return text[-1] not in ".!?" or PRESENT.search(text) is not None


def has_credit(text: str) -> bool:
    """Whether a paragraph ends with the credit of a picture."""
    end = text[-200:]
    if bracketed := BRACKETED_END.search(end):
        inside, before = bracketed.group(1), end[: bracketed.start()].rstrip()
        named = bool(AGENCY.search(inside))
        if (
            named
            and before.endswith((".", "”", '"'))
            and re.fullmatch(rf"(?:{AGENCIES})(?:, (?:{AGENCIES}))*", inside)
        ):
            # An agency alone after a full stop also signs the last paragraph of a wire story.
            return PRESENT.search(before) is not None and not ATTRIBUTION.search(text)
        return named or (CREDIT_WORDS.search(inside) is not None and inside[:1].isupper())
    return any(form.search(end) for form in CREDIT_ENDS)


def without_credit(text: str) -> str:
    """The caption's words without its bracketed credit, to see whether two are the same."""
    return DUPLICATE_CREDIT.sub("", text).strip(" .").lower()


def _is_credit_word(word: str) -> bool:
    bare = word.strip("()[]/,.|©:;-")
    return (
        not bare
        or bare[0].isupper()
        or bare[0] in "@0123456789"
        or bare in {"via", "and", "for", "by", "de"}
    )
