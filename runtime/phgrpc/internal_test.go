package phgrpc

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/metadata"

	"github.com/phgen/phgen/runtime/internal/hosts"
	"github.com/phgen/phgen/runtime/internal/stranger"
)

func TestTrusts(t *testing.T) {
	h := hosts.NewSet("orders.internal", "::1", "pay.internal:443", "*.cluster.local", "10.0.0.1", "")
	for target, want := range map[string]bool{
		"dns:///orders.internal:443":          true,
		"dns:///orders.internal":              true,
		"dns://8.8.8.8/ORDERS.internal:80":    true,
		"passthrough:///[::1]:50051":          true,
		"dns:///pay.internal:443":             true,
		"dns:///pay.internal:80":              false,
		"dns:///pay.internal":                 false,
		"xds:///a.cluster.local":              true,
		"dns:///cluster.local:80":             false,
		"dns:///evilcluster.local:80":         false,
		"dns:///orders.internal.evil.com:443": false,
		"dns://orders.internal/evil.com:443":  false,
		"passthrough:///10.0.0.1:80":          true,
		"unix:///run/orders.sock":             false,
		"dns:///":                             false,
		"dns:///:443":                         false,
		"":                                    false,
	} {
		if got := h.Has(hostOf(target)); got != want {
			t.Errorf("%q: got %t, want %t", target, got, want)
		}
	}
}

// Whatever a client sends, what is read is bounded text without control characters.
func FuzzTold(f *testing.F) {
	f.Add("ann", "\x00\r\n", "\xff\xfe")
	f.Add(" \u0085 ", "", "a\u200bb")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		got := told(metadata.NewIncomingContext(t.Context(), metadata.MD{metadataUser: {a, b}, metadataUser + binary: {c}}), metadataUser)
		if n := utf8.RuneCountInString(got); n > stranger.MaxText || !utf8.ValidString(got) {
			t.Errorf("%q is %d characters of valid UTF-8: %t", got, n, utf8.ValidString(got))
		}
		for _, r := range got {
			if unicode.IsControl(r) {
				t.Errorf("%q has the control character %q", got, r)
			}
		}
		if again := stranger.Clean(got); again != got {
			t.Errorf("%q cleaned again is %q", got, again)
		}
		if got == "" && (stranger.Clean(a) != "" || stranger.Clean(b) != "" || stranger.Clean(c) != "") {
			t.Errorf("nothing of %q, %q, %q", a, b, c)
		}
	})
}
