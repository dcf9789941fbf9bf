package numeral

import (
	"fmt"
	"testing"
)

func TestBothWays(t *testing.T) {
	for n, text := range map[int]string{1: "I", 4: "IV", 1994: "MCMXCIV", 3999: "MMMCMXCIX"} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if found, err := Format(n); err != nil || found != text {
				t.Errorf("Format(%d) = %q, %v; want %q", n, found, err, text)
			}
			if found, err := Parse(text); err != nil || found != n {
				t.Errorf("Parse(%q) = %d, %v; want %d", text, found, err, n)
			}
		})
	}
}

func TestNoNumber(t *testing.T) {
	for _, text := range []string{"", "IIII", "ABC"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) found a number", text)
		}
	}
}
