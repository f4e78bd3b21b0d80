"""English function words, cues and generic shopping words, as data. No shop's own words.

Cells list phrases separated by `|`; they are cut into tokens as messages are (contractions in two:
`do n't`).
"""

from vitrine.agent.understanding.text import split_list, table

# --- small words ------------------------------------------------------------------------------

DETERMINERS = frozenset(
    "a an the some any my your his her our their this that these those another no every each".split()
)
PRONOUNS = frozenset("i you he she we they me him them us it".split())
PREPOSITIONS = frozenset(
    "in with for under over below above from of on at to by about without within like as into".split()
)
CONJUNCTIONS = frozenset(
    "and or but nor so because if when while that which who where though".split()
)
AUXILIARIES = frozenset(
    "is are was were am be been being do does did have has had can could will would shall should may might "
    "must need 's 're 'm 'd 'll 've".split()
)
NOUN_STOPPERS = (
    DETERMINERS
    | PRONOUNS
    | PREPOSITIONS
    | CONJUNCTIONS
    | AUXILIARIES
    | frozenset(
        "against between among during through per via than across after before beside onto toward towards upon until despite "
        "lack lacks lacking pls plz thx tho ur unlike including please thanks thank not n't too also only just now today instead maybe perhaps then there here "
        "than but except anything something nothing want like love prefer show give find get buy see "
        "preferably ideally mind what how why".split()
    )
)
GENERIC_NOUNS = frozenset(
    "something anything everything thing things stuff one ones item items piece pieces product products "
    "example examples model models pick picks result results option options choice choices idea ideas recommendation recommendations suggestion suggestions gift gifts "
    "present presents outfit outfits clothes clothing look looks style styles help way kind sort type lot "
    "bit pair pairs set more few couple some picture pictures photo design designs drawing drawings "
    "collection selection range stock sale shop store person people day time moment question questions "
    "advice information info detail details reason match set replacement alternative alternatives "
    "wear everyday use other others price prices budget size sizes color colour good nice new else".split()
)
EMPTY_ADJECTIVES = frozenset(
    "made bad awful terrible nice good great new lovely beautiful pretty cool awesome perfect amazing best better right suitable "
    "some few other another different same such really very quite pretty so more most less rather fairly "
    "bit little own certain specific particular similar matching fantastic ideal next extra good-looking "
    "acceptable tolerable important relevant essential necessary crucial needed required fine okay ok alright decent wonderful actual real whole own single ready top favourite favorite kind sort type big small "
    "available first second third fourth last fifth many much enough only just maybe non all both "
    "old young already again now here soon later though anyway instead please yet still once forever".split()
)
TALK = frozenset(
    "figures nvm k oh ooh oooh ah aah aw aww wow hm hmm hmmm um umm uh er erm eh hey yay yikes phew actually honestly basically definitely "
    "obviously personally generally frankly seriously literally preferably ideally possibly probably certainly surely "
    "clearly hopefully sadly unfortunately fortunately luckily anyway anyways though although however otherwise except "
    "afraid suppose guess reckon btw lol haha tbh imo imho idk ngl cheers ta mate dear darling honey buddy pal sir madam "
    "guys folks sorry pardon excuse kinda sorta exactly precisely absolutely totally apparently essentially mainly mostly "
    "tad then neither either nor nah nope yeah yep yup okay alright gosh goodness blimey dunno cmon deal bro dude hun".split()
)
"""Interjections and adverbs of a whole sentence: they name nothing."""
DEGREES = frozenset(
    "too very so really that overly super extremely particularly quite terribly all".split()
)

# --- polarity, strength and mode ---------------------------------------------------------------

