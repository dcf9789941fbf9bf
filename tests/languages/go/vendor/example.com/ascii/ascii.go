// Package ascii knows letters.
package ascii

// Upper is s in capital letters.
func Upper(s string) string {
	letters := []byte(s)
	for i, c := range letters {
		if 'a' <= c && c <= 'z' {
			letters[i] = c - 'a' + 'A'
		}
	}
	return string(letters)
}
