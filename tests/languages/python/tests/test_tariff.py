from decimal import Decimal

import pytest

from tariff import TooHeavy, price


@pytest.mark.parametrize(
    "grams, zone, expected", [(1, "home", "3.90"), (500, "near", "7.80"), (501, "home", "5.49"), (9000, "far", "39.96")]
)
def test_price(grams, zone, expected):
    assert price(grams, zone) == Decimal(expected)


def test_too_heavy():
    with pytest.raises(TooHeavy, match="10001 g"):
        price(10001)


@pytest.mark.skip(reason="zones of islands come next year")
def test_islands():
    price(1, "islands")
