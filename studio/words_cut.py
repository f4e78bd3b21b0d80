"""Words for what a piece is and how it is cut. Templates of `words.expand`."""

from __future__ import annotations

NOUNS: dict[str, tuple[str, ...]] = {
    "dress/a-line": ("dress", "A-line dress", "swing dress", "day dress"),
    "dress/sheath": ("dress", "sheath dress", "column dress", "pencil dress"),
    "dress/tiered": ("dress", "tiered dress", "layered dress"),
    "t-shirt/tee": ("t-shirt", "tee", "jersey tee"),
    "t-shirt/polo": ("polo shirt", "polo", "polo tee"),
    "shirt/button-down": ("shirt", "button-down shirt", "button-up"),
    "hoodie/pullover": ("hoodie", "pullover hoodie"),
    "hoodie/zip": ("zip hoodie", "zip-up hoodie"),
    "skirt/a-line": ("skirt", "A-line skirt", "swing skirt"),
    "skirt/pencil": ("pencil skirt", "straight skirt"),
    "skirt/pleated": ("pleated skirt", "knife-pleat skirt"),
    "skirt/buttoned": ("button-front skirt", "buttoned skirt"),
    "trousers/jeans": ("five-pocket trousers", "jean-cut trousers"),
    "trousers/chinos": ("chinos", "trousers", "pressed trousers"),
    "trousers/joggers": ("joggers", "drawstring trousers"),
    "shorts/chino": ("chino shorts", "shorts"),
    "shorts/denim": ("denim shorts", "five-pocket shorts"),
    "shorts/sport": ("running shorts", "track shorts"),
    "jacket/bomber": ("bomber jacket", "bomber"),
    "jacket/blazer": ("blazer", "tailored jacket"),
    "jacket/biker": ("biker jacket", "zip biker jacket"),
    "jacket/trucker": ("trucker jacket", "buttoned work jacket"),
    "jacket/parka": ("parka", "hooded coat", "field parka"),
    "jacket/cardigan": ("cardigan", "button cardigan"),
    "sneakers/low": ("sneakers", "low sneakers", "court sneakers"),
    "sneakers/high": ("high-top sneakers", "high-tops"),
    "sneakers/runner": ("running sneakers", "runners"),
    "sneakers/slip-on": ("slip-on sneakers", "slip-ons"),
    "boots/ankle": ("ankle boots", "heeled ankle boots"),
    "boots/chelsea": ("chelsea boots", "pull-on boots"),
    "boots/knee": ("knee boots", "tall boots"),
    "boots/combat": ("lace-up boots", "combat boots"),
    "bag/tote": ("tote bag", "tote"),
    "bag/backpack": ("backpack", "rucksack"),
    "bag/handbag": ("handbag", "top-handle bag"),
    "bag/satchel": ("satchel", "satchel bag"),
    "hat/beanie": ("beanie", "rolled beanie"),
    "hat/cap": ("cap", "baseball cap"),
    "hat/fedora": ("fedora", "brimmed hat"),
    "hat/bucket": ("bucket hat", "soft-brim hat"),
}
"""Category/variant -> what a shop calls it; the first is the plainest. (Jeans in denim: `DENIM_JEANS`.)"""

DENIM_JEANS = ("jeans", "five-pocket jeans", "denim jeans")

PAIRS = frozenset({"trousers", "shorts", "sneakers", "boots"})
"""Categories spoken of in the plural."""

HEM_WORDS: dict[str, tuple[str, ...]] = {
    "mini": ("mini",),
    "knee": ("midi", "knee-length"),
    "maxi": ("maxi", "full-length"),
}

SLEEVE_WORDS: dict[str, tuple[str, ...]] = {
    "sleeveless": ("sleeveless",),
    "short": ("short-sleeved",),
    "long": ("long-sleeved",),
}

NECK_WORDS: dict[str, tuple[str, ...]] = {
    "crew": ("crew-neck", "round-neck"),
    "v-neck": ("v-neck",),
    "collar": ("collared",),
    "hooded": ("hooded",),
}

PATTERN_WORDS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "striped": ("striped",),
    "dotted": ("dotted", "polka-dot"),
    "checked": ("checked",),
    "floral": ("floral", "flower-print"),
}

CHECK_WORDS = {"gingham": "gingham", "tartan": "tartan", "windowpane": "windowpane-check"}

NECKS: dict[str, tuple[str, ...]] = {
    "crew": ("a round neck", "a crew neck", "a close round neckline", "a neat crew neckline"),
    "v-neck": (
        "a v-neck",
        "a soft v-neckline",
        "a v-neck that opens the throat",
        "a v-shaped neckline",
    ),
    "collar": ("a [small|neat|pointed] collar", "a collar that holds its shape", "a turned collar"),
    "hooded": (
        "a [roomy|two-piece|lined] hood",
        "a hood with [a drawcord|flat cords]",
        "a deep hood",
    ),
}

