package shop;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.Ignore;
import org.junit.Test;

public class CartTest {
    private final Cart cart = new Cart(Map.of("tea", new BigDecimal("4.20"), "cup", new BigDecimal("7.00")));

    @Test
    public void addsUp() {
        assertEquals(new BigDecimal("15.40"), cart.add("tea", 2).add("cup", 1).total());
    }

    @Test
    public void isEmptyAtFirst() {
        assertEquals(BigDecimal.ZERO, cart.total());
    }

    @Test
    public void refusesWhatIsNotSold() {
        assertThrows(IllegalArgumentException.class, () -> cart.add("coffee", 1));
    }

    @Ignore("taxes are next")
    @Test
    public void addsTaxes() {}
}
