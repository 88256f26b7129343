package flagapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Keys stay with the origin that was configured, and follow one redirect there.
func TestRedirects(t *testing.T) {
	foreign := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { foreign++ }))
	t.Cleanup(other.Close)

	var arrived []string
	var status int
	var location, good string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived = append(arrived, fmt.Sprintf("%s %s %s %d", r.Method, r.URL.Path, r.Header.Get("Authorization"), len(body)))
		if r.URL.Path != "/there" {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
			return
		}
		io.WriteString(w, good)
	})
	here := c.cfg.Host
	for _, row := range []struct {
		location string
		followed bool
	}{
		{"/there", true},
		{here + "/there", true},
		{strings.Replace(here, "http:", "HTTP:", 1) + "/there#fragment", true},
		{other.URL + "/there", false},
		{strings.Replace(other.URL, "http:", "", 1) + "/there", false},
		{strings.Replace(here, "http:", "https:", 1) + "/there", false},
		{strings.Replace(here, "127.0.0.1", "localhost", 1) + "/there", false},
		{strings.Replace(here, "http://", "http://user:pass@", 1) + "/there", false},
		{"http://[::bad", false},
		{"file:///there", false},
	} {
		location = row.location
		for _, status = range []int{300, 301, 302, 303, 307, 308} {
			for call, do := range calls {
				arrived, good = nil, bodies[call]
				err := do(t.Context(), c)
				want := 1
				if row.followed && status != 300 && (call != "flags" || status >= 307) {
					want = 2
				}
				if len(arrived) != want || (err == nil) != (want == 2) {
					t.Errorf("%s, %d to %q: %d requests and %v, want %d", call, status, location, len(arrived), err, want)
				}
				if want == 2 && len(arrived) == 2 && strings.Fields(arrived[1])[0] != strings.Fields(arrived[0])[0] {
					t.Errorf("%s, %d: %q", call, status, arrived)
				}
			}
		}
	}
	if foreign != 0 {
		t.Errorf("%d requests left the origin", foreign)
	}
	location = "" // this place: one redirect and no more
	status = 307
	arrived = nil
	if err := calls["definitions"](t.Context(), c); err == nil || len(arrived) != 2 {
		t.Errorf("%d requests and %v, want 2", len(arrived), err)
	}
}
