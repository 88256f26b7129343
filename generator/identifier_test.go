package generator

import (
	"go/ast"
	"go/token"
	"slices"
	"testing"

	"github.com/phgen/phgen/schema"
)

func TestIdentifier(t *testing.T) {
	n := newNames(&schema.Plan{Go: schema.GoOptions{Initialisms: []string{"SKU"}}})
	tests := []struct{ name, want string }{
		{"user_id", "UserID"},
		{"movie played", "MoviePlayed"},
		{"$pageview", "Pageview"},
		{"one-page", "OnePage"},
		{"APIKey", "APIKey"},
		{"apiKey", "APIKey"},
		{"last4", "Last4"},
		{"ids", "Ids"},
		{"sku", "SKU"},
		{"sku_list", "SKUList"},
		{"userID", "UserID"},
		{"utf8_text", "UTF8Text"},
		{"HTTPServer", "HTTPServer"}, // one word: no change from lower to upper
		{"a.b/c:d", "ABCD"},
		{"näme", "NMe"},
		{"2fa", "2fa"},
		{"日本", ""},
		{"---", ""},
	}
	for _, tt := range tests {
		if got := n.derive(tt.name); got != tt.want {
			t.Errorf("derive(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnexported(t *testing.T) {
	tests := []struct{ ident, want string }{
		{"ProjectID", "projectID"},
		{"ID", "id"},
		{"URLPath", "urlPath"},
		{"APIKey", "apiKey"},
		{"IDs", "ids"},
		{"Last4", "last4"},
		{"UTF8Text", "utf8Text"},
		{"A", "a"},
		{"AB1", "ab1"},
	}
	for _, tt := range tests {
		if got := unexported(tt.ident); got != tt.want {
			t.Errorf("unexported(%q) = %q, want %q", tt.ident, got, tt.want)
		}
	}
}

func TestUnexportedOf(t *testing.T) {
	n := newNames(&schema.Plan{})
	tests := []struct{ name, ident, want string }{
		{"a_uuid", "AUUID", "aUUID"},
		{"uuid_list", "UUIDList", "uuidList"},
		{"userID", "UserID", "userID"},
		{"APIKey", "APIKey", "apiKey"},
		{"id", "ID", "id"},
		{"$ip", "IP", "ip"},
		{"a_uuid", "AURL", "aurl"}, // by go.name
		{"日本", "Japan", "japan"},
	}
	for _, tt := range tests {
		if got := n.unexportedOf(tt.name, tt.ident); got != tt.want {
			t.Errorf("unexportedOf(%q, %q) = %q, want %q", tt.name, tt.ident, got, tt.want)
		}
	}
}

func TestCounted(t *testing.T) {
	tests := []struct{ n, units, want string }{
		{"1", "items", "1 item"},
		{"2", "items", "2 items"},
		{"1", "bytes of JSON", "1 byte of JSON"},
		{"9", "bytes of JSON", "9 bytes of JSON"},
		{"7", "", "7"},
	}
	for _, tt := range tests {
		if got := counted(tt.n, tt.units); got != tt.want {
			t.Errorf("counted(%q, %q) = %q, want %q", tt.n, tt.units, got, tt.want)
		}
	}
}

func TestScope(t *testing.T) {
	s := newScope("taken")
	tests := []struct{ name, want string }{
		{"name", "name"},
		{"name", "name_"},
		{"name", "name__"},
		{"taken", "taken_"},
		{"type", "type_"},
		{"len", "len_"},
		{"context", "context_"},
	}
	for _, tt := range tests {
		if got := s.claim(tt.name); got != tt.want {
			t.Errorf("claim(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A name becomes an exported identifier of ASCII letters and digits, or PH302.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"user_id", "2fa", "日本", "", "A B", "ÄÖ", "x\x00y", "\xff", "$", "id"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p := &schema.Plan{Events: []*schema.Event{{Name: name, Status: "active"}}}
		found := Check(p)
		if len(found) == 0 {
			id := newNames(p).of(p.Events[0])
			if !token.IsIdentifier(id) || !ast.IsExported(id) || slices.ContainsFunc([]byte(id), func(c byte) bool { return !isAlnum(c) }) {
				t.Errorf("%q becomes %q, which is no exported identifier", name, id)
			}
			if low := unexported(id); !isLower(low[0]) {
				t.Errorf("unexported(%q) = %q", id, low)
			}
			return
		}
		if len(found) != 1 || found[0].Code != "PH302" {
			t.Errorf("Check of an event %q finds %v, want PH302 or nothing", name, found)
		}
	})
}
