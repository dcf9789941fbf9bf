package shop;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** What somebody is about to buy. */
public final class Cart {
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final Map<String, BigDecimal> prices;

    public Cart(Map<String, BigDecimal> prices) {
        this.prices = Map.copyOf(prices);
    }

    public Cart add(String article, int count) {
        if (!prices.containsKey(article)) {
            throw new IllegalArgumentException("there is no " + article);
        }
        counts.merge(article, count, Integer::sum);
        return this;
    }

    public BigDecimal total() {
        return counts.entrySet().stream()
            .map(entry -> prices.get(entry.getKey()).multiply(BigDecimal.valueOf(entry.getValue())))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
