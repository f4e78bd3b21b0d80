# ruff: noqa: E501
"""English words that point at things, as data."""

from vitrine.agent.understanding.text import split_list, table

ONE = frozenset("one pair item piece product option choice suggestion thing".split())
ONES = frozenset("ones items pieces products options choices suggestions things".split())
DESIGN = frozenset("design picture drawing image sketch creation".split())
DESIGNS = frozenset("designs pictures drawings images sketches creations".split())
NOUNS = ONE | ONES | DESIGN | DESIGNS
AFTER_PLACE = frozenset(
    "looks look seems comes please more again too instead works fits appeals wins suits feels costs "
    "off out away aside sounds caught has thanks stands speaks now then".split()
)
"""Words after "the first" that show that it is no adjective of a noun."""
AFTER_COUNT = (
    frozenset(
        "of in with and or is are look looks cost costs do does have has which that i you differ from "
        "for to but ones please side by best".split()
    )
    | ONES
)
EARLIER = table(
    {
        "earlier": split_list(
            "from before | from earlier | you showed me before | you showed before | you showed earlier | "
            "earlier on | you showed me earlier | from the previous | from the previous set | "
            "of the previous set | of the last batch | from the last batch | "
            "before that | from last time | of before | earlier | you had before | you had earlier | "
            "we saw before | we saw earlier | i saw before | i saw earlier | we looked at before | "
            "you showed me | you showed | that you showed me | we looked at | we looked at earlier | a moment ago | from a moment ago | before"
        ),
        "first": split_list(
            "from the first set | of the first set | from the beginning | from the start | "
            "you showed me first | you showed first | of the first ones | from the first batch | "
            "of the first batch | at the beginning | at the start | of the ones at the beginning | "
            "of the ones at the start | from the very beginning | from the first lot | "
            "you showed me at the start | you showed me at the beginning | we started with"
        ),
    }
)
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "2": 2, "3": 3, "4": 4, "5": 5, "couple": 2}
THAT_AFTER = frozenset(
    "is 's was are were looks look one . ! , ? ; but in with and or for please instead too from "
    "of comes come has does "
    "costs fits would will could might seems on at as better more again now then not have".split()
)
ASKED_VERBS = frozenset(
    "come got get have fit go cost run need shrink work count look feel hold keep last stretch suit include "
    "iron wash ship weigh crease say mean".split()
)
"""Verbs after "does that": none is a noun that "that" could belong to."""
THAT_BEFORE = frozenset(
    "like about of take buy love hate want see than for to with prefer choose is was does from "
    "resembling inspired "
    "on do likes remove add try between order and get have own bought as near".split()
)
NO_THING = frozenset(
    "time trip week weekend month year summer winter spring autumn fall season way size moment "
    "evening morning "
    "afternoon kind sort type much occasion budget price day information".split()
)
TIMES = frozenset("times days weeks months years hours minutes seasons".split())
DUMMY_IT = frozenset("should must has needs ought does doesn can could 'd 'll would".split())
