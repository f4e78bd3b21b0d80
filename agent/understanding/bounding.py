"""English words that bound a number: before it, after it, nouns of bounds, middling prices. Data.

Cells are written as in `english`.
"""

from vitrine.agent.understanding.text import split_list, table

AMOUNT_CUES = table(
    {
        "max": split_list(
            "under | below | less than | less of | lower of | inferior to | no more of | "
            "stretch to | stretch it to | as high as | as much as | at most | up to | "
            "no more than | not more than | maximum | max | cheaper than | capped at | cap at | "
            "cap it at | limited to | limit it to | keep to | keep it to | keep it at | "
            "restrict it to | not going over | shouldn't go over | can't go over | "
            "all i have is | all i've got is | the most i have is | can i get for | "
            "could i get for | do i get for | can i buy for | can get for | to get for | "
            "within | not over | not above | beneath | no higher than | lower than | "
            "fewer than | < | < = | ≤ | can spend | to spend | to pay | can pay | happy to pay | "
            "willing to pay | prepared to pay | i'd pay | i'll pay | budget of | budget is | "
            "budget : | budget's | budget around | max of | maximum of | upper limit of | "
            "cap of | keep it under | not exceeding | doesn't exceed | inside | smaller than | "
            "don't want to spend more than | don't want to pay more than | no pricier than | "
            "tops out at | spend | only have | i have | i've got | i got | afford | limit is | "
            "limit of | max is | maximum is | ceiling of | ceiling is | till | until | sub | "
            "not a cent more than | not a dollar more than | not a penny more | south of | "
            "set aside | put aside | saved up | saved | go up to | going up to | stay under | "
            "staying under | keep it below | stay below | nothing over | nothing above | "
            "not a penny over | not a cent over | not a penny more than | under about | "
            "under around"
        ),
        "min": split_list(
            "as low as | start from | start at | starts at | starts from | begin at | "
            "begin from | beginning at | no lower than | not lower than | from at least | "
            "north of | over | above | more than | at least | no less than | not less than | "
            "starting at | starting from | minimum | min | minimum of | > | > = | ≥ | "
            "not under | not below | higher than | greater than | better than | upwards of | "
            "from | exceeding | beyond | no cheaper than | pricier than | more expensive than"
        ),
        "about": split_list(
            "closer to | more like | about | around | roughly | approximately | approx | ~ | "
            "near | circa | in the region of | close to | somewhere around | somewhere near | "
            "ballpark | in the neighbourhood of | in the range of | of about"
        ),
        "between": split_list(
            "between | from | anywhere from | anywhere between | range of | in the range"
        ),
    }
)
LIMITS: dict[str, str] = {
    **dict.fromkeys("limit max maximum cap ceiling budget top highest".split(), "max"),
    **dict.fromkeys("minimum min floor lowest".split(), "min"),
}
"""Nouns of a bound: "my limit per piece is 55", "revised limit: 85"."""
AMOUNT_AFTER = table(
    {
        "max": split_list(
            "on the table | a hard limit | the hard limit | my hard limit | a hard cap | "
            "a hard maximum | a strict limit | an absolute limit | the upper limit | "
            "not a penny more | not a cent more | not a dollar more | not a pound more | "
            "and no higher | no higher | no more | not more | not a penny over | and that's it | "
            "but that's it | but thats it | is the budget | that's it | that's my limit | "
            "that's the limit | that's my max | that's the max | that's all i have | "
            "that's all i've got | that's my budget | at a push | at a pinch | or less | "
            "or under | or below | max | maximum | tops | at most | at the most | or cheaper | "
            "and under | is my absolute limit | is my absolute max | is my absolute maximum | "
            "is the absolute limit | is my maximum | is the maximum | is what i've got | "
            "is what i have | is all i can spend | is all i can do | is what i can spend | "
            "is the most i can | is my top | is my cap | is plenty | is the ceiling | "
            "would be my limit | would be the limit | is as far as i go | and not a penny more | "
            "and no more | and that's it | is my absolute top | is my upper limit | "
            "is my ceiling | at the very most | at the absolute most | absolute max | "
            "is my limit | is my max | is the limit | is the max | is my budget | "
            "is the most i | is as high as | is all i have | is all i've got | and below | "
            "or lower | budget | limit | to spend | at the outside | and less"
        ),
        "min": split_list(
            "and upwards | onwards | up | at the very least | at a minimum | or more | or over | "
            "or above | and up | and above | and over | + | at least | minimum | upwards | "
            "or higher | or better | plus | and more | and higher"
        ),
        "about": split_list(
            "or so | ish | or thereabouts | give or take | more or less | roughly | odd"
        ),
    }
)
MIDDLING = table(
    {
        "price": split_list(
            "moderately priced | mid priced | mid range | medium priced | moderate price | "
            "moderate prices | middle of the range | middle of the road | "
            "something in the middle | somewhere in the middle | in the middle price wise | "
            "medium price range | mid price | average priced | averagely priced"
        )
    }
)
