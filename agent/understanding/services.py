# ruff: noqa: E501
"""What shoppers ask of a shop that is no question about its things."""

from vitrine.agent.understanding.text import split_list, table

SERVICE = table(
    {
        "service": split_list(
            "return policy | returns | refund | refunds | return something | return it | return an item | send it back | "
            "send something back | exchange | ship to | shipping | do you ship | deliver | delivery | delivered | my order | "
            "order status | track | tracking | pay | payment | payment methods | paypal | credit card | credit cards | apple pay | "
            "klarna | instalments | installments | gift card | gift cards | gift wrap | gift wrapping | voucher | coupon | "
            "discount | discounts | promo code | discount code | student discount | opening hours | are you open | physical store | "
            "where are you located | your address | warranty | guarantee | customer service | contact you | phone number | "
            "email address | alterations | back in stock | restock | restocked | restocking | loyalty | newsletter | on sale | "
            "price match | price matching | match prices | sell gift | size guide | size chart | sizing work | sizing"
        )
    }
)
