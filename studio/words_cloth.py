"""Words for cloth, its qualities and its care. Templates of `words.expand`.

Each sentence is about one cloth on one group of pieces: "body" (garments), "foot", "bag" or "head". The word
before the colon names what the sentence promises; an item makes each promise at most once.
"""

from __future__ import annotations

GROUPS: dict[str, str] = {"sneakers": "foot", "boots": "foot", "bag": "bag", "hat": "head"}
"""Category -> group; every other category is "body"."""

CLOTH: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "body": {
        "cotton": (
            (
                "soft",
                (
                    "The cotton is [brushed on the inside and soft|washed once "
                    "so that it is soft] from the first day."
                ),
            ),
            (
                "breathable",
                (
                    "[Mid-weight|Light] cotton, breathable [when the day "
                    "warms up|from morning to night]."
                ),
            ),
            (
                "organic",
                "Woven from organic cotton that is [smooth to the touch|kind to sensitive skin].",
            ),
            (
                "hard-wearing",
                (
                    "The cotton is dense and hard-wearing, with reinforced seams "
                    "[where it counts|at the stress points]."
                ),
            ),
            ("crisp", "A crisp cotton that [takes a press well|looks neat all day]."),
            (
                "easy-care",
                (
                    "The cotton is easy-care: it [washes well and dries "
                    "flat|comes out of the wash ready to wear]."
                ),
            ),
            (
                "stretch",
                "Cotton with a touch of stretch, so it moves with you and keeps its shape.",
            ),
        ),
        "denim": (
            (
                "hard-wearing",
                (
                    "Twelve-ounce denim, hard-wearing and [stiff at first, "
                    "yours after a week|better every month]."
                ),
            ),
            (
                "soft",
                (
                    "The denim is stone-washed until soft, [with no break-in "
                    "needed|so it feels like an old friend]."
                ),
            ),
            ("stretch", "A denim with some stretch that gives when you sit and keeps its shape."),
            (
                "lightweight",
                "Lightweight denim with the [look|depth] of indigo and none of the bulk.",
            ),
            (
                "organic",
                "The denim is organic and dyed with little water; offcuts go back to the mill.",
            ),
        ),
        "wool": (
            (
                "warm",
                (
                    "[Pure|Dense] wool, warm without [weight|bulk], [even "
                    "in a cold wind|all winter long]."
                ),
            ),
            ("soft", "Spun from fine merino, soft enough for bare skin and never itchy."),
            ("cosy", "A [brushed|thick], cosy wool that [holds warmth|keeps the draught out]."),
            ("fine", "Fine wool with a dry hand; it drapes well and sheds creases overnight."),
            ("responsibly", "The wool is responsibly sourced and spun in small batches."),
            ("thick", "A thick knit with a little scratch to it, so wear something thin beneath."),
        ),
        "leather": (
            (
                "supple",
                (
                    "The leather is supple and [full-grained|smooth] and will "
                    "[crease into your shape|darken with the years]."
                ),
            ),
            (
                "hard-wearing",
                (
                    "Real leather, hard-wearing and sturdy, cut from [few "
                    "panels|large hides] to keep seams strong."
                ),
            ),
            ("windproof", "The leather is windproof and lined in [smooth twill|soft cotton]."),
            ("shine", "Polished leather with a [deep|quiet] shine."),
            ("waxed", "A waxed leather that shrugs off a shower."),
        ),
        "linen": (
            (
                "airy",
                (
                    "The linen is airy and cool [against the skin|in the worst "
                    "heat], with the small slubs that flax leaves."
                ),
            ),
            ("breathable", "Breathable linen that [dries in an hour|lets every breeze through]."),
            (
                "soft",
                "Garment-washed linen, soft and a little rumpled [on purpose|from the start].",
            ),
            ("crisp", "A crisp linen with body; creases are part of the look."),
            ("lightweight", "Lightweight and packable linen: roll, shake out, wear."),
        ),
        "silk": (
            (
                "silky",
                (
                    "[Heavy|Washed] silk, smooth and fluid, that [catches "
                    "the light|moves as you move]."
                ),
            ),
            ("lightweight", "The silk is featherweight and cool in summer, gentle in winter."),
            (
                "shine",
                "A silk with a soft lustre, [bright at the folds|dressed up without trying].",
            ),
            ("delicate", "Delicate, graceful silk with hand-finished edges."),
            ("soft", "Sand-washed silk, soft and matt rather than shiny."),
        ),
        "synthetic": (
            (
                "breathable",
                (
                    "A technical cloth, ventilated and breathable, that "
                    "[wicks sweat away|dries while you walk]."
                ),
            ),
            ("lightweight", "Lightweight synthetic cloth that packs into its own pocket."),
            (
                "easy-care",
                "Easy-care polyester: machine wash, no iron, [no fuss|crease-free by morning].",
            ),
            ("stretch", "Four-way stretch that gives in every direction and springs back."),
            (
                "recycled",
                (
                    "Made from recycled fibres, [bottles mostly|responsibly "
                    "produced], with no animal products."
                ),
            ),
            ("smooth", "A smooth, cool-handed synthetic that layers without clinging."),
        ),
    },
    "foot": {
        "cotton": (
            ("breathable", "The canvas upper is breathable and [light on the foot|quick to dry]."),
            ("soft", "Soft cotton canvas, [cushioned inside|no break-in needed]."),
            ("hard-wearing", "A tough double canvas, hard-wearing at toe and heel."),
        ),
        "denim": (
            (
                "hard-wearing",
                "The denim upper is sturdy and [fades nicely with wear|reinforced at the heel].",
            ),
            ("soft", "Washed denim, soft around the ankle from the first step."),
        ),
        "wool": (
            ("warm", "A felted wool upper keeps feet warm and [lets them breathe|never clammy]."),
            ("cosy", "Cosy wool, soft enough to wear without socks."),
        ),
        "leather": (
            ("supple", "The leather is supple and [moulds to the foot|needs no breaking in]."),
            ("waxed", "Waxed leather and sealed seams make light work of rain."),
            ("hard-wearing", "Thick, hard-wearing leather; the sole can be replaced."),
            ("cushioned", "Leather outside, a cushioned footbed inside: made for walking all day."),
            ("lined", "The leather is lined in warm shearling-style fleece."),
            ("shine", "Smooth leather with a [quiet|mirror] shine."),
        ),
        "linen": (("airy", "A linen upper, airy enough for the hottest pavement."),),
        "silk": (
            (
                "shine",
                "Covered in silk with an evening shine; [keep it for dry nights|not for puddles].",
            ),
        ),
        "synthetic": (
            (
                "water-repellent",
                "A water-repellent upper [with taped seams|that laughs at puddles].",
            ),
            ("lightweight", "The knitted upper is lightweight and ventilated."),
            ("cushioned", "Springy foam makes them cushioned from heel to toe, all day long."),
            ("grip", "The rubber sole has real grip on wet stone."),
            ("recycled", "The upper is made from recycled yarn, with no animal glue."),
        ),
    },
    "bag": {
        "cotton": (
            (
                "hard-wearing",
                (
                    "Heavy canvas, hard-wearing and [stiff enough to "
                    "stand|stitched twice at the handles]."
                ),
            ),
            ("roomy", "Roomy enough for [a weekend|a market run], in a washable canvas."),
            ("organic", "Made of organic cotton canvas that softens with use."),
        ),
        "denim": (
            ("hard-wearing", "Cut from sturdy denim with [riveted|double-stitched] corners."),
            ("roomy", "Roomy denim that folds flat when empty."),
        ),
        "wool": (("soft", "A felted wool, soft and structured at once."),),
        "leather": (
            (
                "supple",
                "Vegetable-tanned leather, supple and [richer every year|fragrant when new].",
            ),
            (
                "hard-wearing",
                (
                    "Thick saddle leather, hard-wearing and [hand-finished at "
                    "the edges|stitched with waxed thread]."
                ),
            ),
            ("structured", "Structured leather that keeps its shape when set down."),
            (
                "roomy",
                "Leather with plenty of room: [a book, a bottle and more|a laptop fits flat].",
            ),
        ),
        "linen": (("lightweight", "Lightweight linen with a cotton lining; it packs flat."),),
        "silk": (("shine", "Silk with an evening shine over a firm frame."),),
        "synthetic": (
            (
                "water-repellent",
                "A water-repellent shell with [sealed zips|a coated base] keeps the rain out.",
            ),
            (
                "lightweight",
                "Lightweight and packable, it weighs less than [its contents|a paperback].",
            ),
            ("roomy", "Roomy and practical, with pockets where you look for them."),
            ("recycled", "Sewn from recycled sailcloth, with no animal products."),
        ),
    },
    "head": {
        "cotton": (
            ("soft", "Washed cotton, soft at the brow."),
            ("breathable", "Breathable cotton with [a soft inner band|a band that dries fast]."),
            ("packable", "Cotton that is packable: fold it, pocket it, wear it again."),
        ),
        "denim": (("hard-wearing", "Sturdy denim that fades in the sun and is better for it."),),
        "wool": (
            ("warm", "Warm wool that covers the ears [and keeps the wind out|without itching]."),
            ("soft", "Fine merino, soft on the forehead."),
            ("thick", "A thick wool that stands up to snow."),
        ),
        "leather": (("supple", "Supple leather that takes the shape of your head."),),
        "linen": (
            ("airy", "Airy linen that keeps the sun off and lets heat out."),
            ("lightweight", "Lightweight linen; it springs back after a suitcase."),
        ),
        "silk": (("shine", "Silk with a soft lustre, for evenings."),),
        "synthetic": (
            ("water-repellent", "Water-repellent and quick to dry, for [rain|spray] and sweat."),
            ("lightweight", "Lightweight, ventilated and easy to stuff in a pocket."),
            ("stretch", "Soft synthetic yarn with stretch; one size fits most heads."),
        ),
    },
}