CUES = table(
    {
        "neg": split_list(
            "don't you dare | don't you dare show me | don't dare | don't even think of | lack | lacks | lacking | no | not | n't | never | without | avoid | avoiding | hate | hates | dislike | can't stand | cannot stand | "
            "can not stand | can't bear | detest | despise | loathe | nothing | none of | neither | nor | skip | "
            "sick of | tired of | bored of | fed up with | had enough of | free of | free from | minus | "
            "allergic to | allergy to | not a fan of | not into | not fond of | not keen on | "
            "vetoed | vetoes | nixed | banned | bans | said no to | says no to | ruled out | spare me the | spare me | save me the | save me from | had it with | had it up to here with | up to here with | sick to death of | "
            "the last thing i want is | last thing i want is | the last thing i need is | last thing i need is | sans | keep me away from | no sign of | not a trace of | "
            "wouldn't touch | wouldn't go near | can't abide | can't do with | can't be doing with | could never wear | would never wear | am against | 'm against | put off by | turned off by | no love for | no interest in | no fan of | no friend of | wary of | weary of | "
            "steer clear of | stay away from | keep away from | leave out | exclude | excluding | "
            "don't show me | do not show me | no more | not interested in | not crazy about | had my fill of | "
            "ditch | lose the | don't want | do not want | don't like | do not like | don't love | "
            "don't wear | never wear | can't wear | won't wear | don't need | refuse to wear | not looking for | "
            "w/o | rule out | rules out | ruling out | cross out | cross off | leave off | gone off | done with | rather not | stop showing | stop showing me | quit showing me | can do without | could do without | not big on | "
            "not wild about | don't do | not sold on | not too keen on | not really into | not much of a fan of | not fussed on | "
            "anti | no longer | no longer want | no longer like | no longer need | hold the | enough of | enough with | less | fewer | "
            "don't want any | don't want anything | no need for | nope to | no to"
        ),
        "own": split_list(
            "already have | already has | has already got | have already got | already own | already owns | already got | already bought | i've already got | have plenty of | have enough | have too many | "
            "got plenty of | got enough | got too many | have loads of | have tons of | have lots of | have got enough"
        ),
        "exclude": split_list(
            "anything but | anything except | everything but | everything except | except | except for | "
            "other than | apart from | aside from | instead of | rather than | as opposed to | "
            "all but | any but | but not | but no | and not | but without | besides"
        ),
        "indiff": split_list(
            "nothing wrong with | not a problem with | no issue with | no issues with | no quarrel with | no complaints about | can't complain about | not averse to | not put off by | "
            "un exclude | unexclude | unban | un ban | put back | bring back | allow | cool with | alright with | don't mind | do not mind | wouldn't mind | would not mind | nothing against | no problem with | fine with | ok with | "
            "okay with | no objection to | don't hate | don't dislike | not against | am open to | 'm open to | "
            "open to | happy with | could live with | not opposed to"
        ),
        "nomatter": split_list(
            "don't worry about | don't worry about the | don't you worry about the | not worried about | not worried about the | scrap | scratch | open up the | open up | screw the | screw | stuff the | sod the | damn the | to hell with the | hang the | blow the | bin the | don't mind about the | don't mind about | "
            "no preference about | don't fuss about | nvm the | nvm that | nvm about the | nvm about | "
            "not sure about the | not so sure about the | not sure about | not so sure about | not convinced by the | not convinced about the | anything goes for the | anything goes for | anything goes on the | anything goes with the | anything is fine for the | not fussy about | not fussy on | not fussed over | not choosy about | not particular about | not strict about | not set on | not bothered by | "
            "not bothered on | not hung up on | easy about | easy on the | couldn't care less about | don't really care about | don't care much about | not too picky about | "
            "not that fussed about | not too fussed about | not too bothered about | i take back the | take back the | i take back what i said about | take back what i said about | "
            "leave the | strike the | don't need to worry about | cancel the | kill the | flexible on | flexible about | flexible with | relaxed about | undecided about | undecided on | open on | forget | "
            "changed my mind about | change my mind about | no longer care about | "
            "don't care about | do not care about | don't care what | don't care which | doesn't matter | does not matter | "
            "no preference on | no preference for | no matter | regardless of | irrespective of | "
            "forget what i said about the | forget what i said about | forget what i said on | ignore what i said about | scratch what i said about | "
            "never mind the | never mind | nevermind | never said | didn't say | did not say | never asked for | didn't ask for | never wanted | forget about | forget about the | forget the | drop the | ignore the | remove the | "
            "scratch the | scrap the | lift the | whatever | any | not important | isn't important | not fussed about | "
            "not picky about | not bothered about | don't have to worry about"
        ),
        "notonly": split_list(
            "don't insist | not insist | don't need to insist | no longer insist | not insisting | not only | not just | not necessarily | doesn't have to be | does not have to be | "
            "don't have to be | needn't be | doesn't need to be | does not need to be | need not be | "
            "don't need to be | not have to be | doesn't have to have | don't need it to be"
        ),
        "skip": split_list(
            "not sure | no problem | no worries | not bad | why not | if not | no idea | can't wait | "
            "don't forget | don't worry | don't know | don't you | isn't there | can't you | aren't there | "
            "why don't | couldn't find | can't find | didn't see | haven't you | won't you | do not know | "
            "no thanks | no thank you | no doubt | no need to | could not find | or not | whether or not | "
            "do you not | have you not | can you not | don't see any | do not see any | can't see any | cannot see any | don't see a | can't see a | "
            "wouldn't you | couldn't you | no one | why didn't | not yet | can't decide | i have no | i've got no | we have no | "
            "i don't have a | i don't have any | i don't own | i don't own a | i don't own any | i haven't got a | "
            "i haven't got any | don't hesitate | not a clue | can't seem to find | haven't found | can't go wrong | not urgent | "
            "can't wait to | could not decide | can't choose | couldn't decide"
        ),
        "hard": split_list(
            "must | must be | has to be | have to be | needs to be | need to be | need | only | strictly | definitely | "
            "absolutely | essential | required | exclusively | nothing but | it's important that | make sure | "
            "a must | non negotiable | insist on | always | for sure | at all costs"
        ),
        "soft": split_list(
            " | ".join(
                f"if {have} {what}"
                for have in (
                    "you have",
                    "you've",
                    "you've got",
                    "you got",
                    "you do",
                    "you sell",
                    "you stock",
                    "there is",
                    "there's",
                )
                for what in ("it", "one", "any", "some", "them", "that", "those", "such a thing")
            )
            + " | "
            "or so | if there is any | if there are any | if any | if you happen to have | if you've any | would do | would also do | "
            "just an idea | only an idea | just a thought | if poss | if possible | bonus points for | bonus points if | extra points for | brownie points for | not a biggie | no biggie | not a big deal | no big deal | not a dealbreaker | "
            "not a deal breaker | no dealbreaker | wouldn't say no to | won't say no to | can't say no to | would not say no to | wouldn't object to | tempted by | drawn to | "
            "partial to | a soft spot for | a thing for | even better | all the better | what i'm after ideally | would be the dream | the dream would be | if anything | "
            "not obligatory | not mandatory | not required | not a requirement | not crucial | is her favourite | is his favourite | "
            "is her favorite | is his favorite | pref | prefs | otherwise | failing that | if i had to choose | if i had to pick | at a push | if need be | "
            "ideally | if possible | preferably | prefer | preferred | would prefer | 'd prefer | maybe | perhaps | "
            "would be nice | would be great | would be lovely | would be good | would be a plus | would be a bonus | "
            "nice to have | is a plus | a bonus | if you have it | if you can | if at all possible | leaning towards | "
            "leaning toward | possibly | might like | might be nice | hopefully | "
            "wouldn't hurt | where possible | not a must | "
            "but i'm flexible | but flexible | as a preference | in an ideal world | first choice | be my favourite | be my favorite | a plus | be a plus | nice if | great if | good if | lovely if | would be my choice | "
            "my preference is | my preference would be | if it had | if it were | if it was | be great if | be nice if | "
            "be lovely if | be good if | be cool if | be perfect if | wouldn't go amiss | would be welcome | would be appreciated | "
            "would be a bonus | that'd be great | that'd be nice | it'd be nice | it'd be great | i'd lean towards | "
            "would be cool | would be ideal | would be perfect | would be best | more of a preference | not essential | "
            "or maybe | or perhaps | or possibly | or even | could be nice | perchance | could be fun | "
            "if there's any | if there is any | if there's one | if you have any | if you've got it | if you've got any | for preference | "
            "mostly | at best | optionally | tend to like | rather like"
        ),
        "add": split_list(
            "wouldn't say no to | won't say no to | can't say no to | would not say no to | wouldn't object to | otherwise | failing that | also | too | as well | additionally | in addition | and also | plus | along with | as well as | "
            "could also be | or maybe | or even | or perhaps | or possibly | or else | is fine too | are fine too | is ok too | are ok too | "
            "would also do | will also do | works too | work too | is also fine | are also fine | are also ok | add"
        ),
        "turn": split_list("but | however | although | though | yet | just | instead"),
        "want": split_list(
            "want | like | love | need | show | show me | give me | find me | looking for | search for | "
            "go for | go with | make it | i'd like | interested in | prefer | adore | fond of | fan of | "
            "get me | choose | pick | try | opt for | take | switch to | change to | use | settle for | settle on"
        ),
    }
)
WANTING = table(
    {
        "w": split_list(
            "i want | i'd like | i would like | i need | i'd love | give me | can i have | could i have | i'd have | "
            "i'd pick | i'd choose | i'd go for | let me have | i'd like to have | i want to have | gimme | "
            "then i want | ok i want | okay i'd like"
        )
    }
)
REPLACE = table(
    {
        "replace": split_list(
            "instead | actually | on second thought | on second thoughts | changed my mind | change my mind | rather | "
            "switch to | change it to | change to | what about | how about | make it | make that | let's try | "
            "no wait | forget that | scratch that | i meant | swap | let's say | say | let's go | let's make it | then | better | "
            "raise it to | lower it to | increase it to | drop it to | up it to"
        )
    }
)
REPAIR = table(
    {
        "repair": split_list(
            "i mean | i meant | sorry | no wait | wait no | or rather | make that | make it | no actually | actually no | "
            "correction | oops | no : | no - | no – | scratch that | strike that | on second thought | on second thoughts | actually | wait | "
            "i meant to say | i mean to say | no sorry | rather | well no"
        )
    }
)
"""What stands between a word said by mistake and the right one."""
POST_NEGATIVE = table(
    {
        "neg": split_list(
            "a no from me | not for me | a hard no | is a hard no | are a hard no | out of the question | do it for me | does it for me | "
            "for me either | my colour | my color | my taste | my vibe | my kind of thing | working for me | "
            "is off the table | are off the table | have to go | has to go | can go | is out | are out | is a no | are a no | is a no go | are a no go | is a dealbreaker | are a dealbreaker | "
            "for me | my thing | my style | an option | my cup of tea | okay | ok | allowed | what i want | "
            "what i'm looking for | welcome | acceptable | wanted | suit me | makes me itch | make me itch | itches | itch"
        )
    }
)

