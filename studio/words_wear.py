"""Words for when a piece is worn and what it feels like to wear it. Templates of `words.expand`."""

from __future__ import annotations

WEAR: dict[str, tuple[str, ...]] = {
    "casual": (
        "For [weekends|days off|everyday wear] and the errands between.",
        "An everyday piece that [asks for nothing|works with everything].",
        "Easy, unfussy and casual: [breakfast to late film|school run to supper].",
    ),
    "work": (
        (
            "[Smart|Polished] enough for the office and [easy enough for "
            "the train|calm enough for a long meeting]."
        ),
        "Made for work: [neat|sharp] at nine and still neat at six.",
        "Fit for an interview, [calm|sure] of itself.",
    ),
    "party": (
        "Made for [parties|late evenings|birthdays] and the walk home after.",
        "For a night out: [dances well|likes candlelight].",
        "Dressed up enough for any party, [day to evening|with or without dancing].",
    ),
    "wedding": (
        "[Right|Lovely] for a wedding, [from vows to last dance|as a guest who knows how].",
        (
            "Formal enough for a ceremony, [comfortable enough for "
            "the toasts|and for the party after]."
        ),
    ),
    "sport": (
        "Built for [the gym|training|a hard run] and washed after every one.",
        "For sport first: [nothing rubs, nothing slips|moves when you do].",
        "A workout piece that [does not mind sweat|holds up to daily training].",
    ),
    "outdoor": (
        "For trails, [campfires|hill walks] and weather that cannot decide.",
        "Made for the outdoors: [mud brushes off|takes a knock].",
        "Takes to hiking paths and wet grass alike.",
    ),
    "travel": (
        "Travels well: [packs small|fills no more than a corner of the case].",
        "For trips [of three days or three weeks|by train, by plane and on foot].",
        "A good travel companion, [day to evening|from airport to dinner].",
    ),
}

SEASONS: dict[str, tuple[str, ...]] = {
    "spring": (
        "Best in spring, [when mornings are cool|over or under a layer].",
        "Light enough for spring.",
        "A piece for the first warm days of spring.",
    ),
    "summer": (
        "Made for summer and [long evenings|bright pavements|warm nights].",
        "Cool in high summer.",
        "For the hottest weeks of summer.",
    ),
    "autumn": (
        "At home in autumn, [with a layer beneath|when the light turns].",
        "An autumn piece that [layers well|likes a brisk walk].",
        "Right for autumn and its moods.",
    ),
    "winter": (
        "Ready for winter and [the first snow|grey mornings|long nights].",
        "For winter days [outside|that start in the dark].",
        "Made for winter, [frost|sleet] and all.",
    ),
}

STYLES: dict[str, tuple[str, ...]] = {
    "minimalist": (
        "Understated, [with nothing added|quiet and pared back].",
        "A discreet, minimalist piece that lets you do the talking.",
    ),
    "classic": (
        "A classic that [will not date|has been right for decades].",
        "Timeless and [neat|unhurried].",
    ),
    "elegant": ("Elegant [without effort|from every side].", "A graceful, refined piece."),
    "bold": (
        "A statement: [bold and eye-catching|sure to be noticed].",
        "Bold, vivid and not for shy days.",
    ),
    "playful": (
        "Playful and cheerful, [made to make you smile|a little silly on purpose].",
        "A fun piece with a light heart.",
    ),
    "sporty": (
        "Sporty and fresh, [from the track to the street|street-ready].",
        "A clean, sporty look.",
    ),
    "vintage": (
        "With a vintage look, [as if found in an attic trunk|borrowed from the seventies].",
        "Retro in the best way.",
    ),
    "bohemian": (
        "Bohemian and free, [flowing and romantic|gathered from many places].",
        "A romantic, bohemian piece with a folk note.",
    ),
}

MADE: tuple[str, ...] = (
    "Made in small batches [in a family workshop|by six pairs of hands].",
    "{Brand} repairs its pieces free for [two|three|five] years.",
    "Seams are [bound|neat] inside and out.",
    "Well made, with [reinforced|neatly finished] seams.",
)