SLEEVES: dict[str, tuple[str, ...]] = {
    "sleeveless": ("no sleeves", "neatly bound armholes", "armholes left sleeveless"),
    "short": ("short sleeves", "sleeves that stop above the elbow", "short [set-in|easy] sleeves"),
    "long": (
        "long sleeves",
        "full-length sleeves",
        "long sleeves [with room to push up|that reach the wrist]",
    ),
}

HEMS: dict[str, tuple[str, ...]] = {
    "mini": ("a hem well above the knee", "a mini length", "a short hem"),
    "knee": ("a hem at the knee", "a midi length", "a knee-length hem"),
    "maxi": ("a hem that reaches the ankle", "a maxi length", "a [full-length|floor-skimming] hem"),
}

FITS: dict[str, tuple[str, ...]] = {
    "slim": (
        "cut close to the body",
        "with a slim, [neat|clean] line",
        "fitted through the [waist|middle]",
        "slim without pinching",
    ),
    "regular": (
        "in a regular fit",
        "cut neither close nor wide",
        "with an easy, straight line",
        "in a regular cut with room to move",
    ),
    "loose": (
        "cut loose and roomy",
        "in a relaxed, loose fit",
        "with plenty of room",
        "generously cut, meant to hang loose",
    ),
}

IS_FITS: dict[str, tuple[str, ...]] = {
    "slim": (
        "slim and neat",
        "cut close to the body",
        "fitted but not tight",
        "slim through the waist",
    ),
    "regular": (
        "regular in fit",
        "straight and easy",
        "neither close nor wide",
        "true to size in a regular cut",
    ),
    "loose": (
        "loose and roomy",
        "cut wide on purpose",
        "relaxed all over",
        "loose enough to layer under",
    ),
}

OPENINGS: tuple[str, ...] = (
    "{A noun} with {features}, {fit}.",
    "The {model} is {a noun} {fit}, with {features}.",
    "[Our|This] {model} {noun} has {features} and is {in_fit}.",
    "{Noun} {fit}, with {features}.",
    "{Brand} [drew|made] the {model} as {a noun} with {features}, {fit}.",
    "[Simple to describe|In short]: {a noun} with {features}, {fit}.",
    "With {features}, this {noun} is {in_fit}.",
)

OPENINGS_PLURAL: tuple[str, ...] = (
    "{Noun} {fit}, with {features}.",
    "The {model} {noun} have {features} and are {in_fit}.",
    "[Our|These] {model} {noun} come with {features}, {fit}.",
    "{Brand} [drew|made] the {model} {noun} with {features}, {fit}.",
)

OPENINGS_NO_FIT: tuple[str, ...] = (
    "{A noun} with {features}.",
    "The {model} is {a noun} with {features}.",
    "{Brand} [built|made|designed] the {model} {noun} with {features}.",
    "[This|Our] {model} {noun} has {features}.",
)

OPENINGS_NO_FIT_PLURAL: tuple[str, ...] = (
    "{Noun} with {features}.",
    "The {model} {noun} have {features}.",
    "{Brand} [built|made|designed] the {model} {noun} with {features}.",
    "[Our|These] {model} {noun} come with {features}.",
)

FEATURES: dict[str, tuple[str, ...]] = {
    "dress/a-line": (
        "a skirt that swings from the waist",
        "a hidden side zip",
        "pockets in the side seams",
    ),
    "dress/sheath": (
        "a back slit for easy steps",
        "a hidden back zip",
        "darts that shape the waist",
    ),
    "dress/tiered": ("gathered tiers", "a drawstring waist", "pockets in the side seams"),
    "t-shirt/tee": (
        "taped shoulder seams",
        "a double-stitched hem",
        "side seams that stay straight",
    ),
    "t-shirt/polo": ("a two-button placket", "ribbed cuffs", "small side vents"),
    "shirt/button-down": ("a full row of buttons", "a curved hem", "a box pleat at the back"),
    "hoodie/pullover": ("a kangaroo pocket", "ribbed cuffs and hem", "flat drawcords"),
    "hoodie/zip": ("a full front zip", "two hand pockets", "ribbed cuffs and hem"),
    "skirt/a-line": ("a flared line", "a hidden side zip", "a flat waistband"),
    "skirt/pencil": ("a back slit", "a hidden back zip", "a firm waistband"),
    "skirt/pleated": ("sharp pleats all round", "a flat waistband", "a lining that does not cling"),
    "skirt/buttoned": ("buttons all the way down", "two front pockets", "belt loops"),
    "trousers/jeans": ("five pockets", "a button fly", "contrast seams"),
    "trousers/chinos": ("slant pockets", "a pressed crease", "a hook closure"),
    "trousers/joggers": ("a drawstring waist", "ribbed ankles", "zip pockets"),
    "shorts/chino": ("slant pockets", "belt loops", "a neat turned hem"),
    "shorts/denim": ("five pockets", "contrast stitching", "a raw-edged hem"),
    "shorts/sport": ("an elastic waist", "side splits", "a zip key pocket"),
    "jacket/bomber": ("ribbed cuffs and hem", "a sturdy front zip", "a pocket on the inside"),
    "jacket/blazer": ("notched lapels", "a half lining", "three inside pockets"),
    "jacket/biker": ("an offset zip", "zipped cuffs", "a belt loop at the waist"),
    "jacket/trucker": ("chest pockets", "metal buttons", "adjustable side tabs"),
    "jacket/parka": ("a storm flap", "four deep pockets", "a drawcord at the waist"),
    "jacket/cardigan": ("a row of buttons", "ribbed edges", "two patch pockets"),
    "sneakers/low": ("a padded collar", "a stitched rubber sole", "flat laces"),
    "sneakers/high": ("a padded ankle", "a vulcanised sole", "metal eyelets"),
    "sneakers/runner": ("a cushioned midsole", "a grippy tread", "a heel loop"),
    "sneakers/slip-on": ("elastic side panels", "a soft insole", "a thin flexible sole"),
    "boots/ankle": ("a [low|block|stacked] heel", "an inside zip", "a leather-topped insole"),
    "boots/chelsea": ("elastic sides", "pull tabs", "a welted sole"),
    "boots/knee": (
        "a full-length inside zip",
        "a shaft that follows the leg",
        "a [low|block] heel",
    ),
    "boots/combat": ("eight pairs of eyelets", "a deep tread", "a padded collar"),
    "bag/tote": ("long handles", "a zip pocket inside", "a flat base"),
    "bag/backpack": ("padded straps", "a laptop sleeve", "two side pockets"),
    "bag/handbag": ("a top handle", "a magnetic clasp", "a detachable strap"),
    "bag/satchel": ("a buckled flap", "an adjustable strap", "a pocket at the back"),
    "hat/beanie": ("a turned-up cuff", "a ribbed knit", "a seamless crown"),
    "hat/cap": ("a curved peak", "an adjustable back strap", "stitched eyelets"),
    "hat/fedora": ("a pinched crown", "a grosgrain band", "a brim that can be bent"),
    "hat/bucket": ("a stitched brim", "two side eyelets", "a brim that gives shade"),
}

