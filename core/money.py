"""Prices in words."""

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


def amount(number: float, currency: str) -> str:
    """`$79`, `$79.50`, or `79.50 CHF` for currencies without a sign of their own."""
    digits = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{digits}" if sign is not None else f"{digits} {currency}"
