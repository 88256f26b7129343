package phslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phslog"
	"github.com/phgen/phgen/runtime/phtest"
)

// capturing returns a recorder and a context whose scope captures exceptions.
func capturing(t *testing.T, opts ...ph.ScopeOption) (*phtest.Recorder, context.Context) {
	t.Helper()
	rec := phtest.New(t)
	return rec, ph.With(rec.Context(ph.CaptureExceptions(true)), opts...)
}

// own returns the properties of a record that come from its log record, as JSON.
func own(t *testing.T, r phtest.Record) string {
	t.Helper()
	var e struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
		t.Fatal(err)
	}
	for key := range e.Properties {
		if strings.HasPrefix(key, "$") && key != "$log_message" && key != "$exception_level" {
			delete(e.Properties, key)
		}
	}
	text, err := json.Marshal(e.Properties)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An item is one of $exception_list.
type item struct {
	Type, Value string
	Mechanism   struct {
		Type    string
		Handled bool
	}
	Stacktrace struct{ Frames []frame }
}

type frame struct {
	Function string
	InApp    bool `json:"in_app"`
}

func items(t *testing.T, r phtest.Record) []item {
	t.Helper()
	var e struct {
		Properties struct {
			List []item `json:"$exception_list"`
		}
	}
	if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
		t.Fatal(err)
	}
	if len(e.Properties.List) == 0 {
		t.Fatalf("no $exception_list: %s", r)
	}
	return e.Properties.List
}

// one returns the only event, which is an exception.
func one(t *testing.T, rec *phtest.Recorder) phtest.Record {
	t.Helper()
	events := rec.Events()
	if len(events) != 1 || events[0].Event() != "$exception" {
		t.Fatalf("got events %v, want one $exception", events)
	}
	return events[0]
}

// What the wrapped handler gets is what package slog demands of one.
func TestForwards(t *testing.T) {
	var log bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		log.Reset()
		return phslog.New(slog.NewJSONHandler(&log, nil))
	}, func(t *testing.T) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(log.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	})
}

type brokenHandler struct{ slog.Handler }

var errBroken = errors.New("disk is full")

func (brokenHandler) Handle(context.Context, slog.Record) error { return errBroken }

// The error is that of the wrapped handler, and costs no capture.
func TestReturnsTheInnerError(t *testing.T) {
	rec, ctx := capturing(t)
	h := phslog.New(brokenHandler{slog.NewTextHandler(t.Output(), nil)})
	if got := h.Handle(ctx, slog.NewRecord(time.Now(), slog.LevelError, "m", 0)); got != errBroken {
		t.Errorf("got error %v, want %v", got, errBroken)
	}
	one(t, rec)
}

func TestEnabled(t *testing.T) {
	inner := slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})
	for _, test := range []struct {
		name  string
		h     *phslog.Handler
		level slog.Level
		want  bool
	}{
		{"neither", phslog.New(inner), slog.LevelInfo, false},
		{"forwarded", phslog.New(inner), slog.LevelWarn, true},
		{"captured", phslog.New(inner, phslog.Level(slog.LevelInfo)), slog.LevelInfo, true},
		{"captured only", phslog.New(nil), slog.LevelError, true},
		{"nothing to forward to", phslog.New(nil), slog.LevelWarn, false},
		{"nil options", phslog.New(inner, nil, phslog.Level(nil)), slog.LevelInfo, false},
	} {
		if got := test.h.Enabled(t.Context(), test.level); got != test.want {
			t.Errorf("%s: got %t, want %t", test.name, got, test.want)
		}
	}
}

// A record below the wrapped handler's level is captured, and not forwarded.
func TestCapturesWhatIsNotForwarded(t *testing.T) {
	rec, ctx := capturing(t)
	var log bytes.Buffer
	inner := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError + 1})
	slog.New(phslog.New(inner)).ErrorContext(ctx, "m")
	one(t, rec)
	if log.Len() > 0 {
		t.Errorf("forwarded %q, want nothing", log.String())
	}
}

func TestLevels(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(phslog.New(nil, phslog.Level(slog.LevelDebug)))
	for _, test := range []struct {
		level slog.Level
		want  string
	}{
		{slog.LevelDebug, "debug"},
		{slog.LevelInfo - 1, "debug"},
		{slog.LevelInfo, "info"},
		{slog.LevelWarn, "warning"},
		{slog.LevelError, "error"},
		{slog.LevelError + 3, "error"},
		{slog.LevelError + 4, "fatal"},
	} {
		rec.Reset()
		logger.Log(ctx, test.level, "m")
		level, _ := one(t, rec).Value("$exception_level")
		if got := level.String(); got != test.want {
			t.Errorf("%v: got %s, want %s", test.level, got, test.want)
		}
	}
	rec.Reset()
	logger.Log(ctx, slog.LevelDebug-1, "m")
	rec.WantNone()
}

// A *slog.LevelVar changes what is captured.
func TestLevelVar(t *testing.T) {
	rec, ctx := capturing(t)
	var level slog.LevelVar
	level.Set(slog.LevelError)
	logger := slog.New(phslog.New(nil, phslog.Level(&level)))
	logger.WarnContext(ctx, "m")
	rec.WantNone()
	level.Set(slog.LevelWarn)
	logger.WarnContext(ctx, "m")
	one(t, rec)
}

type outOfStock struct{ sku string }

func (e *outOfStock) Error() string { return e.sku + " is out of stock" }