# --- numbers --------------------------------------------------------------------------------------

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
NOTES = {"fiver": 5, "tenner": 10, "tenners": 10, "fivers": 5}
"""Words for sums of money."""
SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000}
NUMBER_WORDS = frozenset(UNITS) | frozenset(TENS) | frozenset(SCALES)
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "6th": 6, "7th": 7, "8th": 8,
    "9th": 9, "10th": 10, "11th": 11, "12th": 12,
}  # fmt: skip
CURRENCY_SIGNS = frozenset("$ € £ ¥".split())
ROLE_LOW = {
    "price": split_list(
        "cheap | affordable | inexpensive | low cost | budget friendly | on a budget | reasonable | reasonably priced"
    ),
    "rating": (),
}
ROLE_HIGH = {
    "price": split_list("expensive | pricey | luxury | premium | costly"),
    "rating": split_list(
        "best selling | bestselling | best seller | best sellers | bestsellers | bestseller | good reviews | great reviews | good ratings | great ratings | good rating | highly rated | well rated | top rated | well reviewed | best rated | popular | high rated"
    ),
}
ROLE_UNITS = {
    "price": split_list(
        "$ | € | £ | dollars | dollar | bucks | euros | euro | pounds | quid | usd | eur | gbp"
    ),
    "rating": split_list("stars | star"),
}
ROLE_WORDS = {
    "price": split_list(
        "set me back | set you back | the damage | price | cost | costs | how much | budget | spend | pricing | money | total | in total"
    ),
    "rating": split_list("rating | rated | ratings | score"),
    "size": split_list("size | sizes"),
}
COMPARE_LOW = table(
    {
        "price": split_list(
            "costs less | cost less | anything for less | something for less | similar for less | one for less | same for less | for less money | cheaper | less expensive | more affordable | lower priced | lower price | less pricey | less costly | cheaper ones | too expensive | "
            "too pricey | too much money | too much | "
            "more cheap | bit dear | a bit dear | bit pricey | bit steep | too steep | too dear | rather dear | out of my price range | out of my league | over budget | "
            "more than i can spend | more than i want to spend | more than i wanted to spend | more than i wanted to pay | out of my budget | over my budget | too costly | above my budget | beyond my budget | a bit much | "
            "bit pricey | bit expensive | can't afford"
        )
    }
)
COMPARE_HIGH = table(
    {
        "price": split_list("more expensive | pricier | higher priced | too cheap | fancier price"),
        "rating": split_list(
            "better rating | higher rating | better score | better rated | higher rated | better reviewed | better reviews"
        ),
    }
)
EXTREME_LOW = table(
    {
        "price": split_list(
            "costs least | costs the least | cost the least | lowest in price | cheapest | least expensive | lowest price | lowest priced | most affordable | lowest cost"
        ),
        "rating": split_list("worst rated | lowest rated | worst reviewed"),
    }
)
EXTREME_HIGH = table(
    {
        "price": split_list("most expensive | priciest | dearest | highest price | highest priced"),
        "rating": split_list(
            "most stars | best stars | highest score | best score | best rated | highest rated | top rated | best reviewed | highest rating | best reviews | best ratings | most popular"
        ),
    }
)

