"""The names that designers give to a box of a page -> what kind of box it is.

Names are read by their parts (`related-articles`, `shareArticles`) in the languages of the larger
news markets. Furniture is what can mean nothing else; other names are witnesses among others.
"""

import re
from enum import StrEnum
from itertools import pairwise

from index.cleaning.tree import Element
from index.cleaning.vocabulary import word_set

NAME_PARTS = re.compile(r"[^A-Za-zÀ-ÿ0-9]+|(?<=[a-z])(?=[A-Z])")
NAMING = ("class", "id", "data-component", "data-testid", "data-module", "data-type", "itemprop")


class BoxKind(StrEnum):
    """What a box is by its name: never of the article, perhaps not, surely, or nothing is said."""

    FURNITURE = "furniture"
    SUSPECT = "suspect"
    OWN = "own"
    STANDFIRST = "standfirst"
    CAPTION = "caption"
    UNKNOWN = "unknown"


FURNITURE = word_set(
    "abo abonnement aboshop ad ads adv adslot annonce annonces anzeige anzeigen ariane banner "
    "bio breadcrumb breadcrumbs cmp comment comments commenting commentlist commenti consent "
    "contact contacts cookie cookies copyright disclaimer disclosure disqus donate donation "
    "donations dfp feedback footer ga gdpr gpt guestbook impressum imprint kommentar kommentare "
    "komentarze legal login mailing masthead membership mgid modal navbar navigation newsletter "
    "newsletters nyhetsbrev onetrust outbrain pager pagination paginator paywall podcast "
    "podcasts poll popin popular popup popups premium promo promos promoted promotion prev "
    "publi publicidad publicidade publicite pubblicita pull pullquote quiz reacties register "
    "registration related reklama reklam responses reuse share shared shares sharebar "
    "sharedaddy sharing sidebar siderail signin signup skip social socials sponsor sponsored "
    "sponsors survey syndication taboola taglist tags teaser teasers teilen temas themen "
    "toolbar topics trending upsell usercentrics utility werbung yorumlar zergnet ligatus "
    "plista dianomi nativo overlay"
)
FURNITURE_STEMS = (
    "abbon abonn advert affiliat assinant assinatur comentari commentaire compartilh "
    "compartir condivid conativ correlat demarketing empfehl gerelateerd iscriv kommentier "
    "newsletter partag partilh powiazan promoci recirc recomend recommand recommend "
    "relacionad subscri suscri udostepni verwandt"
).split()
# Two parts that stand beside each other.
FURNITURE_PAIRS = word_set(
    "about-author author-about author-bio author-box auch-interessant back-top call-action "
    "en-savoir follow-us latest-news latest-stories lea-mas lea-tambien lees-ook leer-mas "
    "leggi-anche leia-mais leia-tambem link-list links-block links-list lire-aussi log-in "
    "mehr-thema more-from more-in more-news more-on more-stories most-commented most-popular "
    "most-read most-shared most-viewed most-watched page-nav post-nav read-also read-more "
    "read-next report-error see-also see-more sign-in sign-up site-header site-footer "
    "topic-list up-next you-like zum-thema"
)
SUSPECT = word_set(
    "action actions alert alerts aside auteur author authors autor badge btn byline bylines "
    "button buttons callout card cards carousel catcher counter cta deal deals download email "
    "embed error events extra flag friend help hint inline inread label letter links mail "
    "marketing menu message messages meta metadata mod more moments nav next nl notice "
    "notification notifications offer offers panel partner partners price product products "
    "profile rail rate rating ratings read reader readers reviews shop shopping slider slot "
    "sort sorting stats status store support tab tabs tag timestamp telegram ticker tip tips "
    "tool tools topic uploader upload video views viber vk whatsapp widget widgets app apps"
)
OWN = word_set(
    "answer articlebody background bullet bullets chronology encadre explainer fact factbox "
    "facts faq glance highlights infobox ingredients instructions keyfacts keypoints method "
    "encuadre faktaboks faktaruta ficha infokasten scheda steckbrief "
    "recap recipe recuadro steps summary takeaways timeline question zusammenfassung"
)
STANDFIRST = word_set(
    "abstract bajada chapeau chapo copete dek deck desc description entradilla excerpt ingress "
    "intro lead lede leadin lid occhiello ondertitel sommario standfirst strapline subhead "
    "subheading subheadline subtitle subtitulo summary synopsis teaserlead vorspann zajawka "
    "anriss"
)
CAPTION = word_set(
    "bildtext podpis popisek фото bildunterschrift bildzeile caption captions didascalia legend "
    "legende legenda onderschrift photocaption pie wpcaption"
)


def name_parts(element: Element) -> list[str]:
    """The parts of a box's names in lower case, in order; a custom element's tag is a name too."""
    names = [element.get(name) or "" for name in NAMING]
    if "-" in element.tag:
        names.append(element.tag)
    return [part.lower() for part in NAME_PARTS.split(" ".join(names)) if part]


def kind_by_name(element: Element) -> BoxKind:
    """What a box's names say of it, the plainest word first."""
    parts = name_parts(element)
    words = frozenset(parts)
    pairs = {f"{one}-{other}" for one, other in pairwise(parts)}
    if (
        words & FURNITURE
        or any(part.startswith(tuple(FURNITURE_STEMS)) for part in words)
        or pairs & FURNITURE_PAIRS
    ):
        return BoxKind.FURNITURE
    kinds = ((CAPTION, BoxKind.CAPTION), (STANDFIRST, BoxKind.STANDFIRST), (OWN, BoxKind.OWN))
    for names, kind in (*kinds, (SUSPECT, BoxKind.SUSPECT)):
        if words & names:
            return kind
    return BoxKind.UNKNOWN
