package testclients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/devprocess"
)

// program is phgen.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "testclients")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }() // in the folder for what may be removed
			program, err = devprocess.Build(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// A server is a phgen dev with the plan of the examples.
type server struct {
	*testing.T
	*devprocess.Process
}

// start starts a server for a test.
func start(t *testing.T) server {
	t.Helper()
	dir := t.TempDir()
	plan := filepath.Join(dir, "tracking-plan.yaml")
	if err := os.WriteFile(plan, examples.Plan, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := devprocess.Start(program, dir, "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server{t, p}
}

// get reads JSON from the API.
func (s server) get(path string, v any) {
	s.Helper()
	s.call(http.MethodGet, path, nil, v)
}

func (s server) call(method, path string, body, v any) {
	s.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	req, err := http.NewRequest(method, s.URL+path, bytes.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		_ = json.NewDecoder(res.Body).Decode(&refusal) // the status says enough
		s.Fatalf("%s %s: %s: %s", method, path, res.Status, refusal.Error)
	}
	if err := json.NewDecoder(res.Body).Decode(v); err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
}

// setFlag sets a flag; an empty person is everyone.
func (s server) setFlag(key string, value any, person string) {
	s.Helper()
	var row dev.FlagRow
	s.call(http.MethodPut, "/api/flags/"+key, map[string]any{"value": value, "person": person}, &row)
}

// called returns the answers of the $feature_flag_called events of a flag.
func (s server) called(key string) map[string]int {
	s.Helper()
	var doc struct{ Flags []dev.FlagRow }
	s.get("/api/flags", &doc)
	for _, row := range doc.Flags {
		if row.Key == key {
			return row.Answers
		}
	}
	s.Fatalf("no flag %q in %+v", key, doc)
	return nil
}

// wait waits for n events of a name and returns all that is known of them.
func (s server) wait(event string, n int) []dev.Detail {
	s.Helper()
	q := url.Values{"event": {event}, "n": {fmt.Sprint(n)}, "timeout": {"10s"}}
	var page struct{ Rows []dev.Row }
	s.get("/api/wait?"+q.Encode(), &page)
	details := make([]dev.Detail, len(page.Rows))
	for i, row := range page.Rows {
		s.get(fmt.Sprintf("/api/events/%d", row.Seq), &details[i])
	}
	return details
}

// properties are those of an event, as sent.
func (s server) properties(d dev.Detail) map[string]any {
	s.Helper()
	var event struct{ Properties map[string]any }
	if err := json.Unmarshal(d.Raw, &event); err != nil {
		s.Fatal(err)
	}
	return event.Properties
}

// judged asserts that the one event of a name got a verdict, for those reasons.
func (s server) judged(event string, want dev.Verdict, reasons ...string) dev.Detail {
	s.Helper()
	all := s.wait(event, 1)
	if len(all) != 1 {
		s.Fatalf("got %d events %q, want 1", len(all), event)
	}
	var got []string
	for _, f := range all[0].All {
		got = append(got, f.Path+": "+f.Rule)
	}
	if all[0].Verdict != want || fmt.Sprint(got) != fmt.Sprint(reasons) {
		s.Errorf("%s: got %s for %q, want %s for %q", event, all[0].Verdict, got, want, reasons)
	}
	return all[0]
}

// healthy asserts that no request was refused, and returns them.
func (s server) healthy() []dev.RequestRow {
	s.Helper()
	var log struct{ Requests []dev.RequestRow }
	s.get("/api/requests", &log)
	for _, r := range log.Requests {
		if r.Status/100 != 2 && r.Status != http.StatusNotModified {
			s.Errorf("request %d, %s %s: got %d: %s", r.Seq, r.Method, r.Path, r.Status, r.Refusal)
		}
	}
	return log.Requests
}
