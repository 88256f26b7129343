package devserver

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A reader is one end of a stream.
type reader struct {
	t    *testing.T
	body io.ReadCloser
	in   *bufio.Reader
}

// open opens a stream. A last event ID may be named.
func open(t *testing.T, client *http.Client, lastEventID string) *reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/api/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("got %d, %s", response.StatusCode, got)
	}
	t.Cleanup(func() { response.Body.Close() })
	return &reader{t, response.Body, bufio.NewReader(response.Body)}
}

// next returns the lines up to the next empty one.
func (r *reader) next() (string, error) {
	var text strings.Builder
	for {
		line, err := r.in.ReadString('\n')
		if err != nil || line == "\n" {
			return text.String(), err
		}
		text.WriteString(line)
	}
}

// A sent is a message.
type sent struct {
	name, id string
	data     string
}

// message returns the next message that is no comment, which must come.
func (r *reader) message() sent {
	r.t.Helper()
	for {
		text, err := r.next()
		if err != nil {
			r.t.Fatalf("got %v after %q", err, text)
		}
		var m sent
		for line := range strings.Lines(text) {
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch field {
			case "event":
				m.name = value
			case "id":
				m.id = value
			case "data":
				m.data = value
			}
		}
		if m.name != "" {
			return m
		}
	}
}

// until returns the next message of that name.
func (r *reader) until(name string) sent {
	r.t.Helper()
	for {
		if m := r.message(); m.name == name {
			return m
		}
	}
}

// rows are those of a message.
func (m sent) rows(t *testing.T) rowsDoc {
	t.Helper()
	var doc rowsDoc
	if err := json.Unmarshal([]byte(m.data), &doc); err != nil || m.name != "rows" {
		t.Fatalf("%v in %+v", err, m)
	}
	return doc
}

// Each change is one message, at once if nothing was said lately.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Fault = "500:1h" })
		r.do("POST", "/batch/", `{"batch":[`+unknown+`]}`)
		synctest.Wait()
		time.Sleep(time.Second)
		stream := open(t, r.listen().client(t), "")
		run := r.config.Store.Summary().Run
		if got, err := stream.next(); got != "retry: 1000\n" || err != nil {
			t.Errorf("got %q (%v) first", got, err)
		}
		plan := `{"file":"plan.yaml","name":"acme","version":"1.2.0","events":["signed_up","left"],"revision":0}`
		got := []sent{stream.message()}
		want := []sent{{"hello", run + ":0", `{"run":"` + run + `","last":0,"plan":` + plan + `}`}}
		step := func(do func(), messages ...sent) {
			t.Helper()
			time.Sleep(time.Second)
			do()
			for range messages {
				got = append(got, stream.message())
			}
			want = append(want, messages...)
		}
		step(func() { r.do("GET", "/nowhere", "") }, sent{"requests", "", `{"last":2}`})
		step(func() { r.do("PUT", "/api/fault", `{"spec":"503:5s"}`, bearer) },
			sent{"fault", "", `{"spec":"503:5s","active":[{"text":"503","left_ms":5000}]}`})
		step(func() {}, sent{"fault", "", `{"spec":"503:5s","active":[]}`})
		step(func() { r.do("PUT", "/api/flags/search", `{"value":"new"}`, bearer) }, sent{"flags", "", `{}`})
		step(func() { r.config.Store.SetPlan(nil, "plan.yaml", errors.New("plan.yaml:1:1: PH101: no")) },
			sent{"plan", "", strings.TrimSuffix(plan, "}") + `,"error":"plan.yaml:1:1: PH101: no"}`})
		r.capture(invalid)
		sum, err := json.Marshal(r.config.Store.Summary())
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.TrimSuffix(r.get("/api/events"), `,"more":false,"last":1,"dropped":0}`+"\n")
		_, rows, _ = strings.Cut(rows, `"rows":`)
		step(func() {}, sent{"rows", run + ":1", `{"rows":` + rows + `,"skipped":0,"summary":` + string(sum) + `}`}, sent{"requests", "", `{"last":3}`})
		step(func() { r.config.Store.Reset() })
		got, want = append(got, stream.message()), append(want, sent{"reset", "", `{"run":"` + r.config.Store.Summary().Run + `"}`})
		r.capture(signedUp)
		last := stream.until("rows")
		got, want = append(got, sent{id: last.id}), append(want, sent{id: r.config.Store.Summary().Run + ":1"})
		if diff := cmp.Diff(got, want, cmp.AllowUnexported(sent{})); diff != "" {
			t.Errorf("got - want +\n%s", diff)
		}
	})
}

func TestStreamResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		run := r.config.Store.Summary().Run
		for range 5 {
			r.capture(strings.Split(strings.Repeat(signedUp+"\n", 100), "\n")[:100]...)
		}
		time.Sleep(time.Second)
		client := r.listen().client(t)
		tests := []struct {
			lastEventID string
			want        []string // name, id, and what there is of rows
		}{
			{"", []string{"hello " + run + ":500"}},
			{run + ":500", []string{"hello " + run + ":500"}},
			{run + ":499", []string{"hello " + run + ":499", "rows " + run + ":500 1+0"}},
			{run + ":300", []string{"hello " + run + ":300", "rows " + run + ":500 200+0"}},
			{run + ":0", []string{"hello " + run + ":0", "rows " + run + ":500 200+300"}},
			{"ANOTHER:5", []string{"hello " + run + ":500", "reset "}},
			{run + ":501", []string{"hello " + run + ":500", "reset "}},
			{run + ":-1", []string{"hello " + run + ":500", "reset "}},
			{run, []string{"hello " + run + ":500", "reset "}},
			{"18446744073709551616", []string{"hello " + run + ":500", "reset "}},
			{strings.Repeat("x", 10_000), []string{"hello " + run + ":500", "reset "}},
		}
		for _, test := range tests {
			stream := open(t, client, test.lastEventID)
			var got []string
			for range test.want {
				m := stream.message()
				text := m.name + " " + m.id
				if m.name == "rows" {
					doc := m.rows(t)
					text += " " + strconv.Itoa(len(doc.Rows)) + "+" + strconv.FormatUint(doc.Skipped, 10)
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("%.60s: got - want +\n%s", test.lastEventID, diff)
			}
			time.Sleep(time.Second)
			// And on it goes, from where it was.
			r.do("GET", "/nowhere", "")
			if m := stream.message(); m.name != "requests" {
				t.Errorf("%.60s: got %+v then, want requests", test.lastEventID, m)
			}
			stream.body.Close()
			time.Sleep(time.Second)
		}
	})
}

// A reader may leave and come back as often as it likes and misses nothing.
func TestStreamReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		client := r.listen().client(t)
		const total = 100
		go func() {
			for range total {
				time.Sleep(30 * time.Millisecond)
				r.capture(signedUp)
			}
		}()
		var got []uint64
		lastEventID := ""
		for len(got) < total {
			stream := open(t, client, lastEventID)
			for range 3 {
				m := stream.message()
				if m.id != "" {
					lastEventID = m.id
				}
				if m.name == "rows" {
					for _, row := range m.rows(t).Rows {
						got = append(got, row.Seq)
					}
				}
			}
			stream.body.Close()
			time.Sleep(70 * time.Millisecond)
		}
		for i, seq := range got {
			if seq != uint64(i)+1 {
				t.Fatalf("got %v", got)
			}
		}
	})
}

func TestStreamComments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := open(t, newRig(t).listen().client(t), "")
		stream.until("hello")
		start := time.Now()
		for i := range 3 {
			got, err := stream.next()
			if want := time.Duration(i+1) * 15 * time.Second; got != ":\n" || err != nil || time.Since(start) != want {
				t.Errorf("got %q (%v) after %s, want a comment after %s", got, err, time.Since(start), want)
			}
		}
	})
}

// Close returns when every stream has ended, even those that nobody reads.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		n := r.listen()
		conn := n.dial()
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		client := n.client(t)
		stream := open(t, client, "")
		stream.until("hello")
		start := time.Now()
		r.Close()
		r.Close()
		if got := time.Since(start); got != 0 {
			t.Errorf("Close took %s", got)
		}
		if text, err := stream.next(); err == nil {
			t.Errorf("got %q, want the end", text)
		}
		response, err := client.Get("http://localhost/api/stream")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := readAll(t, response.Body), errorOf("phgen dev is stopping; start it again"); response.StatusCode != 503 || got != want {
			t.Errorf("got  %d %s\nwant 503 %s", response.StatusCode, got, want)
		}
		if response, err := client.Post("http://localhost/batch/", "application/json", strings.NewReader(`{"batch":[`+signedUp+`]}`)); err == nil {
			t.Errorf("a late event: got %d %s", response.StatusCode, readAll(t, response.Body))
		}
	})
}
