"""The words that page furniture is made of: its verbs, what it owns, the parts of a page."""


def word_set(words: str) -> frozenset[str]:
    """The words of a text written out, one space between them."""
    return frozenset(words.split())


VERBS = (
    r"sign(?:ing)? (?:up|in|on)|log(?:ging)? (?:in|on)|subscrib(?:e|ing)|register(?:ing)?|"
    r"join(?:ing)?|follow|click|tap|download|donate|support|become|share|read|listen|watch|"
    r"get|stay|enable|disable|refresh|reload|contact|e-?mail|send|view|visit|check out|unlock|"
    r"try|play|buy|help|give|choose|accept|manage|upgrade|explore|discover|start|create|renew|"
    r"learn more|find out|see|add|enter|browse|write to|consider|keep up|never miss|"
    r"don['’]t miss|catch up|tune in|submit|reach out|let us|tell us|make sure|swipe|scroll|"
    r"turn (?:on|off)|receive|enjoy|pledge|contribute|chip in|stream|purchase|have your say|"
    r"be the first|forward (?:this|it)|pass (?:this|it) on|hit reply|"
    r"remember to|bookmark|install|scan|activate"
)
OBJECTS = (
    r"us|our|here|now|today|newsletters?|app|account|free|below|inbox|browser|javascript|cookies"
    r"|journalism"
    r"|whatsapp|telegram|facebook|twitter|on x|instagram|youtube|linkedin|tiktok|notifications"
    r"|alerts|member"
    r"|membership|subscri\w+|updates|this (?:page|article|story|link|video)|the link|podcast"
    r"|comments?"
    r"|apple news|google news|latest news|breaking news|the latest|donations?|contributions?"
    r"|financial gift|(?:stories|news|coverage|articles?)"
)
OWNED_BY_READER = (
    r"support|donations?|contributions?|subscription|membership|gift|generosity|e-?mail|inbox"
    r"|account"
    r"|browser|device|privacy|consent|feedback|preferences|password|settings|screen|comments?"
    r"|details|profile"
    r"|free trial|reading list|registration|patience|thoughts|questions|experiences|cookie\w*"
    r"|local newsroom"
)
OWNED_BY_NEWSROOM = (
    r"journalism|reporting|coverage|newsletters?|reporters?|journalists?|readers?|readership"
    r"|website|site|apps?"
    r"|newsroom|community|stories|subscribers?|members|membership|supporters|podcasts?|channels?"
    r"|privacy|cookie|terms|editors?|editorial|newspaper|articles?|content|audience|whatsapp"
    r"|telegram"
    r"|facebook|commenting|forum|guidelines|standards|archive|survey|live ?blog|magazine"
    r"|live (?:page|coverage|updates)"
    r"|advertisers|partners"
    r"|paywall|donors|briefing|daily|weekly|work|mission|team|independence|app"
)
TRADE_WORDS = word_set(
    "journalism newsroom newsrooms paywall paywalls newsletter newsletters subscriber "
    "subscribers subscription subscriptions membership memberships reader readers donation "
    "donations correspondent reporting coverage editorial editor editors outlets journalist "
    "journalists reporter reporters donors supporters"
)
NOISE_WORDS = word_set(
    "a an the to of for on in and or by with from at is it this that our us your you me my we i "
    "via as be all here now not no yes i'm i'd i'll you're any these those are s after kindly "
    "please"
)
INTERFACE_WORDS = word_set(
    "accept access account ad ads advert advertise advertisement advertising advertorial "
    "affiliate agree alerts already allow app apps archive autoplay back bookmark bookmarked "
    "browser browse button cancel captcha caption choices click close closed comment commenting "
    "comments community consent contact contents continue cookie cookies copied copy correction "
    "corrections customise customize decline dismiss download edit edition email embed enable "
    "english enlarge enter expand explore facebook faq feed feedback flipboard follow font "
    "forgot free fullscreen gallery gift google hide home homepage inbox instagram "
    "install javascript join jump latest learn licence license like likes link linkedin links "
    "list listen load loading login log logged logout manage member members menu messenger "
    "minimise more mute mute muted navigation newsletter newsletters newest next notifications "
    "ok okay oldest open options out page pages password pause paywall permalink photos "
    "pinterest play playback playlist podcast podcasts popular popup posts premium preferences "
    "previous print privacy profile promoted promotion purchase read reader readers "
    "recirculation recommend recommended recommends reddit refresh register registered "
    "registering registration related reload remove replay reply replies report republish "
    "reprint reprints resend reset rss save saved scroll search section see send settings share "
    "shared shares sharing show sign signed signing signup site sitemap skip slideshow snapchat "
    "sort spam sponsored sponsor stories story submit subscribe subscribed subscriber "
    "subscribers subscribing subscription subscriptions subtitles success suggested summary "
    "supported tag tags tap telegram terms text thank thanks threads thumbnail tiktok tip "
    "toggle topic topics topping transcript transcripts translate trending try tumblr turn "
    "tweet tweets twitter type unmute unsubscribe up update updates upgrade upload url use user "
    "username verify video videos view viewed views visit volume watch weekly whatsapp wishlist "
    "x youtube younger zoom conditions policy notice rights reserved later today's "
    "need help original article articles message become donate donation support "
    "supporter us contribute leave continues below scroll down set preferred source information "
    "image font size daily monthly morning breaking headlines post reading minute minutes min "
    "mins hr sec don't miss went wrong something please again friend friends editor's editors "
    "picks pick top most everything conversation discussion forum debate you'll may also might "
    "get started hidden display displayed content sharing reuse full screen size normal large "
    "larger smaller small audio unavailable available end start item items slide slides keep "
    "topic trust maybe add new what's what who why how"
)
# Those of them that a crosshead or a headline may be made of; alone they prove nothing.
COMMON_WORDS = word_set(
    "google leave below down set source information image daily morning headlines open need "
    "help support free back close top end start how why who what what's new full keep report "
    "play trust next most may might also get again started latest display content use out up "
    "message story stories summary conditions rights search turn add item items everything "
    "debate today's friends friend later reading text photos video article page pages normal "
    "minute minutes wrong went something visit success section see show save share list link "
    "jump hide gift explore enter english edition continue correction choices cancel archive "
    "access accept agree allow alerts account views watch members member community conversation "
    "discussion signed"
)
