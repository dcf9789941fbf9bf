// Package numeral reads and writes the numbers of the Romans.
package numeral

import (
	"fmt"
	"strings"

	"example.com/ascii"
)

var signs = []struct {
	value int
	sign  string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// Format writes n, which is from 1 to 3999.
func Format(n int) (string, error) {
	if n < 1 || n > 3999 {
		return "", fmt.Errorf("the Romans had no %d", n)
	}
	var text strings.Builder
	for _, s := range signs {
		for n >= s.value {
			text.WriteString(s.sign)
			n -= s.value
		}
	}
	return text.String(), nil
}

// Parse reads what Format writes, in letters of any size.
func Parse(text string) (int, error) {
	rest, n := ascii.Upper(text), 0
	for _, s := range signs {
		for strings.HasPrefix(rest, s.sign) {
			rest = rest[len(s.sign):]
			n += s.value
		}
	}
	if again, err := Format(n); err != nil || again != ascii.Upper(text) {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}
