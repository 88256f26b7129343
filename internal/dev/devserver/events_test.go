package devserver

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/dev"
)

// seqs are those of the rows in an answer.
func seqs(t *testing.T, body string) []uint64 {
	t.Helper()
	var doc struct{ Rows []dev.Row }
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	got := []uint64{}
	for _, row := range doc.Rows {
		got = append(got, row.Seq)
	}
	return got
}

func TestEvents(t *testing.T) {
	r := newRig(t)
	r.capture(signedUp, invalid, unknown)
	r.capture(`{"event":"left","distinct_id":"u&1 <é>","properties":{}}`)
	tests := []struct {
		query string
		want  []uint64
	}{
		{"", []uint64{1, 2, 3, 4}},
		{"?", []uint64{1, 2, 3, 4}},
		{"?event=signed_up", []uint64{1, 2}},
		{"?event=signed_up&verdict=invalid", []uint64{2}},
		{"?verdict=unplanned", []uint64{3}},
		{"?verdict=ok&person=u1", []uint64{1}},
		{"?person=u%261+%3C%C3%A9%3E", []uint64{4}},
		{"?text=PRO", []uint64{1, 2, 3, 4}}, // in "properties"
		{"?text=%22PRO%22", []uint64{1, 3}},
		{"?since=2", []uint64{3, 4}},
		{"?before=2", []uint64{1}},
		{"?since=1&before=4&limit=1", []uint64{3}},
		{"?limit=5000", []uint64{1, 2, 3, 4}},
		{"?since=9007199254740991", []uint64{}},
		{"?event=&verdict=&person=&text=&since=&before=&limit=", []uint64{1, 2, 3, 4}},
		{"?event=nothing", []uint64{}},
	}
	for _, test := range tests {
		body := r.get("/api/events" + test.query)
		if diff := cmp.Diff(seqs(t, body), test.want); diff != "" {
			t.Errorf("%s: got - want +\n%s", test.query, diff)
		}
		lines := strings.Count(r.get("/api/export"+test.query), "\n")
		if lines != len(test.want) {
			t.Errorf("export%s: got %d lines, want %d", test.query, lines, len(test.want))
		}
	}
}

func TestBadQueries(t *testing.T) {
	r := newRig(t)
	const filters = "known here: event, verdict, person, text, since, before, limit"
	tests := []struct{ url, want string }{
		{"/api/events?limt=1", `query parameter "limt" is unknown; ` + filters},
		{"/api/events?n=1", `query parameter "n" is unknown; ` + filters},
		{"/api/events?" + strings.Repeat("x", 100), `query parameter "` + strings.Repeat("x", 50) + `" is unknown; ` + filters},
		{"/api/events?event=a&event=b", `query parameter "event" is given twice; give it once`},
		{"/api/events?limit=0", `query parameter "limit" is "0"; it must be a whole number from 1 to 5000`},
		{"/api/events?limit=5001", `query parameter "limit" is "5001"; it must be a whole number from 1 to 5000`},
		{"/api/events?limit=1e3", `query parameter "limit" is "1e3"; it must be a whole number from 1 to 5000`},
		{"/api/events?since=-1", `query parameter "since" is "-1"; it must be a whole number from 0 to 9007199254740991`},
		{"/api/events?since=18446744073709551616", `query parameter "since" is "18446744073709551616"; it must be a whole number from 0 to 9007199254740991`},
		{"/api/events?before=now", `query parameter "before" is "now"; it must be a whole number from 0 to 9007199254740991`},
		{"/api/events?since=x&limit=x", `query parameter "since" is "x"; it must be a whole number from 0 to 9007199254740991`},
		{"/api/events?verdict=bad", `query parameter "verdict" is "bad"; it must be ok, unplanned or invalid`},
		{"/api/events?event=%zz", `the query cannot be read (invalid URL escape "%zz"); escape its values as URLs do`},
		{"/api/events?a;b", `the query cannot be read (invalid semicolon separator in query); escape its values as URLs do`},
		{"/api/export?limit=x", `query parameter "limit" is "x"; it must be a whole number from 1 to 5000`},
		{"/api/requests?limit=1001", `query parameter "limit" is "1001"; it must be a whole number from 1 to 1000`},
		{"/api/requests?event=a", `query parameter "event" is unknown; known here: since, limit`},
		{"/api/summary?x=1", `query parameter "x" is unknown; there are none here`},
		{"/api/stream?since=1", `query parameter "since" is unknown; there are none here`},
		{"/api/wait?n=0", `query parameter "n" is "0"; it must be a whole number from 1 to 5000`},
		{"/api/wait?timeout=61s", `query parameter "timeout" is "61s"; it must be a duration such as 2s, of at most 1m0s`},
		{"/api/wait?timeout=-1s", `query parameter "timeout" is "-1s"; it must be a duration such as 2s, of at most 1m0s`},
		{"/api/wait?timeout=2", `query parameter "timeout" is "2"; it must be a duration such as 2s, of at most 1m0s`},
		{"/api/wait?limit=2", `query parameter "limit" is unknown; known here: event, verdict, person, text, since, n, timeout`},
		{"/api/events/one", `event "one" is no number; use the seq of a row of /api/events`},
		{"/api/events/-1", `event "-1" is no number; use the seq of a row of /api/events`},
	}
	for _, test := range tests {
		w := r.do("GET", test.url, "")
		if got, want := w.Body.String(), errorOf(test.want); w.Code != 400 || got != want {
			t.Errorf("%s:\ngot  %d %s\nwant 400 %s", test.url, w.Code, got, want)
		}
	}
}

