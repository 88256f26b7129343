package origin

import (
	"net/http"
	"net/url"
	"testing"
)

func TestRedirect(t *testing.T) {
	for _, c := range []struct{ from, location, want string }{
		{"https://ph.test/a/b", "/c", "https://ph.test/c"},
		{"https://ph.test/a/b", "../c?d=e#f", "https://ph.test/c?d=e"},
		{"https://ph.test/a", "", "https://ph.test/a"}, // an empty one means this place
		{"https://ph.test/a", "HTTPS://PH.test:443/b", "https://PH.test:443/b"},
		{"http://ph.test:80/a", "http://ph.test/b", "http://ph.test/b"},
		{"http://[::1]:80/a", "http://[::1]/b", "http://[::1]/b"},
		{"https://ph.test/a", "http://ph.test/b", ""},
		{"http://ph.test/a", "https://ph.test/b", ""},
		{"http://ph.test/a", "https://ph.test:80/b", ""},
		{"https://ph.test/a", "https://ph.test:8443/b", ""},
		{"https://ph.test/a", "//eu.ph.test/b", ""},
		{"https://ph.test/a", "https://ph.test.evil/b", ""},
		{"https://ph.test/a", "https://user:pass@ph.test/b", ""},
		{"https://ph.test/a", "https://ph.test@evil/b", ""},
		{"https://ph.test/a", "http://[::bad", ""},
		{"https://ph.test/a", "file:///etc/passwd", ""},
		{"https://ph.test/a", "mailto:a@b", ""},
	} {
		from, err := url.Parse(c.from)
		if err != nil {
			t.Fatal(err)
		}
		for status := 200; status < 400; status++ {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				got, want := "", ""
				switch status {
				case 301, 302, 303: // turn a POST into a GET
					if method == http.MethodGet {
						want = c.want
					}
				case 307, 308:
					want = c.want
				}
				if to := Redirect(method, from, status, http.Header{"Location": {c.location}}); to != nil {
					got = to.String()
				}
				if got != want {
					t.Errorf("%s %s, %d to %q: got %q, want %q", method, c.from, status, c.location, got, want)
				}
			}
		}
	}
}
