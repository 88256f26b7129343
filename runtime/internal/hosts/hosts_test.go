package hosts

import "testing"

func TestHas(t *testing.T) {
	s := NewSet("api.example.com", " Other.example.com:8443 ", "*.internal", "*.", "10.0.0.1", "::1", "")
	for host, want := range map[string]bool{
		"api.example.com":        true,
		"API.Example.com":        true,
		"api.example.com:443":    true,
		"api.example.com.":       false,
		"example.com":            false,
		"x.api.example.com":      false,
		"other.example.com":      false,
		"other.example.com:80":   false,
		"OTHER.example.com:8443": true,
		"orders.internal":        true,
		"a.b.internal:1":         true,
		"internal":               false,
		".internal":              false,
		"orders.internal.evil":   false,
		"evilinternal":           false,
		"10.0.0.1":               true,
		"10.0.0.1:80":            true,
		"10.0.0.2":               false,
		"[::1]":                  true,
		"[::1]:80":               true,
		"":                       false,
		":80":                    false,
	} {
		if got := s.Has(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
	if (Set{}).Has("api.example.com") {
		t.Error("the zero set has a host")
	}
}

// An address whose text ends as a domain does is not below it.
func TestHasNoAddressBelowDomain(t *testing.T) {
	if NewSet("*.0.1").Has("10.0.0.1") {
		t.Error("an address is below a domain")
	}
}
