package phtest

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A spy is a test that notes how it fails.
type spy struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (s *spy) Helper()           {}
func (s *spy) Cleanup(f func())  { s.cleanups = append(s.cleanups, f) }
func (s *spy) Output() io.Writer { return io.Discard }

func (s *spy) Errorf(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

func (s *spy) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

// failures runs f as a test of its own and returns how it failed.
func failures(t *testing.T, f func(t testing.TB)) []string {
	t.Helper()
	s := &spy{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(s.cleanups) - 1; i >= 0; i-- {
				s.cleanups[i]()
			}
		}()
		f(s)
	}()
	<-done
	return s.failures
}

// movieEvent is what the generator makes of an event "movie played" with a title
// of at most 5 characters, an optional rating from 1 to 5, a group and a person.
type movieEvent struct {
	title  string
	tags   []string
	rating int64
	plan   string
	has    struct{ rating, plan bool }
}

var movieSpec = ph.EventSpec{Name: "movie played", Props: []ph.Prop{
	{Key: "title", Text: &ph.TextRule{MaxLength: 5}},
	{Key: "rating", Ints: &ph.IntRule{Min: 1, Max: 5}},
	{Key: "tags"},
	{},
	{Key: "plan"},
}}

// strictSpec is movieSpec of an event that is refused without its group.
var strictSpec = ph.EventSpec{Name: "movie bought", OnInvalid: ph.DropEvent, Groups: []string{"cinema"}, Props: movieSpec.Props}

func movie(title string) movieEvent { return movieEvent{title: title} }

func (e movieEvent) withRating(v int64) movieEvent {
	e.rating, e.has.rating = v, true
	return e
}

func (e movieEvent) withPlan(v string) movieEvent {
	e.plan, e.has.plan = v, true
	return e
}

func (e movieEvent) TryCapture(ctx context.Context, opts ...ph.Option) (uuid.UUID, error) {
	w := ph.Begin(ctx, &movieSpec, opts)
	e.PhgenVisit(w)
	return w.End()
}

func (e movieEvent) Validate() error { return ph.Validate(e) }

func (e movieEvent) PhgenVisit(w *ph.Writer) { e.visit(w, w.Props(&movieSpec)) }

func (e movieEvent) visit(w *ph.Writer, p []ph.Prop) {
	w.String(&p[0], e.title)
	if e.has.rating {
		w.Int(&p[1], e.rating)
	}
	if e.tags != nil {
		w.Strings(&p[2], &p[3], e.tags)
	}
	if e.has.plan {
		w.Set()
		w.String(&p[4], e.plan)
		w.EndObject()
	}
}

// boughtEvent is a movieEvent under strictSpec.
type boughtEvent struct{ movieEvent }

func (e boughtEvent) TryCapture(ctx context.Context, opts ...ph.Option) (uuid.UUID, error) {
	w := ph.Begin(ctx, &strictSpec, opts)
	e.PhgenVisit(w)
	return w.End()
}

func (e boughtEvent) Validate() error { return ph.Validate(e) }

func (e boughtEvent) PhgenVisit(w *ph.Writer) { e.visit(w, w.Props(&strictSpec)) }

func capturing(t testing.TB, ctx context.Context, events ...ph.Event) {
	t.Helper()
	for _, e := range events {
		if err := capture(ctx, e); err != nil {
			t.Errorf("capturing %T: %v", e, err)
		}
	}
}

