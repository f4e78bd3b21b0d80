"""Units of measure: how people and listings write them, and how they turn into one another."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One unit. `factor` turns it into the base unit of its `measure`.

    `signs` are short forms that stand right behind a number ("16GB"); `words` are said.
    """

    name: str
    measure: str
    factor: float
    signs: tuple[str, ...]
    words: tuple[str, ...]


UNITS: tuple[Unit, ...] = (
    Unit("MB", "data", 1.0, ("mb",), ("megabyte", "megabytes")),
    Unit("GB", "data", 1000.0, ("gb", "go"), ("gigabyte", "gigabytes", "gig", "gigs")),
    Unit("TB", "data", 1_000_000.0, ("tb",), ("terabyte", "terabytes")),
    Unit("mm", "length", 0.1, ("mm",), ("millimetre", "millimetres", "millimeter", "millimeters")),
    Unit("cm", "length", 1.0, ("cm",), ("centimetre", "centimetres", "centimeter", "centimeters")),
    Unit("m", "length", 100.0, ("m",), ("metre", "metres", "meter", "meters")),
    Unit(
        "km", "length", 100_000.0, ("km",), ("kilometre", "kilometres", "kilometer", "kilometers")
    ),
    Unit("inch", "length", 2.54, ('"', "″", "”", "in", "inch"), ("inch", "inches")),
    Unit("ft", "length", 30.48, ("ft", "'"), ("foot", "feet")),
    Unit("g", "weight", 1.0, ("g", "gr"), ("gram", "grams", "gramme", "grammes")),
    Unit("kg", "weight", 1000.0, ("kg",), ("kilo", "kilos", "kilogram", "kilograms")),
    Unit("lb", "weight", 453.592, ("lb", "lbs"), ("pound weight", "lbs")),
    Unit("oz", "weight", 28.3495, ("oz",), ("ounce", "ounces")),
    Unit("ml", "volume", 1.0, ("ml",), ("millilitre", "millilitres", "milliliter", "milliliters")),
    Unit("cl", "volume", 10.0, ("cl",), ("centilitre", "centilitres")),
    Unit("l", "volume", 1000.0, ("l", "ltr"), ("litre", "litres", "liter", "liters")),
    Unit("W", "power", 1.0, ("w",), ("watt", "watts")),
    Unit("kW", "power", 1000.0, ("kw",), ("kilowatt", "kilowatts")),
    Unit("VA", "apparent power", 1.0, ("va",), ("volt-ampere",)),
    Unit("V", "voltage", 1.0, ("v", "vac", "vdc"), ("volt", "volts")),
    Unit("A", "current", 1.0, ("a",), ("ampere", "amperes", "amps", "amp")),
    Unit("mAh", "charge", 1.0, ("mah",), ("milliampere hours", "milliamp hours")),
    Unit("MHz", "frequency", 1.0, ("mhz",), ("megahertz",)),
    Unit("GHz", "frequency", 1000.0, ("ghz",), ("gigahertz",)),
    Unit("Mbit/s", "data rate", 1.0, ("mbit/s", "mbps"), ("megabit per second",)),
    Unit("Gbit/s", "data rate", 1000.0, ("gbit/s", "gbps"), ("gigabit per second",)),
    Unit("MP", "resolution", 1.0, ("mp",), ("megapixel", "megapixels")),
    Unit("dpi", "density", 1.0, ("dpi",), ("dots per inch",)),
    Unit("ppm", "pace", 1.0, ("ppm",), ("pages per minute",)),
    Unit("rpm", "rotation", 1.0, ("rpm",), ("revolutions per minute",)),
    Unit("dB", "loudness", 1.0, ("db",), ("decibel", "decibels")),
    Unit("min", "time", 1.0, ("min", "mins"), ("minute", "minutes")),
    Unit("h", "time", 60.0, ("h", "hr", "hrs"), ("hour", "hours")),
    Unit("%", "share", 1.0, ("%",), ("percent", "per cent")),
)
"""Every unit the house knows. Sizes of data count in thousands, as sellers do."""

BY_NAME: dict[str, Unit] = {unit.name: unit for unit in UNITS}
_BY_SIGN: dict[str, Unit] = {
    sign: unit for unit in reversed(UNITS) for sign in (*unit.signs, *unit.words)
}


def unit_of(text: str) -> Unit | None:
    """The unit that a sign or word stands for, case folded, or None."""
    return _BY_SIGN.get(text.strip().casefold().rstrip("."))


def convert(value: float, source: str, target: str) -> float | None:
    """The value of one named unit in another, None where they measure different things."""
    a, b = BY_NAME.get(source), BY_NAME.get(target)
    if a is None or b is None or a.measure != b.measure:
        return None
    return value * a.factor / b.factor
