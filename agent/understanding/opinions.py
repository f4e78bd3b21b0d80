# ruff: noqa: E501
"""What words say for or against a thing, where no grammar of verdicts tells: idioms and values of words.

"over my dead body", "you had me at number two", "what a dream", "nein danke". A clause speaks for a
thing or against it by its idioms, else by the words of praise and blame in it; a negation turns them.
"""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding import english
from vitrine.agent.understanding.evaluating import FAULTS, POSITIVE, UGLY
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text, split_list, table

Side = Literal["for", "against", "open"]

_IDIOMS = table(
    {
        "for": split_list(
            "final answer | i would wear | i'd wear | would totally wear | could live in | could see myself in | can see myself in | can see me in | could see me in | doing anything for me | doing much for me | doing it for me | do anything for me | does anything for me | do much for me | does much for me | do a lot for me | does a lot for me | do something for me | does something for me | "
            "does it for me | do it for me | speaks to me | speak to me | appeals to me | appeal to me | convinces me | convince me | excites me | excite me | "
            "having it | having that | having this | having that one | having this one | having them | nabbing it | bagging it | mine | take my money | shut up and take my money | you had me at | had me at | chef's kiss | heart eyes | ring it up | ring that up | bag it up | "
            "wrap it up | pack it up | box it up | 'll do nicely | will do nicely | does nicely | do nicely | 'll do | will do | will do fine | does the trick | does the job | "
            "ticks every box | ticks all my boxes | ticks the box | ticks the boxes | hits the spot | hits the mark | has my heart | stole my heart | steals the show | "
            "stole the show | made my day | makes my heart sing | makes me smile | makes me happy | makes my heart beat faster | "
            "gets a yes | gets the nod | gets my blessing | gets a thumbs up | thumbs up | two thumbs up | top marks | full marks | ten out of ten | 10 out of 10 | "
            "10 / 10 | hell yes | oh yes | yes please | count me in | i'm game | say no more | you read my mind | music to my ears | "
            "can't take my eyes off | can't stop looking at | can't resist | couldn't resist | hard to resist | must have | a must have | need it | need this | need that | "
            "get in my wardrobe | come to mama | come home with me | coming home with me | comes home with me | where have you been all my life | "
            "has my name on | has my name all over | is so me | is very me | is totally me | that's me | so me | very me | right up my street | right up my alley | "
            "up my street | up my alley | my kind of thing | my cup of tea | my thing | my jam | my style | my taste | to my taste | to my liking | "
            "a winner | a keeper | a beauty | a stunner | a dream | a gem | a treat | a hit | a bullseye | a delight | a joy | a sure thing | a yes | a firm yes | a big yes | a clear yes | "
            "the business | the bee's knees | the cat's pyjamas | the real deal | out of this world | to die for | on point | on the money | just the thing | "
            "just the job | just the ticket | just right | just perfect | just what the doctor ordered | what dreams are made of | what i've been looking for | "
            "the one | grows on me | growing on me | head over heels | i'm smitten | smitten with | smitten by | obsessed with | i'm obsessed | mad about | nuts about | "
            "hooked on | i'm hooked | i'm sold | sold | deal | done deal | it's a deal | no brainer | has won me over | won me over | wins hands down | "
            "takes first prize | takes the biscuit | beats the others | beats the rest | beats them all | can't go wrong with | can't fault | nothing to fault | "
            "no complaints | nothing wrong with | not bad | not bad at all | not too bad | not half bad | not too shabby | not shabby | couldn't be better | "
            "can't be beaten | nothing beats | i dig | dig it | digging it | digging the | right for me | made for me | calling my name | calls my name | calling out to me"
        ),
        "against": split_list(
            "over my dead body | count me out | wouldn't be seen dead | wouldn't be caught dead | not be seen dead | not be caught dead | never in a million years | "
            "not in a million years | not for all the money | not for all the tea in china | not if you paid me | if you paid me | couldn't pay me | not for free | not on your life | "
            "no way | no chance | not a chance | fat chance | no can do | hard pass | hard no | big no | firm no | clear no | a no no | no from me | "
            "thumbs down | nein danke | non merci | no gracias | nyet | nee bedankt | nej tack | thanks but no thanks | thanks but no | no thanks | no thank you | no ta | "
            "not my bag | not my cup of tea | not my thing | not my scene | not my jam | not my vibe | not my style | not my taste | not to my taste | not to my liking | "
            "not up my street | not up my alley | not my kind of thing | not me | not for me | not feeling it | "
            "gives me nothing | leaves me cold | left me cold | leave me cold | does nothing for me | did nothing for me | do nothing for me | nothing for me | does not do anything for me | "
            "misses the mark | missed the mark | wide of the mark | way off | off the mark | falls flat | falls short | lets it down | lets the side down | "
            "makes my eyes hurt | hurts my eyes | hurt my eyes | an eyesore | gives me a headache | gives me the creeps | gives me the ick | the ick | makes me cringe | "
            "makes me shudder | makes my skin crawl | puts me off | put me off | turns me off | a turn off | what were they thinking | who would wear | who wears | "
            "give it a miss | give that a miss | give this a miss | give them a miss | give those a miss | give these a miss | giving it a miss | a miss | "
            "can do without | could do without | i'll skip | skip it | skip that | i'll pass | pass | next please | swipe left | bin it | bin that | scrap it | ditch it | lose it | "
            "back on the shelf | back in the box | back where it came from | back on the rack | off my list | off the list | out of the running | not in the running | "
            "can go | may go | should go | must go | have to go | has to go | gotta go | can leave | needs to go | need to go | kick it out | throw it out | a flop | a fail | a dud | a disaster | a monstrosity | a nightmare | a horror | a crime | a letdown | a let down | a joke | a mess | a bore | a snooze | "
            "nothing special | nothing to write home about | run of the mill | not a patch on | past its best | an insult | "
            "can't see me in | can't see myself | can't picture me | can't imagine me | can't imagine wearing | can't imagine myself | don't see me in | don't see myself | not see myself | "
            "i'd look ridiculous | look ridiculous | look silly | like a clown | like a sack | like a tent | like a curtain | like curtains | like pyjamas | like a costume | "
            "like my gran | like my granny | like my nan | like my grandmother | dead to me | don't get it | don't get the appeal | don't see the appeal | don't rate | "
            "wouldn't go near | wouldn't touch | steer clear | god no | oh god no | hell no | oh no | lord no | goodness no | heavens no | please no | absolutely not | certainly not | "
            "definitely not | not really | not quite | not so much | not at all | not great | not ideal | could be better | seen better | had better | meh"
        ),
        "open": split_list(
            "jury's out | jury's still out | the jury is out | the jury is still out | hold that thought | hold on to that thought | let me sleep on it | sleep on it | sleep on that | "
            "get back to you | come back to you | i'll be back | mull it over | mull that over | mulling it over | chew on it | chew it over | weigh it up | weighing it up | "
            "ask me tomorrow | ask me later | maybe later | maybe another time | some other time | not yet | not just yet | not right now | not now | on the fence | sitting on the fence | "
            "in two minds | of two minds | can't make my mind up | can't make up my mind | can't quite decide | can't choose | could go either way | it's a toss up | a toss up | "
            "fifty fifty | 50 50 | bit of both | bear with me | bear with | one moment | one sec | one minute | just a moment | just a minute | just a sec | hang on | hold on | give me time | "
            "give me a moment | need to measure | have to measure | need to check | have to check | let me check | let me measure | need to try | check with my | ask my | run it past | run it by | show my | talk to my | speak to my | "
            "keep it in mind | i'll keep it in mind | put a pin in | park it | park that | parking that | shelve it | we'll see | i'll see | let's see | wait and see | time will tell | "
            "undecided | wavering | dithering | hesitating | can't commit | not ready to | remains to be seen | i wonder | not so sure | not too sure | not 100 % sure | not entirely sure | "
            "so so | it's ok i guess | ok i guess | i suppose | if i must | tempting | tempted | i'm tempted | could be worse | no rush to decide | hmm hmm | decisions decisions | tough call | close call | hard call"
        ),
    }
)
_LATER_WINS = frozenset("but though although however yet except".split())
PRAISE = (POSITIVE - {"mint", "cool"}) | frozenset(
    "sublime delicious darling ideal splendid magnificent impressive attractive flattering tasteful irresistible banging slay killer "
    "wicked swish snazzy nifty "
    "love loved loving adore adored adoring like liked liking fancy dig favourite favorite fave best better winner keeper "
    "beauty stunner gem bingo yay yum yummy wow bravo hooray yes yep yeah yup swoon smitten obsessed hooked sold excited thrilled pleased "
    "👍 ❤ ♥ 😍 🥰 🤌 👌 💯 🔥 😻 💕 💖 💜 💙 💚 🖤 🤩 ✅ 🙌 👏".split()
)
BLAME = (UGLY | (FAULTS - {"cheap", "busy"}) - {"off", "strange", "wrong"}) | frozenset(
    "horrendous grotesque abysmal appalling blah cheesy ludicrous daft cringe cringy cringey icky ick yuck yucky ew eww ugh bleh blergh urgh eek yikes meh nope nah "
    "hate hated hating dislike disliked detest loathe despise worst worse grim dire rubbish pants trash trashy junk "
    "disappointing disappointed underwhelming unflattering unimpressive uninspiring uninspired depressing forgettable mediocre odd weird "
    "eyesore monstrosity disaster mess flop dud fail nightmare horror letdown tragic unwearable shapeless "
    "👎 🤢 🤮 🙈 ❌ 😒 🙅 😬 🥱".split()
)
_TURNING = frozenset(
    "n't not never no hardly barely neither nor without nothing none less isn't".split()
)
_REACH = 4
"""Words behind a negation that it turns."""