func TestRecorder(t *testing.T) {
	got := failures(t, func(t testing.TB) {
		rec := New(t)
		rec.WantNone()
		id, err := movie("Alien").withRating(5).TryCapture(rec.Context(ph.User("u1"), ph.Tag("region", "eu")))
		if err != nil {
			t.Errorf("TryCapture: %v", err)
		}
		events := rec.Events()
		if len(events) != 1 {
			t.Fatalf("got %d events at once, want 1", len(events))
		}
		e := events[0]
		if e.Event() != "movie played" || e.DistinctID() != "u1" || e.UUID() != id || e.Timestamp().IsZero() {
			t.Errorf("got %s", e)
		}
		if v, ok := e.Value("rating"); !ok || v.Int() != 5 {
			t.Errorf("rating: got %v, %t", v, ok)
		}
		rec.Want(movie("Alien").withRating(5))
		rec.Reset()
		rec.WantNone()
	})
	if len(got) > 0 {
		t.Errorf("got failures:\n%s", strings.Join(got, "\n"))
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name string
		test func(t testing.TB)
		want []string
	}{
		{"violation", func(t testing.TB) {
			capturing(t, New(t).Context(), movie("Aliens").withRating(6))
		}, []string{
			`phtest: event "movie played": property "title" breaks max_length: got "Aliens"`,
			`phtest: event "movie played": property "rating" breaks max: got 6`,
		}},
		{"WantNone", func(t testing.TB) {
			rec := New(t)
			capturing(t, rec.Context(), movie("a"), movie("b"))
			rec.WantNone()
		}, []string{`phtest: got "movie played" (2 times), want no event`}},
		{"Want without events", func(t testing.TB) {
			New(t).Want(movie("a"))
		}, []string{`phtest: got no events, want "movie played"`}},
		{"Want with others only", func(t testing.TB) {
			rec := New(t)
			ph.Capture(rec.Context(), "film played", nil)
			rec.Want(movie("a"))
		}, []string{`phtest: got "film played", want "movie played"`}},
		{"Want near", func(t testing.TB) {
			rec := New(t)
			capturing(t, rec.Context(ph.Tag("region", "eu")),
				movie("c").withRating(1).withPlan("pro"),
				movieEvent{title: "a", tags: []string{"x", "y"}}.withRating(1))
			rec.Want(movieEvent{title: "a", tags: []string{"x", "z"}}.withPlan("free"))
		}, []string{"phtest: none of 2 events \"movie played\" is the wanted one; the nearest differs:\n" +
			"\t$set: not sent, want {\"plan\":\"free\"}\n" +
			"\trating: got 1, want it not sent\n" +
			"\ttags[1]: got \"y\", want \"z\""}},
		{"Want of a nested difference", func(t testing.TB) {
			rec := New(t)
			capturing(t, rec.Context(), movie("a").withPlan("pro"))
			rec.Want(movie("a").withPlan("free"))
		}, []string{"phtest: none of 1 events \"movie played\" is the wanted one; the nearest differs:\n" +
			"\t$set.plan: got \"pro\", want \"free\""}},
		{"One of none", func(t testing.TB) {
			Find(New(t), "movie played", Record.Event).One()
		}, []string{`phtest: got 0 events "movie played", want one; besides them: no events`}},
		{"One of two", func(t testing.TB) {
			rec := New(t)
			capturing(t, rec.Context(), movie("a"), movie("a"))
			ph.Capture(rec.Context(), "film played", nil)
			Find(rec, "movie played", Record.Event).One()
		}, []string{`phtest: got 2 events "movie played", want one; besides them: "film played"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, failures(t, tt.test)); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

// Groups, tags and library keys belong to the scope, not to the wanted event.
func TestWantIgnoresTheScope(t *testing.T) {
	rec := New(t)
	ctx := rec.Context(ph.User("u"), ph.Group("cinema", "c1"), ph.Tag("rating", 9), ph.Session("s"))
	capturing(t, ctx, movie("a"), boughtEvent{movie("b")})
	rec.Want(movie("a"))
	rec.Want(boughtEvent{movie("b")})
}

func TestWantOfARefusedEvent(t *testing.T) {
	got := failures(t, func(t testing.TB) {
		New(t).Want(boughtEvent{movie("Aliens")})
	})
	if len(got) != 1 || !strings.HasPrefix(got[0], "phtest: the wanted event can not be captured itself: ") {
		t.Errorf("got %q, want one failure that says why", got)
	}
}

func TestFind(t *testing.T) {
	rec := New(t)
	capturing(t, rec.Context(), movie("a"), movie("b"))
	ph.Capture(rec.Context(), "film played", nil)
	titles := Find(rec, "movie played", func(r Record) string {
		v, _ := r.Value("title")
		return v.String()
	})
	if diff := cmp.Diff([]string{"a", "b"}, titles.All()); diff != "" || titles.Len() != 2 {
		t.Errorf("All() of %d (-want +got):\n%s", titles.Len(), diff)
	}
	if got := Find(rec, "film played", Record.Event).One(); got != "film played" {
		t.Errorf("One() = %q", got)
	}
}

// A goroutine may outlive the test that started it.
func TestCaptureAfterTheTest(t *testing.T) {
	var ctx context.Context
	got := failures(t, func(t testing.TB) { ctx = New(t).Context() })
	if _, err := movie("Aliens").TryCapture(ctx); err == nil {
		t.Error("captured with a closed client")
	}
	if len(got) > 0 {
		t.Errorf("got failures %q", got)
	}
}

// Tests of code that waits run in a bubble of virtual time; the recorder opens no
// socket, so it may be in there.
func TestRecorderInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := New(t)
		capturing(t, rec.Context(), movie("a"))
		time.Sleep(time.Minute)
		rec.Want(movie("a"))
		if got := rec.Client().Stats().Sent; got != 1 {
			t.Errorf("%d events were delivered within a minute, want 1", got)
		}
	})
}

// An application's tests must not compile what only the generator needs.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for _, path := range strings.Fields(string(out)) {
		switch {
		case strings.HasPrefix(path, "github.com/phgen/phgen/runtime"):
		case path == "github.com/phgen/phgen/internal/sink", path == "github.com/phgen/phgen/internal/flaganswer", path == "github.com/phgen/phgen/internal/shape":
		case path == "github.com/phgen/phgen/internal/spool", path == "github.com/phgen/phgen/internal/filelock":
		case path == "github.com/google/uuid":
		case strings.HasPrefix(path, "github.com/klauspost/compress"):
		default:
			t.Errorf("depends on %s", path)
		}
	}
}