func TestNotFound(t *testing.T) {
	r := newRig(t)
	r.capture(signedUp)
	tests := []struct{ url, want string }{
		{"/api/events/0", `event 0 is not kept: it made room for newer ones, was forgotten by a reset, or never came; /api/events has those that are`},
		{"/api/events/18446744073709551615", `event 18446744073709551615 is not kept: it made room for newer ones, was forgotten by a reset, or never came; /api/events has those that are`},
		{"/api/traces/a%2Fb/c", `no event that is kept belongs to trace "a/b/c"; /api/traces has those that there are`},
		{"/_dev/page.exe", `the page has no file "page.exe"; its own are in its HTML`},
	}
	for _, test := range tests {
		w := r.do("GET", test.url, "")
		if got, want := w.Body.String(), errorOf(test.want); w.Code != 404 || got != want {
			t.Errorf("%s:\ngot  %d %s\nwant 404 %s", test.url, w.Code, got, want)
		}
	}
}

// Nothing that was sent becomes markup or a header.
func TestHostileEvent(t *testing.T) {
	r := newRig(t)
	r.capture(`{"event":"<script>alert(1)</script>\r\nX: y","distinct_id":"</script>\u2028","properties":{"<b>":"]]>"}}`)
	for _, url := range []string{"/api/events", "/api/events/1", "/api/summary", "/api/requests"} {
		if got := r.get(url); strings.ContainsAny(got, "<>\u2028") {
			t.Errorf("%s: got %s", url, got)
		}
	}
	if got, want := r.get("/api/export"), `{"event":"<script>alert(1)</script>\r\nX: y","distinct_id":"</script>\u2028","properties":{"<b>":"]]>"}}`+"\n"; got != want {
		t.Errorf("export:\ngot  %s\nwant %s", got, want)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		tests := []struct {
			query  string
			status int
			want   []uint64
			after  time.Duration
		}{
			{"?event=signed_up", 200, []uint64{1}, time.Second},
			{"?event=signed_up", 200, []uint64{1, 3}, 0}, // those that are kept count
			{"?event=signed_up&since=3", 408, []uint64{}, 2 * time.Second},
			{"?verdict=unplanned&n=2&timeout=10ms", 408, []uint64{2}, 10 * time.Millisecond},
			{"?n=3&timeout=1m", 200, []uint64{1, 2, 3}, 0},
			{"?n=4&timeout=1m", 408, []uint64{1, 2, 3}, time.Minute},
			{"?n=4&timeout=0s", 408, []uint64{1, 2, 3}, 0},
		}
		go func() {
			time.Sleep(time.Second)
			r.capture(signedUp)
		}()
		for i, test := range tests {
			start := time.Now()
			w := r.do("GET", "/api/wait"+test.query, "")
			if w.Code != test.status || time.Since(start) != test.after {
				t.Errorf("%s: got %d after %s, want %d after %s", test.query, w.Code, time.Since(start), test.status, test.after)
			}
			if diff := cmp.Diff(seqs(t, w.Body.String()), test.want); diff != "" {
				t.Errorf("%s: got - want +\n%s", test.query, diff)
			}
			if i == 0 {
				r.capture(unknown, invalid)
			}
		}
		w := r.do("GET", "/api/wait?n=5000&timeout=1ms&verdict=invalid&since=3", "")
		want := `{"error":"0 of 5000 events came within 1ms; ask /api/events what came instead, or give a longer timeout (at most 1m0s)","rows":[]}` + "\n"
		if got := w.Body.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A long poll ends with its reader, and with the server.
func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Time, 1)
		r := newRig(t)
		start := time.Now()
		conn := r.listen().dial()
		serve := r.mux
		r.mux = http.NewServeMux()
		r.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
			serve.ServeHTTP(w, req)
			ended <- time.Now()
		})
		if _, err := io.WriteString(conn, "GET /api/wait?timeout=1m HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		conn.Close()
		if got := (<-ended).Sub(start); got != 3*time.Second {
			t.Errorf("its reader left: ended after %s, want 3s", got)
		}
		time.AfterFunc(time.Second, r.Close)
		r.mux = serve
		w := r.do("GET", "/api/wait?timeout=1m", "")
		if got, want := w.Body.String(), errorOf("phgen dev is stopping; start it again"); w.Code != 503 || got != want {
			t.Errorf("closed:\ngot  %d %s\nwant 503 %s", w.Code, got, want)
		}
		if got := time.Since(start); got != 4*time.Second {
			t.Errorf("closed: ended after %s, want 4s", got)
		}
	})
}

func TestReset(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Fault = "latency=1ms" })
	r.capture(signedUp, `{"event":"$feature_flag_called","distinct_id":"u1","properties":{"$feature_flag":"search","$feature_flag_response":"old"}}`)
	r.do("PUT", "/api/flags/search", `{"value":"new"}`, bearer)
	run := r.config.Store.Summary().Run
	w := r.do("POST", "/api/reset", "", bearer)
	var doc runDoc
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != 200 || doc.Run == run || doc.Run == "" {
		t.Fatalf("got %d %s (%v), want another run than %s", w.Code, w.Body, err, run)
	}
	sum := r.config.Store.Summary()
	if sum.Run != doc.Run || sum.Last != 0 || sum.Requests != 0 || sum.Counts != (dev.Counts{}) {
		t.Errorf("got %+v", sum)
	}
	if got := r.config.Store.Coverage().Total.Covered; got != 0 {
		t.Errorf("got %d parts covered, want 0", got)
	}
	for _, row := range r.config.Flags.Rows() {
		if row.Everyone != nil || row.Called != 0 {
			t.Errorf("got flag %+v", row)
		}
	}
	if got, want := r.get("/api/fault"), `{"spec":"latency=1ms","active":[{"text":"latency=1ms"}]}`+"\n"; got != want {
		t.Errorf("got fault %s, want %s", got, want)
	}
}
