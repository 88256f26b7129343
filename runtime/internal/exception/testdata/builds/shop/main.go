// Command shop prints the report of an error that it meets below calls of a module that was
// downloaded, of Go, and of a module in another folder.
package main

import (
	"fmt"
	"os"

	"example.com/shop/cart"
)

func main() {
	var c cart.Cart
	if err := c.Add("tea"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(c.Report)
}
