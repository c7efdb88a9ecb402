"""The budgets and least rates that plans are published for."""

# In the currency of the prices, where half of these are below 5,000 of it; ten times as much for each digit more.
BUDGETS = (500, 1_000, 2_500, 5_000, 10_000)
USUAL_PRICE = 5_000
SCALE_MAX = 10**8
# None, 2 % and 5 %: about the middle of large accounts, and of small ones.
MIN_RATES = (0.0, 0.02, 0.05)


def budgets_for(median_price: float) -> tuple[int, ...]:
    """Five budgets on the scale of a currency: 500 to 10,000 dollars, 50,000 to 1,000,000 yen."""
    scale = 1
    while median_price >= USUAL_PRICE * scale and scale < SCALE_MAX:
        scale *= 10
    return tuple(budget * scale for budget in BUDGETS)
