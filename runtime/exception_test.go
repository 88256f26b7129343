package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// exceptionProps returns the properties of the only event sent since the last call, but for
// its list, its images and the library's.
func (r *rig) exceptionProps() map[string]any {
	r.tb.Helper()
	var e struct {
		Event      string
		Properties map[string]any
	}
	if err := json.Unmarshal([]byte(r.one()), &e); err != nil {
		r.tb.Fatal(err)
	}
	if list, _ := e.Properties["$exception_list"].([]any); e.Event != "$exception" || len(list) == 0 {
		r.tb.Fatalf("got %q with the list %v", e.Event, list)
	}
	for _, key := range []string{"$exception_list", "$debug_images", "$lib"} {
		delete(e.Properties, key)
	}
	return e.Properties
}

func TestExceptionProperties(t *testing.T) {
	type object = map[string]any
	trace := func(c *Config) {
		c.TraceContext = func(context.Context) (string, string) { return "t1", "s1" }
	}
	for _, tt := range []struct {
		name   string
		config func(*Config)
		scope  []ScopeOption
		opts   []Option
		want   object
	}{
		{"nothing", nil, nil, nil, object{"$exception_level": "error"}},
		{"scope", trace, []ScopeOption{Tag("plan", "pro"), Session("s"), Window("w"), Device("d"), Group("org", "acme"), Personless()}, nil,
			object{"$exception_level": "error", "plan": "pro", "$context_tags": []any{"plan"}, "$session_id": "s", "$window_id": "w",
				"$device_id": "d", "$groups": object{"org": "acme"}, "$process_person_profile": false, "$trace_id": "t1", "$span_id": "s1"}},
		{"options", nil, nil, []Option{Level(LevelFatal), Fingerprint("a\x00b"), GeoIP(true), InGroup("org", "acme"), WithProps(Props{"a": 1})},
			object{"$exception_level": "fatal", "$exception_fingerprint": "ab", "geo": true, "$groups": object{"org": "acme"}, "a": 1.0}},
		{"typed properties win", func(c *Config) {
			c.SuperProperties = Props{"$exception_list": "super", "$exception_level": "super", "super": 1}
		}, []ScopeOption{Tag("$exception_level", "tag"), Tag("$exception_list", "tag"), Tag("super", "tag")},
			[]Option{WithProps(Props{"$exception_list": "own", "$exception_level": "own", "super": "own"})},
			object{"$exception_level": "error", "super": 1.0}},
		{"computed properties are left out", nil, []ScopeOption{Tag("$exception_issue_id", 1), Tag("a", 1)},
			[]Option{WithProps(Props{
				"$exception_types": 1, "$exception_values": 1, "$exception_sources": 1, "$exception_functions": 1, "$exception_issue_id": 1,
				"$exception_releases": 1, "$exception_proposed_fingerprint": 1, "$exception_fingerprint_record": 1,
				"$exception_fingerprint": "mine", "$exception_source": "mine",
			})},
			object{"$exception_level": "error", "$exception_fingerprint": "mine", "$exception_source": "mine", "a": 1.0, "$context_tags": []any{"a"}}},
		{"properties above tags", nil, []ScopeOption{Tag("a", 1), Tag("b", 2)}, []Option{WithProps(Props{"a": 3})},
			object{"$exception_level": "error", "a": 3.0, "b": 2.0, "$context_tags": []any{"b"}}},
		{"a level that is none", nil, nil, []Option{Level(99)}, object{"$exception_level": "error"}},
		{"values that JSON can not hold", nil, nil, []Option{WithProps(Props{"a": func() {}})}, object{"$exception_level": "error", "a": nil}},
		{"the last of two", nil, nil, []Option{WithProps(Props{"a": 1}), WithProps(Props{"b": 1}), Level(LevelInfo), Level(LevelDebug)},
			object{"$exception_level": "debug", "b": 1.0}},
	} {
		r := newRig(t)
		if tt.config != nil {
			r = newRig(t, tt.config)
		}
		CaptureException(r.ctx(tt.scope...), io.EOF, tt.opts...)
		if diff := cmp.Diff(tt.want, r.exceptionProps()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestExceptionOfNobody(t *testing.T) {
	r := newRig(t)
	ctx := r.anybody()
	id := CaptureException(ctx, io.EOF)
	want := map[string]any{"$exception_level": "error", "$process_person_profile": false}
	if diff := cmp.Diff(want, r.exceptionProps()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if id == uuid.Nil {
		t.Error("got the zero UUID")
	}
	CaptureException(ctx, errors.New("x"), As("u_2"))
	if got, want := r.users(), []string{"u_2"}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestExceptionIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		setup func(*Config)
		scope []ScopeOption
		opts  []Option
		want  map[string]uint64
	}{
		{"opted out", nil, []ScopeOption{OptOut()}, nil, map[string]uint64{"opted_out": 1}},
		{"disabled", func(c *Config) { c.Disabled = true }, nil, nil, map[string]uint64{"disabled": 1}},
		{"BeforeSend", func(c *Config) { c.BeforeSend = func(*Message) bool { return false } }, nil, nil, map[string]uint64{"before_send": 1}},
		{"too large", nil, nil, []Option{WithProps(Props{"a": strings.Repeat("x", 1<<20)})}, map[string]uint64{"too_large": 1}},
		{"nobody asked", nil, nil, []Option{Automatic()}, map[string]uint64{}},
	} {
		r := newRig(t)
		if tt.setup != nil {
			r = newRig(t, tt.setup)
		}
		if id := CaptureException(r.ctx(tt.scope...), io.EOF, tt.opts...); id != uuid.Nil {
			t.Errorf("%s: got %v, want the zero UUID", tt.name, id)
		}
		if diff := cmp.Diff(tt.want, r.c.Stats().RefusedBy); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestBeforeSendSeesExceptions(t *testing.T) {
	var seen any
	r := newRig(t, func(c *Config) {
		c.BeforeSend = func(m *Message) bool {
			seen = m.Properties["$exception_list"].([]any)[0].(map[string]any)["value"]
			m.Properties = Props{"redacted": true}
			return true
		}
	})
	CaptureException(r.ctx(), io.EOF)
	if got, want := r.props(), `"redacted":true}}`; got != want || seen != "EOF" {
		t.Errorf("got %s and %v, want %s", got, seen, want)
	}
}

func TestNothingToCapture(t *testing.T) {
	r := newRig(t)
	for name, id := range map[string]uuid.UUID{
		"nil error":        CaptureException(r.ctx(), nil),
		"nil panic":        CapturePanic(r.ctx(), nil),
		"ErrAbortHandler":  CapturePanic(r.ctx(), http.ErrAbortHandler),
		"no client":        CaptureException(context.Background(), io.EOF),
		"a nil client":     CaptureException(r.ctx(UseClient(nil)), io.EOF),
		"no client, panic": CapturePanic(context.Background(), "x"),
	} {
		if id != uuid.Nil {
			t.Errorf("%s: got %v, want the zero UUID", name, id)
		}
	}
	var none context.Context
	if id := CaptureException(none, io.EOF); id != uuid.Nil {
		t.Errorf("nil context: got %v", id)
	}
	if got := r.sent(); len(got) > 0 {
		t.Errorf("got %s, want nothing", got)
	}
}

// hostile is an error whose methods do what they should not.
type hostile struct{ ctx context.Context }

func (h *hostile) Error() string {
	Capture(h.ctx, "from Error", nil)
	panic("no text")
}
func (*hostile) Unwrap() error         { panic("no cause") }
func (*hostile) StackTrace() []uintptr { panic("no stack") }

func TestHostileError(t *testing.T) {
	r := newRig(t)
	if CaptureException(r.ctx(), &hostile{r.ctx()}) == uuid.Nil {
		t.Error("not captured")
	}
	got := r.sent()
	if len(got) != 2 || !strings.Contains(got[1], `"value":"*runtime.hostile"`) {
		t.Errorf("got %s", got)
	}
}

// Options of exceptions mean nothing elsewhere.
func TestExceptionOptionsElsewhere(t *testing.T) {
	r := newRig(t)
	opts := []Option{Level(LevelFatal), Fingerprint("x"), WithProps(Props{"a": 1}), Mechanism("x", false), Stack(callersHere()), Automatic()}
	var scope []ScopeOption
	for _, o := range opts {
		scope = append(scope, o)
	}
	capture(r.ctx(scope...), opts...)
	if got := r.props(); got != "" {
		t.Errorf("got %s, want no property", got)
	}
	CaptureException(r.ctx(scope...), io.EOF, Fingerprint(""), Stack(nil), WithProps(nil))
	if diff := cmp.Diff(map[string]any{"$exception_level": "error"}, r.exceptionProps()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExceptionLevel(t *testing.T) {
	var got []string
	for l := range ExceptionLevel(7) {
		got = append(got, l.String())
	}
	if want := "[error fatal warning info debug log error]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// An exception may have all that events have with the newer protocol.
func TestExceptionV1(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Protocol = V1 })
	CaptureException(r.anybody(Session("s")), io.EOF)
	e := r.one()
	if !strings.HasSuffix(e, `,"session_id":"s","options":{"process_person_profile":false}}`) {
		t.Errorf("got %s", e)
	}
}

func BenchmarkCaptureException(b *testing.B) {
	ctx := benchContext(b)
	b.ReportAllocs()
	for b.Loop() {
		CaptureException(ctx, fmt.Errorf("load: %w", &failure{}))
	}
}

func BenchmarkCaptureExceptionAgain(b *testing.B) {
	ctx := benchContext(b)
	err := fmt.Errorf("load: %w", io.EOF)
	b.ReportAllocs()
	for b.Loop() {
		CaptureException(ctx, err)
	}
}