CLASHES: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in (
        ("soft", "thick"),
        ("soft", "shine"),
        ("crisp", "soft"),
        ("thick", "fine"),
        ("shine", "waxed"),
        ("structured", "supple"),
        ("lightweight", "hard-wearing"),
        ("warm", "airy"),
    )
)
"""Promises that no description makes together."""

WEATHERPROOF: tuple[tuple[str, str], ...] = (
    (
        "water-repellent",
        (
            "The shell is water-repellent and windproof, with [sealed "
            "seams|a storm flap over the zip]."
        ),
    ),
    ("insulating", "A quilted, insulating lining keeps it warm well below freezing."),
    (
        "packable",
        (
            "It is showerproof, light and packable: it folds into [its "
            "own pocket|a pouch the size of a fist]."
        ),
    ),
)
"""Further promises of parkas and bombers in synthetic or cotton."""

CARE: dict[str, tuple[str, ...]] = {
    "cotton": (
        "Machine wash at 40.",
        "Wash cold with like colours, [tumble dry low|dry on the line].",
        "Machine wash at 30 and iron warm.",
    ),
    "denim": ("Wash inside out and cold, and rarely.", "Machine wash at 30, inside out; no dryer."),
    "wool": (
        "Hand wash cold and dry flat.",
        "Wool cycle only; [air it between wears|dry flat, away from heat].",
        "Dry clean, or hand wash with care.",
    ),
    "leather": (
        "Wipe clean with a damp cloth and feed with [balm|wax] twice a year.",
        "Leather clean only; keep it from radiators.",
    ),
    "linen": (
        "Machine wash at 40, iron damp or not at all.",
        "Wash at 30 and hang up wet: the creases fall out.",
    ),
    "silk": ("Hand wash cold or dry clean; iron on the wrong side.", "Dry clean only."),
    "synthetic": ("Machine wash at 30; no softener.", "Wash cold, hang to dry, do not iron."),
}

CARE_OF_SOLES = (
    "Brush off dry mud and [wipe with a damp cloth|let them dry away from heat].",
    "Stuff with paper when wet.",
)
CARE_OF_BAGS = ("Spot clean with a damp cloth.", "Wipe clean; do not machine wash.")
