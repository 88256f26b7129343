package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/recording"
)

func TestValidate(t *testing.T) {
	err := small(uuid.Nil, "", 9).WithMembers(5000).Validate()
	want := `ph: event "project_created": property "project_id" breaks unset
ph: event "project_created": property "name" breaks min_length
ph: event "project_created": property "source" breaks enum
ph: event "project_created": property "members" breaks max`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	var v Violation
	if !errors.Is(err, ErrInvalid) || !errors.As(err, &v) || v != (Violation{"project_created", "project_id", "unset"}) {
		t.Errorf("errors.As: got %+v", v)
	}
	if err := small(projectID, "Acme", 1).Validate(); err != nil {
		t.Errorf("valid event: %v", err)
	}
	if err := Validate(nil); err != nil {
		t.Errorf("nil event: %v", err)
	}
}

// TryCapture says which rules refused the event.
func TestRefusalNamesTheRule(t *testing.T) {
	r := newRig(t)
	e := event(Prop{Key: `q\"`, OnInvalid: DropEvent}, float(nan))
	_, err := e.TryCapture(r.ctx())
	if want := `ph: event "e": property "q\"" breaks float`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEqual(t *testing.T) {
	extra := func(x Extra) probe {
		return probe{&extraSpec, func(w *Writer, p []Prop) { w.Int(&p[0], 1); w.Extra(x) }}
	}
	a := small(projectID, "a", 1)
	hashed := event(Prop{Key: "k", PII: PIIHash}, text("x"))
	for _, tt := range []struct {
		name string
		a, b Event
		want bool
	}{
		{"same", a, small(projectID, "a", 1), true},
		{"other name", a, small(projectID, "b", 1), false},
		{"unset and zero", a, a.WithMembers(0), false},
		{"null and unset", a, a.WithReferrerNull(), false},
		{"null and empty", a.WithReferrer(""), a.WithReferrerNull(), false},
		{"unset ids", small(uuid.Nil, "a", 0), small(uuid.Nil, "a", 0), true},
		{"other event", a, hashed, false},
		{"before pii", hashed, probe{hashed.spec, func(w *Writer, p []Prop) { w.String(&p[0], "y") }}, false},
		{"extras", extra(Extra{}.With("$groups", 1).With("b", nan)), extra(Extra{}.With("$groups", 1).With("b", nan)), true},
		{"other extras", extra(Extra{}.With("b", 1)), extra(Extra{}.With("b", 2)), false},
		{"nil and nil", nil, nil, true},
		{"nil and one", nil, a, false},
	} {
		if got := Equal(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		if got := Equal(tt.b, tt.a); got != tt.want {
			t.Errorf("%s, turned round: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// What a feature of package ai says is encoded once, for the events of a client.
func TestMembers(t *testing.T) {
	r := newRig(t)
	e := probe{&EventSpec{Name: "f", Props: []Prop{
		{Key: "a", Text: &TextRule{MaxLength: 2}, OnInvalid: Truncate}, {Key: "b", PII: PIIHash, PIIKind: "email"}, {Key: "c", PII: PIIDrop},
		{Key: "d", Ints: &IntRule{Max: 1}, OnInvalid: DropEvent}, {Key: "e", Ints: &IntRule{Max: 1}},
	}}, func(w *Writer, p []Prop) {
		w.String(&p[0], "abc")
		w.String(&p[1], "ada@example.com")
		w.String(&p[2], "secret")
		w.Int(&p[3], 2)
		w.Int(&p[4], 2)
	}}
	hash := `"b":"` + strings.Repeat("x", 32) + `"`
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want string
	}{
		{"a client with a key", r.ctx(), `"a":"ab",` + hash + `,"e":2`},
		{"a client without", With(t.Context(), UseClient(newRig(t, func(c *Config) { c.PIIKey = nil }).c)), `"a":"ab","e":2`},
		{"nobody's client", t.Context(), `"a":"ab","e":2`},
		{"no context", nil, `"a":"ab","e":2`},
	} {
		got := regexp.MustCompile(`[0-9a-f]{32}`).ReplaceAllString(string(Members(tt.ctx, e)), strings.Repeat("x", 32))
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := Members(r.ctx(), empty); len(got) != 0 {
		t.Errorf("got %s of nothing", got)
	}
	if got := r.c.Stats().Violations; got != 2 {
		t.Errorf("%d violations, want 2", got)
	}
}

var extraSpec = EventSpec{Name: "e", Extra: true, Props: []Prop{{Key: "a"}}}

// A recorder sees events and the values that break rules, and stops sampling.
func TestRecorder(t *testing.T) {
	r := newRig(t)
	var got []string
	recording.Attach(r.c, &recording.Recorder{
		NoSampling: true,
		Violation: func(event, path, rule, value string) {
			got = append(got, fmt.Sprint(event, " ", path, " ", rule, " ", value))
		},
		Event: func(name, distinctID string, uuid [16]byte, json []byte) {
			got = append(got, fmt.Sprint(name, " ", distinctID, " ", headless(string(json))))
		},
	})
	e := probe{&EventSpec{Name: "e", Twin: "f", Sampling: &Sampling{}, Props: []Prop{
		{Key: "a", Ints: &IntRule{Max: 1}}, {Key: "b", Items: &ItemRule{Max: 1}},
	}}, func(w *Writer, p []Prop) {
		w.Int(&p[0], 7)
		w.Strings(&p[1], &Prop{}, []string{"x", "y"})
	}}
	if _, err := e.TryCapture(r.ctx()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`e u_1 {"event":"e","distinct_id":"u_1",H"properties":{"a":7,"b":["x","y"],"$lib":"test"}}`,
		`f u_1 {"event":"f","distinct_id":"u_1",H"properties":{"a":7,"b":["x","y"],"$lib":"test"}}`,
		"e a max 7",
		"e b max_items 2 items",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("recorded (-got +want):\n%s", diff)
	}
}

// A warning is logged once a minute for each event, property and rule.
func TestWarningsAreSeldom(t *testing.T) {
	var log warningLog
	now := time.Unix(1e9, 0)
	var got []bool
	for _, after := range []time.Duration{0, time.Second, 59 * time.Second, time.Minute, 61 * time.Second} {
		got = append(got, log.due(warning{event: "e"}, now.Add(after), warnEvery))
	}
	if want := []bool{true, false, false, true, false}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// However many names there are, few warnings are remembered and few are logged.
func TestWarningsAreBounded(t *testing.T) {
	var log warningLog
	now := time.Unix(1e9, 0)
	logged := 0
	log.due(warning{rule: "once"}, now, forever)
	for i := range 3 * maxWarnings {
		if log.due(warning{event: fmt.Sprint(i)}, now, warnEvery) {
			logged++
		}
	}
	if logged >= maxWarnings || len(log.until) > maxWarnings {
		t.Errorf("%d lines in a minute and %d remembered, want at most %d", logged, len(log.until), maxWarnings)
	}
	now = now.Add(2 * time.Minute)
	if !log.due(warning{event: "later"}, now, warnEvery) {
		t.Error("nothing is logged any more")
	}
	if log.due(warning{rule: "once"}, now, forever) {
		t.Error("a warning that comes once came twice")
	}
}

// Names that come from outside are cut before anybody keeps or logs them.
func TestLongNamesAreCut(t *testing.T) {
	var out strings.Builder
	r := newRig(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
	long := strings.Repeat("ä", 5000)
	m := map[string]float64{long: nan}
	e := event(Prop{Key: "k"}, func(w *Writer, p *Prop) {
		for _, k := range Map(w, p, m) {
			w.MapKey(k)
			w.Float(&Prop{}, m[k])
		}
		w.EndMap()
	})
	if _, err := e.TryCapture(r.ctx(Group(long, "")), InGroup(long, "")); err != nil {
		t.Fatal(err)
	}
	Capture(r.ctx(), "f", Props{long: nan, "a": Props{long: nan}})
	for _, text := range r.broken() {
		if len(text) > 1000 {
			t.Errorf("a violation's property has %d bytes", len(text))
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 5 {
		t.Errorf("%d lines, want 5:\n%s", n, &out)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 1500 {
			t.Errorf("a line of the log has %d bytes", len(line))
		}
	}
}

// One event value serves many goroutines.
func TestConcurrentCapture(t *testing.T) {
	r := newRig(t)
	e := bigOrder()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ctx := r.ctx(Tag("a", 1), InGroup("organization", "o"))
			for range 100 {
				e.Capture(ctx)
				small(projectID, "x", 1).Capture(ctx, As("y"))
				Capture(ctx, "z", Props{"a": 1})
			}
		})
	}
	wg.Wait()
	got := r.sent()
	if len(got) != 2400 {
		t.Errorf("%d events, want 2400", len(got))
	}
	seen := make(map[string]bool)
	for _, text := range got {
		if seen[stampText.FindString(text)] {
			t.Errorf("%s twice", stampText.FindString(text))
		}
		seen[stampText.FindString(text)] = true
	}
}

// Capture can not say why an event was refused, so the log does: seldom, and without
// the event's values.
func TestRefusalsAreLogged(t *testing.T) {
	var out bytes.Buffer
	r := newRig(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		c.QueueSize = 2
	})
	Identify(r.anybody(), Props{"secret": "canary"}, nil)
	Identify(r.anybody(), Props{"secret": "canary"}, nil)
	r.fill(2)
	for range 100 {
		Capture(r.ctx(), "a", Props{"secret": "canary"})
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = r.c.Close(ended) // the queue is full for good, and the log is complete then
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{
		`level=WARN msg="event is refused" event=$identify reason=invalid error="ph: event is invalid: no user to update: neither the scope nor As names one" refused=1`,
		`level=WARN msg="events are refused while the queue is full" event="" reason=queue_full error="ph: queue is full" refused=1`,
	}
	if len(lines) < 2 || lines[0] != want[0] || lines[1] != want[1] {
		t.Errorf("got\n%s\nwant first\n%s", out.String(), strings.Join(want, "\n"))
	}
	if n := strings.Count(out.String(), "refused"); n != strings.Count(strings.Join(want, " "), "refused") {
		t.Errorf("refusals are told %d times", n)
	}
	if strings.Contains(out.String(), "canary") {
		t.Error("a value was logged")
	}
}
