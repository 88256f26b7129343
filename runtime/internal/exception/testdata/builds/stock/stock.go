// Package stock is a module that the shop has from a folder beside its own.
package stock

// SoldOut is the error about an article that there is none of.
type SoldOut string

func (s SoldOut) Error() string { return string(s) + " is sold out" }

// Each calls f with each of the articles.
//
//go:noinline
func Each[T any](articles []T, f func(T)) {
	for _, a := range articles {
		f(a)
	}
}
