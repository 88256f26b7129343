package phtest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/recording"
)

const (
	apiKey = "phc_phtest"

	// piiKey is the same in every test, so that hashes can stand in expectations.
	piiKey = "phtest: a fixed key for pii hashes"

	closeTimeout = 10 * time.Second
)

// A Recorder captures events for one test. It is safe for concurrent use.
type Recorder struct {
	t        testing.TB
	client   *ph.Client
	delivery *delivery
	coverage *coverageFile // nil: nobody asks for it

	mu      sync.Mutex
	records []Record
	ended   bool // t must not be touched any more
}

// New returns a recorder whose client lives until t ends. A plan violation in an
// event captured through it fails t, whatever on_invalid says; so does an event
// that the client accepted and could not deliver. Sampling keeps every event, and
// personal values are hashed with a fixed key. With PHGEN_COVERAGE in the environment, the
// absolute path of a file, the shapes of events are added to it, for phgen coverage.
func New(t testing.TB) *Recorder {
	t.Helper()
	rec := &Recorder{t: t, delivery: newDelivery(), coverage: openCoverage()}
	client, err := newClient(rec.delivery, warnings{rec})
	if err != nil {
		t.Fatalf("phtest: %v", err)
	}
	rec.client = client
	recording.Attach(client, &recording.Recorder{
		Violation:  rec.violation,
		Event:      rec.record,
		NoSampling: true,
	})
	t.Cleanup(rec.close)
	return rec
}

// newClient returns a client that differs from a user's only in its delivery.
func newClient(d *delivery, log io.Writer) (*ph.Client, error) {
	return ph.New(ph.Config{
		APIKey:    apiKey,
		Host:      "http://phtest.localhost",
		Transport: d,
		PIIKey:    []byte(piiKey),
		Logger:    slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}

// Client returns the recorder's client, for code that takes one, or for
// ph.SetDefault. It is closed when the test ends.
func (rec *Recorder) Client() *ph.Client { return rec.client }

// Context returns a context of the test whose scope has the recorder's client,
// and what opts say.
func (rec *Recorder) Context(opts ...ph.ScopeOption) context.Context {
	return ph.With(ph.With(rec.t.Context(), ph.UseClient(rec.client)), opts...)
}

// Events returns the events captured since New or Reset, in the order in which
// they were accepted.
func (rec *Recorder) Events() []Record {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return append([]Record(nil), rec.records...)
}

// Reset forgets the events captured so far.
func (rec *Recorder) Reset() {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.records = nil
}

// WantNone fails the test if an event was captured since New or Reset.
func (rec *Recorder) WantNone() {
	rec.t.Helper()
	if got := rec.Events(); len(got) > 0 {
		rec.t.Errorf("phtest: got %s, want no event", summary(got))
	}
}

// record keeps one accepted event.
func (rec *Recorder) record(_, _ string, _ [16]byte, json []byte) {
	uncovered := rec.coverage.add(json)
	r, err := decodeRecord(json)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if err != nil {
		if !rec.ended {
			rec.t.Errorf("phtest: the client encoded an event wrongly: %v\n%s", err, json)
		}
		return
	}
	rec.records = append(rec.records, r)
	if uncovered != nil && !rec.ended {
		rec.t.Errorf("phtest: recording coverage: %v", uncovered)
	}
}

// violation fails the test. An event captured by a goroutine that outlives the
// test has nobody to tell.
func (rec *Recorder) violation(event, path, rule, value string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if rec.ended {
		return
	}
	if value != "" { // a group that is missing has none
		value = ": got " + value
	}
	rec.t.Errorf("phtest: event %q: property %q breaks %s%s", event, path, rule, value)
}

// warnings puts what the client logs into the test's output.
type warnings struct{ rec *Recorder }

func (w warnings) Write(p []byte) (int, error) {
	w.rec.mu.Lock()
	defer w.rec.mu.Unlock()
	if w.rec.ended {
		return len(p), nil
	}
	return w.rec.t.Output().Write(p)
}

// close delivers what is queued, as a program's end would.
func (rec *Recorder) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := rec.client.Close(ctx)
	stats := rec.client.Stats()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.ended = true
	if err != nil || stats.Lost > 0 {
		rec.t.Errorf("phtest: %d events were accepted and lost: %v; the last refusal: %s", stats.Lost, err, rec.delivery.refusal())
	}
	for _, problem := range rec.delivery.problems() {
		rec.t.Errorf("phtest: delivered %s", problem)
	}
}