def idiom(scene: Scene, span: Span, own: Span | None = None) -> tuple[Side, Span] | None:
    """(side, words that tell it) of the last idiom in a clause; one that decides nothing gives way."""
    text = scene.text
    found: tuple[Side, Span] | None = None
    at = span.start
    while at < span.end:
        match = _IDIOMS.match(text, at, span.end)
        if match is None or (own is not None and own.covers(at)):
            at += 1
            continue
        side: Side = (
            "for" if match[1][0] == "for" else "open" if match[1][0] == "open" else "against"
        )
        if side == "for" and _turned(text, at, span):
            side = "against"
        if found is None or found[0] == "open" or side != "open":
            found = side, Span(at, at + match[0])
        at += match[0]
    return found


def opinion(scene: Scene, span: Span, own: Span | None = None) -> tuple[Side, Span] | None:
    """(side, words that tell it) of a clause that says little else: by idiom, else by one word.

    `own`: words that name the thing itself and tell no opinion.
    """
    found = idiom(scene, span, own) or by_word(scene, span, own)
    return found if found is not None and _only(scene, span, found[1]) else None


def by_word(scene: Scene, span: Span, own: Span | None = None) -> tuple[Side, Span] | None:
    """The last word of praise or blame that names nothing of the shop."""
    text = scene.text
    for at in range(span.end - 1, span.start - 1, -1):
        word = text.word(at)
        mention = scene.mention_over(at)
        if (mention is not None and scene.is_head(mention)) or (own is not None and own.covers(at)):
            continue
        if word in PRAISE:
            return ("against" if _turned(text, at, span) else "for"), Span(at, at + 1)
        if word in BLAME:
            return ("for" if _turned(text, at, span) else "against"), Span(at, at + 1)
    return None


