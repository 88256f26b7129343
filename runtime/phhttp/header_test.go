package phhttp

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/stranger"
)

func TestClean(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"u_1", "u_1"},
		{"a b", "a b"},
		{"  a b  ", "a b"},
		{"\t\r\n", ""},
		{"\x00u\x1f_\x7f1\u0085\u009f", "u_1"},
		{"a\r\nX-Admin: 1", "aX-Admin: 1"},
		{"\u00a0zoë\u2003", "zoë"}, // spaces beyond ASCII
		{"\xff\x80", "\ufffd\ufffd"},
		{"名前", "名前"},
		{strings.Repeat("x", 1000), strings.Repeat("x", 1000)},
		{strings.Repeat("x", 1001), strings.Repeat("x", 1000)},
		{strings.Repeat("é", 1001), strings.Repeat("é", 1000)},
		{strings.Repeat("\x01", 1<<20) + "u_1", "u_1"},
		{" " + strings.Repeat("x", 1<<20), strings.Repeat("x", 1000)},
		{strings.Repeat("x", 999) + " y", strings.Repeat("x", 999)},
	} {
		if got := stranger.Clean(test.in); got != test.want {
			t.Errorf("Clean(%s) = %s, want %s", short(test.in), short(got), short(test.want))
		}
	}
}

// short quotes s for a message.
func short(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, s), "?")
}

func TestFirst(t *testing.T) {
	for _, test := range []struct {
		in   []string
		want string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"a", "b"}, "a"},
		{[]string{"\x00 ", "b", "c"}, "b"},
	} {
		if got := stranger.First(test.in); got != test.want {
			t.Errorf("First(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// Whatever a client sends, what its scope has of it is clean and bounded.
func FuzzHeaders(f *testing.F) {
	f.Add("u_1", "u_2", "Browser/1.0", "example.com", false)
	f.Add("", "\x00\x1f\x7f\u0085", " \r\n", "a\x00b", true)
	f.Add(strings.Repeat("x", 5000), strings.Repeat("\u0085", 5000), "\xff\xfe", "", true)
	f.Add("a\nb", "{\"$set\":1}", "\u2028", "evil/../?#", false)
	f.Fuzz(func(t *testing.T, one, other, agent, host string, big bool) {
		if big {
			other = strings.Repeat(other, 1<<20/(len(other)+1))
		}
		r := get("/a")
		r.Host = host
		r.Header[headerUser] = []string{one, other}
		r.Header[headerSession] = []string{other, one}
		r.Header[headerWindow] = []string{other}
		r.Header["User-Agent"] = []string{agent, one}
		x := &exchange{config: new(config)}
		x.read(r)
		id := ph.IdentityOf(x.request.Context())
		if n := utf8.RuneCountInString(id.DistinctID); n > 200 {
			t.Errorf("distinct ID has %d characters", n)
		}
		checkClean(t, "session ID", id.SessionID)
		checkClean(t, "window ID", id.WindowID)
		if want := stranger.Clean(one) != "" || stranger.Clean(other) != ""; id.Known != want {
			t.Errorf("headers %q and %q: a user is known: %t, want %t", one, other, id.Known, want)
		}
		if id.Known {
			checkClean(t, "distinct ID", strings.TrimSpace(id.DistinctID)) // cut once more, maybe behind a space
		}
		for key, v := range x.props() {
			s, ok := v.(string)
			if !ok || s == "" {
				t.Errorf("%s is %#v, want some text", key, v)
			}
			checkClean(t, key, s)
		}
	})
}

func checkClean(t *testing.T, what, s string) {
	t.Helper()
	if n := utf8.RuneCountInString(s); n > stranger.MaxText {
		t.Errorf("%s has %d characters, want at most %d", what, n, stranger.MaxText)
	}
	if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
		t.Errorf("%s has a control character at %d", what, i)
	}
	if s != strings.TrimSpace(s) {
		t.Errorf("%s has space around it", what)
	}
	if !utf8.ValidString(s) {
		t.Errorf("%s is no UTF-8", what)
	}
}