# --- questions --------------------------------------------------------------------------------

WH = frozenset("what which who whose when where how why what's how's".split())
ASK_STARTS = frozenset(
    "is are was were do does did can could will would should has have what which who whose when where how why".split()
)
COMPARE = table(
    {
        "compare": split_list(
            "stack up | stacks up | against each other | measure up | up against | next to each other | set them apart | what separates | tell them apart | "
            "what sets | how are they different | how is it different | compare | comparison | difference between | differences between | difference | differ | versus | vs | which is better | "
            "which one is better | which of them | which of these | which of those | pros and cons | which one | "
            "side by side | how do they differ | which is | which are | better than"
        )
    }
)
COUNT = table(
    {
        "count": split_list(
            "do you do | d'you have | d'you do | do you also have | do you also sell | do you also carry | do you also stock | do you also do | do you do | got any | you got any | how many | do you have | do you sell | do you carry | do you stock | have you got | is there | are there | "
            "got any | any chance you have | does the shop have | does the shop sell | do you offer | you have any"
        )
    }
)
PAIRING = table(
    {
        "pairing": split_list(
            "goes with | go with | match with | matches with | pair with | pairs with | wear with | "
            "goes well with | go well with | looks good with"
        )
    }
)
STOCK = table(
    {
        "stock": split_list(
            "in stock | available | availability | sold out | left | come in | comes in"
        )
    }
)
SERVICES = table(
    {
        "service": split_list(
            "shipping | delivery | postage | discount | discounts | promotion | promotions | coupon | coupons | "
            "voucher | vouchers | warranty | guarantee | refund | customs | gift wrap | gift wrapping"
        )
    }
)
"""What a shop does around its things: no facet answers, whatever other words stand beside it."""
_SPEAKERS = "people | others | customers | buyers | shoppers | everyone | users | owners"
_SPEAKING = "say | think | complain | like | love | hate | dislike | praise | moan | find | make | report | mention"
REVIEWS = table(
    {
        "reviews": split_list(
            " | ".join(
                f"{who.strip()} {verb.strip()}"
                for who in _SPEAKERS.split("|")
                for verb in _SPEAKING.split("|")
            )
            + " | "
            "review | reviews | reviewers | what do people say | what did people say | what do others | customers say | what do buyers | opinions | "
            "feedback"
        )
    }
)

