package main

import (
	"fmt"
	"os"

	"example.com/roman/numeral"
)

var version = "dev"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "roman", version, "wants one number")
		os.Exit(2)
	}
	n, err := numeral.Parse(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(n)
}
