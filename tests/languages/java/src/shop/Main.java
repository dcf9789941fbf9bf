package shop;

import java.math.BigDecimal;
import java.util.Map;

public final class Main {
    public static void main(String[] articles) {
        Cart cart = new Cart(Map.of("tea", new BigDecimal("4.20"), "cup", new BigDecimal("7.00")));
        for (String article : articles) {
            cart.add(article, 1);
        }
        System.out.println("total " + cart.total());
    }
}