# --- situation --------------------------------------------------------------------------------

VERBS = frozenset(
    "check dress cut fit look spot print run dance work travel score rate hike train exercise party cycle "
    "camp fish spend cost fall spring rust mint cap top tops knit coat label model sport snow freeze "
    "blush spots dots checks cuts fits works runs rings".split()
)
"""Words that are as often verbs as they are names of what a shop sells."""
KIN = frozenset(
    "mother mom mum mummy dad father sister brother wife husband girlfriend boyfriend partner fiance fiancee "
    "daughter son grandmother grandma granny grandfather grandpa aunt uncle niece nephew cousin friend boss "
    "colleague coworker teacher kid kids child children baby mother-in-law neighbour neighbor roommate "
    "bf gf hubby wifey nan nana gran granddad grandad mam stepson stepdaughter stepmum stepdad twin sis bro "
    "bestie parents teenager toddler man woman girl boy men women".split()
)
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight january february april "
    "june july august september october november december christmas easter".split()
)
DEADLINE_LEADS = frozenset("by before until till".split())
SIZE_LEADS = split_list(
    "put me down as | put me down as a | put me down for | put me down for a | in | in a | in an | take a | take an | wear an | i'm a | i am a | i wear | i wear a | i wear an | i take a | i'm an | usually a | available in | "
    "between | between a | between an | between size | between sizes | takes | wears | takes a | wears a | he's a | she's a | he is a | she is a | they wear | usually | normally | typically | mostly | sometimes | wear | usually wear | normally wear | take | usually take | normally take | need a | get a | me a | fits a | wear a | come in | in size | comes in | my size is | i'm size"
)
COLOUR_NAMES = frozenset(
    "burgundy mustard ochre terracotta mauve lilac cerise vermilion jade mahogany copper bronze champagne amber "
    "sapphire cerulean periwinkle aubergine puce taupe ecru umber sepia saffron marigold raspberry claret "
    "cinnamon emerald topaz wine eggplant mulberry ultramarine viridian celadon fawn mocha pistachio".split()
)
"""English names of colours beside those of the web."""
BASIC_COLOURS = frozenset(
    "black white grey gray red orange yellow green blue purple violet pink brown beige navy teal turquoise gold silver "
    "maroon khaki olive cream magenta cyan".split()
)
"""Words that name a colour whatever else they may mean."""
COLOUR_SHADES = frozenset(
    "light dark pale deep bright pastel neon soft muted vivid electric hot dusty rich".split()
)