LOOKS: dict[str, tuple[str, ...]] = {
    "plain": (
        "The {color} is [clear and even|deep and even|dyed in the yarn|a quiet, even shade].",
        (
            "Plain {color}, [with nothing to distract from the "
            "cut|from edge to edge|and nothing else]."
        ),
        "One [clear|honest|steady] {color}, [nothing else|throughout|inside and out].",
        "",
    ),
    "striped": (
        "{Accent} stripes run [along|across|over] the {color} ground.",
        "The {color} cloth carries {scale} {accent} stripes.",
        "{Color} with {scale} {direction} stripes in {accent}.",
    ),
    "dotted": (
        "{Scale} {accent} dots are [scattered|printed evenly|set in rows] on {color}.",
        "{Color}, with {scale} polka dots in {accent}.",
        (
            "The {color} ground is covered in {accent} dots, [like "
            "confetti|evenly spaced|neatly spaced]."
        ),
    ),
    "checked": (
        "A {check} in {color} and {accent}.",
        "{Scale} checks cross {accent} over {color}.",
        "The {check} sets {accent} against {color}.",
    ),
    "floral": (
        "{Scale} {accent} flowers [grow|are scattered|climb] over the {color} ground.",
        (
            "A flower print in {accent} on {color}, [drawn by "
            "hand|loosely drawn|drawn for this season]."
        ),
        "{Color}, printed with {scale} {accent} blossoms.",
    ),
}

SCALES = {
    "small": ("small", "fine", "narrow-set"),
    "medium": ("medium-sized", "even", ""),
    "large": ("large", "bold", "generous"),
}

_NAMES = """
    Alder Anselm Arbour Arlo Ashby Aster Auden Avery Bailey Basil Beacon Beck Birch Blythe
    Bowen Bramble Briar Brook Bryony Calla Camber Carden Carey Cassia Cedar Cleo Colby Corin
    Cove Dale Darcy Della Dove Eden Eider Elm Elva Ember Enid Esme Ewan Fairley Farrow Fennel
    Fern Fife Finch Flint Frances Gilda Glen Greta Grove Gwen Hale Harlow Hattie Haven Heath
    Hesper Hollis Hugo Ibis Ida Ilsa Imogen Ines Isla Ivo Jarrow Jonah Joss Juniper Kell
    Kestrel Kirby Lark Laurel Leda Lennox Linden Lisbet Lowell Lune Lyle Mabel Maren Marlow
    Meadow Merle Mica Milo Mira Nell Neve Niall Nora Oakley Opal Orla Orrin Otis Otto Paloma
    Pascal Pebble Penn Petra Piers Pippa Plover Quill Ramsey Reed Renna Rhea Roan Rowan Rufus
    Selby Senna Shale Skye Sloane Sorrel Stella Sten Sylvan Tansy Tarn Teasel Thea Thorne
    Tilda Tove Una Vale Vera Verity Vesper Viola Walden Wells Wilder Willa Willow Wren Yarrow
    York Zadie
"""
MODELS: tuple[str, ...] = tuple(_NAMES.split())
"""Names of models; a brand never gives the same name to two pieces of one category."""
