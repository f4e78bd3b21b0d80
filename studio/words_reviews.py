"""Words of buyers. Templates of `words.expand`; `it` and `is` agree with plural pieces."""

from __future__ import annotations

OPENERS: dict[int, tuple[str, ...]] = {
    5: (
        "[Love|I love] {it_them}.",
        "Exactly what I hoped for.",
        "My new favourite.",
        "Bought a second one already.",
        "Ten out of ten.",
        "I have worn {it_them} [all month|three days running|every week since].",
        "Better than in the picture.",
        "Could not be happier.",
        "",
    ),
    4: (
        "Very happy with {it_them}.",
        "A good buy.",
        "Nearly perfect.",
        "{Really} nice {noun}.",
        "I like {it_them} a lot.",
        "Solid.",
        "",
    ),
    3: (
        "{It} {is} fine.",
        "Mixed feelings.",
        "Okay, no more than that.",
        "Good idea, average result.",
        "{It} {is} all right.",
        "",
    ),
    2: ("Not what I expected.", "A bit disappointed.", "I wanted to like {it_them}.", "Hm.", ""),
    1: ("Sent {it_them} back.", "Do not bother.", "Very disappointed.", "I regret this one."),
}

CLOSERS: dict[int, tuple[str, ...]] = {
    5: (
        "Would buy again.",
        "Recommended.",
        "My sister ordered one too.",
        "I get asked about {it_them} all the time.",
        "",
        "",
        "",
    ),
    4: ("Would recommend.", "One small thing and it would be five stars.", "", "", ""),
    3: ("I am keeping {it_them}, but only just.", "Maybe in the sale.", "", "", ""),
    2: ("I expected more from {brand}.", "I will look elsewhere next time.", "", ""),
    1: ("Asked for my money back.", "Never again.", ""),
}

ASPECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fit": (
        (
            "Fits true to size.",
            "The fit is spot on, I took my usual {size}.",
            "{Size} fits me perfectly.",
            "Sits just right [at the waist|on the shoulders|where it should].",
        ),
        (
            "The fit is odd: [tight in one place, wide in another|not like in the picture].",
            "I cannot get the fit right in any size.",
        ),
    ),
    "small": (
        (
            "Runs small, but I had read that and went a size up.",
            "Runs a little small; order one size up and it is great.",
        ),
        (
            "Runs small! I am always {size} and could barely [move|breathe|get {it_them} on].",
            "Comes up small, size up.",
            "Too tight in my usual {size}.",
        ),
    ),
    "large": (
        ("Comes up large, so I took a size down and it is perfect.", "A bit big, which I like."),
        ("Runs large, I am swimming in my usual {size}.", "Much bigger than expected, size down."),
    ),
    "foot": (
        (
            "True to size, no blisters.",
            "My usual {size} and a perfect fit.",
            "No breaking in at all.",
            "Wide enough for my feet.",
        ),
        (
            "Rubbed my heels raw the first week.",
            "Too narrow for me, even a size up.",
            "Blisters on day one.",
        ),
    ),
    "foot_small": (
        ("Half a size small, so I took {size} and all is well.",),
        (
            "They run small: I wear {size} and had to return them.",
            "Order a size up, they are tight at the toes.",
        ),
    ),
    "colour": (
        (
            "The {color} is true to the picture.",
            "Beautiful {color}, just as shown.",
            "The colour is even nicer in daylight.",
            "Such a good {color}.",
        ),
        (
            "The colour is [darker|duller|paler] than in the picture.",
            "More like [a washed-out|a muddy] {color} in real life.",
            "The {color} faded after two washes.",
        ),
    ),
    "pattern": (
        (
            "The {pattern_noun} look crisp, even up close.",
            "The {pattern_noun} are what sold me, and I get compliments.",
            "Nicely matched at the seams, you notice the {pattern_noun}.",
        ),
        (
            "The {pattern_noun} do not meet at the seams.",
            "The {pattern_noun} are [busier|bigger|smaller] than I thought.",
        ),
    ),
    "comfort": (
        (
            "So comfortable.",
            "Comfortable all day long.",
            "I forget I am wearing {it_them}.",
            "The softest thing I own.",
            "Easy to move in and soft on the skin.",
        ),
        (
            "Scratchy against the skin.",
            "Not comfortable for more than an hour.",
            "Stiff, and it stayed stiff.",
            "Itchy without a layer beneath.",
        ),
    ),
    "foot_comfort": (
        (
            "Comfortable from the first step.",
            "I walked ten miles in them.",
            "On my feet all day in these and no complaint.",
            "Cushioned and light.",
        ),
        ("Hard sole, my feet ached.", "No support at all.", "Heavy after a few hours."),
    ),
    "quality": (
        (
            "The quality is excellent for the price.",
            "Well made, neat seams.",
            "Feels like it will last for years.",
            "You can tell that {brand} cares about details.",
        ),
        (
            "A seam came open after [two|three] wears.",
            "Loose threads everywhere.",
            "Feels cheap for the price.",
            "The [zip|stitching|finish] is poor.",
        ),
    ),
    "wash": (
        (
            "Washes well and keeps its shape.",
            "Ten washes in and still like new.",
            "Did not shrink at all.",
        ),
        (
            "Shrinks in the wash, [a full size for me|mostly in length].",
            "It shrank although I washed it cold.",
            "Lost its shape after the first wash.",
        ),
    ),
    "warm": (
        (
            "Really warm, even in [wind|frost].",
            "Kept me warm at minus five.",
            "Cosy and warm without being bulky.",
        ),
        ("Not as warm as promised.", "Fine indoors, too thin for real cold."),
    ),
    "cool": (
        (
            "Light and airy, perfect in the heat.",
            "I stayed cool at thirty degrees.",
            "Breathes beautifully.",
        ),
        ("Hotter than it looks.", "Thinner than I expected, a little see-through."),
    ),
    "rain": (
        ("Kept me dry through [an hour of rain|a whole wet weekend].", "Rain just rolls off."),
        ("Water-repellent? I was soaked in ten minutes.", "Fine in drizzle, useless in rain."),
    ),
    "room": (
        (
            "Holds more than you would think.",
            "Room for everything, even my laptop.",
            "The pockets are in the right places.",
        ),
        ("Smaller than it looks.", "The strap digs into the shoulder when full."),
    ),
    "grip": (
        ("Great grip on wet stone.", "The soles grip well, even in snow."),
        ("Slippery on wet floors.", "The tread wore down quickly."),
    ),
    "value": (
        ("A bargain at this price.", "Worth every cent.", "Looks far more expensive than it was."),
        ("Too expensive for what it is.", "Nice, but overpriced."),
    ),
    "head": (
        ("Stays on in the wind.", "Fits my big head, finally.", "Keeps its shape in a suitcase."),
        ("Leaves a mark on the forehead.", "Too shallow, it keeps sliding up."),
    ),
}
"""Aspect -> (good words, bad words)."""

STORIES: dict[str, tuple[str, ...]] = {
    "casual": ("I wear {it_them} every weekend.", "My go-to for days off."),
    "work": (
        "Wore {it_them} to an interview and got the job.",
        "Two colleagues asked where I got {it_them}.",
        "Perfect for the office.",
    ),
    "party": (
        "Wore {it_them} to my birthday and danced all night.",
        "A hit at the party.",
        "Got so many compliments at a party.",
    ),
    "wedding": (
        "Wore {it_them} to my [cousin's|sister's|friend's] wedding.",
        "Just right for a summer wedding.",
        "My date for the ceremony approved.",
    ),
    "sport": (
        "Good for [the gym|my morning run|training].",
        "I train in {it_them} four times a week.",
    ),
    "outdoor": (
        "Took {it_them} on a hike [in the rain|over two passes].",
        "Survived a week of camping.",
    ),
    "travel": (
        "Lived in {it_them} for two weeks of travel.",
        "Takes no space in the suitcase.",
        "Perfect for a city break.",
    ),
}

PATTERN_NOUNS = {"striped": "stripes", "dotted": "dots", "checked": "checks", "floral": "flowers"}