func TestException(t *testing.T) {
	stock := &outOfStock{"ABC-12"}
	var none *outOfStock
	for _, test := range []struct {
		name string
		log  func(ctx context.Context, l *slog.Logger)
		want []string // types and values
	}{
		{"no error", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "placing the order") },
			[]string{"*phslog.Message: placing the order"}},
		{"err", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "err", stock) },
			[]string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"chain", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "err", &fs.PathError{Op: "open", Path: "x", Err: stock})
		}, []string{"*fs.PathError: open x: ABC-12 is out of stock", "*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"any name", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "n", 1, "cause", stock) },
			[]string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"err before any name", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "cause", errors.New("other"), "Error", stock, "err", errors.New("third"))
		}, []string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"in a group", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", slog.Group("a", slog.Group("b", "err", stock)))
		}, []string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"bound", func(ctx context.Context, l *slog.Logger) {
			l.With("err", stock).WithGroup("g").ErrorContext(ctx, "m", "n", 1)
		}, []string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"the record's before bound ones", func(ctx context.Context, l *slog.Logger) {
			l.With("err", errors.New("bound")).ErrorContext(ctx, "m", "err", stock)
		}, []string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"a LogValuer that is an error", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "err", &detailed{code: 7})
		}, []string{"*phslog_test.detailed: code 7"}},
		{"a LogValuer that returns an error", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "err", late{stock})
		}, []string{"*phslog_test.outOfStock: ABC-12 is out of stock"}},
		{"nil", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "err", nil) },
			[]string{"*phslog.Message: m"}},
		{"a nil pointer", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "err", none) },
			[]string{"*phslog.Message: m"}},
		{"text", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "err", "no error") },
			[]string{"*phslog.Message: m"}},
	} {
		rec, ctx := capturing(t)
		test.log(ctx, slog.New(phslog.New(nil)))
		var got []string
		for _, i := range items(t, one(t, rec)) {
			got = append(got, i.Type+": "+i.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

type detailed struct{ code int }

func (e *detailed) Error() string        { return fmt.Sprint("code ", e.code) }
func (e *detailed) LogValue() slog.Value { return slog.GroupValue(slog.Int("code", e.code)) }

type late struct{ err error }

func (l late) LogValue() slog.Value { return slog.AnyValue(l.err) }

// The same error, logged at each level it passes, is one exception.
func TestOnce(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(phslog.New(nil))
	err := &outOfStock{"ABC-12"}
	logger.ErrorContext(ctx, "reserving", "err", err)
	logger.ErrorContext(ctx, "placing", "err", fmt.Errorf("placing: %w", err))
	one(t, rec)
	rec.Reset()
	logger.ErrorContext(ctx, "the same message")
	logger.ErrorContext(ctx, "the same message")
	if got := len(rec.Events()); got != 2 {
		t.Errorf("two records without errors are %d events, want 2", got)
	}
}

var testTime = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// The event is whoever's the scope is, at the time of the record, and says how it came
// about.
func TestEvent(t *testing.T) {
	rec, ctx := capturing(t, ph.User("ann"), ph.Tag("region", "eu"), ph.Group("shop", "s1"))
	r := slog.NewRecord(testTime, slog.LevelError, "m", 0)
	if err := phslog.New(nil).Handle(ctx, r); err != nil {
		t.Fatal(err)
	}
	event := one(t, rec)
	if event.DistinctID() != "ann" || !event.Timestamp().Equal(testTime) {
		t.Errorf("got %s at %v, want ann at %v", event.DistinctID(), event.Timestamp(), testTime)
	}
	if got, want := own(t, event), `{"$exception_level":"error","$log_message":"m","region":"eu"}`; got != want {
		t.Errorf("properties: got %s, want %s", got, want)
	}
	if m := items(t, event)[0].Mechanism; m.Type != "slog" || !m.Handled {
		t.Errorf("mechanism: got %+v, want slog, handled", m)
	}
}

// Without a user there is no person, and without a switch no exception.
func TestNobody(t *testing.T) {
	rec, ctx := capturing(t)
	slog.New(phslog.New(nil)).ErrorContext(ctx, "m")
	if v, ok := one(t, rec).Value("$process_person_profile"); !ok || v.Bool() {
		t.Error("the event makes a person, want $process_person_profile false")
	}
	rec.Reset()
	slog.New(phslog.New(nil)).ErrorContext(ph.With(ctx, ph.CaptureExceptions(false)), "m")
	rec.WantNone()
}

// logHere is a frame that the tests know.
//
//go:noinline
func logHere(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m") }

// The stack ends with the logging call, whatever handlers are around.
func TestStack(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(passing{passing{phslog.New(nil)}})
	logHere(ctx, logger)
	frames := items(t, one(t, rec))[0].Stacktrace.Frames
	last := frames[len(frames)-1]
	if want := "github.com/phgen/phgen/runtime/phslog_test.logHere"; last.Function != want || !last.InApp {
		t.Errorf("the stack ends with %+v, want %s, in app", last, want)
	}
	if len(frames) < 3 {
		t.Errorf("the stack has %d frames, want those of the test as well", len(frames))
	}
}

type passing struct{ slog.Handler }

func (p passing) Handle(ctx context.Context, r slog.Record) error { return p.Handler.Handle(ctx, r) }

// A record that another goroutine handles has the frame of its call, at least.
func TestStackOfAnotherGoroutine(t *testing.T) {
	rec, ctx := capturing(t)
	later := &deferring{Handler: phslog.New(nil)}
	logHere(ctx, slog.New(later))
	done := make(chan error)
	go func() { done <- later.Handler.Handle(ctx, later.record) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	frames := items(t, one(t, rec))[0].Stacktrace.Frames
	if want := "github.com/phgen/phgen/runtime/phslog_test.logHere"; len(frames) != 1 || frames[0].Function != want {
		t.Errorf("got frames %+v, want %s only", frames, want)
	}
}

type deferring struct {
	slog.Handler
	record slog.Record
}

func (d *deferring) Handle(_ context.Context, r slog.Record) error {
	d.record = r.Clone()
	return nil
}
