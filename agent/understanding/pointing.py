"""English words that point at things, as data."""

from vitrine.agent.understanding.text import split_list, table

ONE = frozenset("one pair item piece product option choice suggestion thing".split())
ONES = frozenset("ones items pieces products options choices suggestions things".split())
DESIGN = frozenset("design picture drawing image sketch creation".split())
DESIGNS = frozenset("designs pictures drawings images sketches creations".split())
EARLIER = table(
    {
        "earlier": split_list(
            "from before | from earlier | you showed me before | you showed before | from the "
            "first set | you showed earlier | "
            "from the beginning | of the first set | from the start | earlier on | you showed me "
            "earlier | from the previous | "
            "before that | you showed me first | from last time | of before | earlier"
        )
    }
)
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "2": 2, "3": 3, "4": 4, "5": 5, "couple": 2}
THAT_AFTER = frozenset(
    "is 's was are were looks look one . ! , ? ; but in with and or for please instead too from "
    "of comes come has does "
    "costs fits would will could might seems on at as better more again now then not have".split()
)
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