def _turned(text: Text, at: int, span: Span) -> bool:
    """A negation within reach before the word, and nothing that ends it."""
    for back in range(at - 1, max(span.start, at - _REACH) - 1, -1):
        word = text.word(back)
        if word in _TURNING:
            return True
        if word in _LATER_WINS or word in (",", ";", ":", ".", "!"):
            return False
    return False


def _only(scene: Scene, span: Span, told: Span) -> bool:
    """Beside the words that tell the opinion nothing is said but small words."""
    text = scene.text
    return all(
        told.covers(at)
        or scene.used[at]
        or not text.word(at)[:1].isalpha()
        or text.word(at) in _SMALL
        or text.word(at) in PRAISE
        or text.word(at) in BLAME
        for at in range(span.start, span.end)
    )


_SMALL = (
    english.PRONOUNS
    | english.AUXILIARIES
    | english.DETERMINERS
    | english.TALK
    | english.DEGREES
    | english.CONJUNCTIONS
    | frozenset(
        "not n't no lol haha hahaha omg god gosh jeez oh ooh wow just simply what how such all of them it these those "
        "one ones to me for absolutely really please thanks thank ok okay well sorry afraid here nothing no none shown showed with quite pretty rather honestly "
        "think looks look looking seems seem in at on up there".split()
    )
)
