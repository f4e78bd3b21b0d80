# ruff: noqa: E501
"""Set phrases of English whose words mean nothing by themselves, and words that are no products."""

from vitrine.agent.understanding.text import split_list, table
from vitrine.agent.understanding.wordforms import comparatives

IDIOMS = table(
    {
        "idiom": split_list(
            "dress code | dress codes | caps lock | no cap | after all | kill me | 'd kill for | killing me | to die for | along those lines | something like that | that sort of thing | that kind of thing | and so on | you name it | "
            "as long as | so long as | for as long as | in the long run | all day long | long time | short notice | "
            "in short | long story | short on time | long story short | no exceptions | no excuses | no pressure | no rush | no hurry | "
            "no joke | no kidding | no offence | no offense | no biggie | no big deal | no strings | out of the blue | green light | "
            "red flag | in the red | black friday | grey area | gray area | golden rule | white lie | plain and simple | "
            "once in a blue moon | on the fly | by the way | fall in love | fell in love | falls apart | fall apart | spring to mind | "
            "no matter how | nothing else | no wait | wait no | no sorry | oh no | no actually | go wild | for no reason | "
            "how it works | how does it work | how this works | that works | it works | works for me | work for me | work for you | "
            "won't work | doesn't work | would work | could work | might work | rule of thumb | in a rush | "
            "hot topic | cool beans | loud and clear | crystal clear | short list | shortlist | last minute | at work here | "
            "have a nice day | have a nice evening | have a nice weekend | have a good day | have a good one | have a good evening | "
            "have a good weekend | have a lovely day | have a lovely evening | have a lovely weekend | have a great day | have a great evening | "
            "have a great weekend | have a nice one | have a good night | have a nice time | enjoy your day | enjoy your evening | "
            "enjoy your weekend | that was all | that'll be all | that will be all | that is all | that's all | that's everything | that is everything | that will be everything | "
            "check it out | check them out | check that out | nice to meet you | free of charge | feel free | "
            "nothing special | not at all | no strong feelings | not in the mood | no more than | no less than | no higher than | no lower than | irl"
        )
    }
)
"""Words inside these phrases are no names of values and no cues."""

PRICEY = table(
    {
        "high": split_list(
            "cost a fortune | costs a fortune | break the bank | breaks the bank | cost an arm and a leg | an arm and a leg | "
            "spend a lot | spend much | spend too much | spend that much | spend a fortune | cost a lot | cost much | cost too much | "
            "pay a lot | pay much | pay too much | pay a fortune | cost the earth | burn a hole in my pocket | bankrupt me | a small fortune"
        ),
        "low": split_list(
            "save money | saving money | save some money | on a shoestring | tight on money | tight on cash | short of money | "
            "budget is tight | budget is small | budget is limited | budget's tight | limited budget | tight budget | small budget | "
            "not much money | not a lot of money | can't spend much | low on cash | broke right now | easy on the wallet | won't break the bank | student budget"
        ),
    }
)
"""Idioms of a high and of a low price."""

ABSTRACT = frozenset(
    "advice answer bargain break change chat choice clue date day deal decision detail discount doubt favour favor feeling "
    "few hand help hint home hurry idea job life list lot lunch minute moment month month's name number opinion order "
    "picture place plan problem question reason recommendation refund rest review rush sale second sec service shop "
    "show size start story store suggestion surprise thing time tip trip try way week while word work year bunch ton bit "
    "change replacement treat upgrade update couple pair set kind sort type one ones chance look peek glance go reply "
    "voucher coupon delivery shipping account password phone email call person human manager agent receipt refund "
    "basics basic essentials "
    "everything anything something nothing everyone anyone someone nobody stuff gift present option alternative "
    "wardrobe event occasion weekend celebration ceremony party date meeting interview exchange".split()
)
"""Nouns that a shop is asked for but that name no kind of thing it could carry."""

_PLAIN_ADJECTIVES = frozenset(
    "dark light bright pale heavy thin thick warm hot cold soft hard rough smooth strong weak wide narrow tall big small young "
    "modern fresh clean quiet loud crazy weird funny special unusual serious strange sharp rich deep tight loose low high "
    "sweet dry wet sexy smart classy simple fancy clever unique original odd practical sturdy light neat tidy wild calm "
    "natural posh trendy tough gentle proper formal informal huge tiny large airy sleek daring grown dressy girly manly "
    "adult mature ladylike boyish pastel neon muted vivid".split()
)
ADJECTIVES = _PLAIN_ADJECTIVES | {
    form for word in _PLAIN_ADJECTIVES for form in comparatives(word) if not form.endswith("ish")
}
"""Everyday adjectives that tell something about a thing (unlike "nice" or "good")."""

VERBISH = frozenset(
    "show find get give see buy want need like love hate wear try take make let go come look think know tell ask help please "
    "browse search shop hope keep put send bring pick choose prefer use recommend suggest compare check remember forget "
    "match pair order return pay spend cost fit suit mind care matter start stop happen mean say said said going gonna "
    "swap exchange trade substitute surprise begin start continue treat spoil replace refresh celebrate goes itch itches makes makes gimme lemme wanna gonna gotta dunno looking shopping thinking wondering wonder guess believe leave call wait hear read feel seem sound sounds seems move turn change called lose ditch dump axe".split()
)
"""Everyday verbs: alone they are no wish."""
