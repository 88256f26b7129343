package runtime

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A setup is one way to configure a client. Faults end alike in all of them, but for what
// a spool saves.
type setup struct {
	name     string
	protocol Protocol
	ai       bool // events go by CaptureAI
	spooled  bool
}

var setups = []setup{
	{"v0", V0, false, false},
	{"v1", V1, false, false},
	{"AI", V0, true, false},
	{"v0 with a spool", V0, false, true},
	{"v1 with a spool", V1, false, true},
	{"AI with a spool", V1, true, true},
}

// v1 reports whether the events go by the newer protocol.
func (s setup) v1() bool { return s.protocol == V1 && !s.ai }

// inSetups runs test in a bubble of virtual time for every setup.
func inSetups(t *testing.T, test func(t *testing.T, s setup)) {
	t.Helper()
	for _, s := range setups {
		inSetup(t, s, test)
	}
}

func inSetup(t *testing.T, s setup, test func(t *testing.T, s setup)) {
	t.Helper()
	t.Run(s.name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, s) })
	})
}

const (
	benchOrigin = "https://ph.test"
	benchKey    = "phc_canary_key"
	benchText   = "payload-canary"
	benchUser   = "user-canary"
)

// A bench is a client in front of an endpoint that misbehaves, and a ledger of its own.
type bench struct {
	*Client
	t       *testing.T
	setup   setup
	sink    *sink.Sink
	disk    *faultfs.Disk
	process *faultfs.Process
	cfg     Config
	ctx     context.Context // captures with the client

	mu        sync.Mutex
	fault     *sink.Fault // that every request meets
	times     []time.Time // of the requests
	accepted  []uuid.UUID
	arrived   map[string]string // events by uuid
	copies    map[string]int
	problems  []string // of what arrived
	lost      []LostEvent
	delivered []Delivered
}

// newBench returns a bench whose client is s, as changed.
func newBench(t *testing.T, s setup, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, setup: s, disk: faultfs.New(), arrived: map[string]string{}, copies: map[string]int{}}
	b.sink = sink.New(sink.Config{Judge: b.judge, MaxEvents: 1})
	t.Cleanup(b.sink.Close)
	b.cfg = Config{
		APIKey: benchKey, Host: benchOrigin, Transport: b, Compression: NoCompression,
		Protocol: s.protocol, FlushEvery: time.Second, Logger: slog.New(slog.DiscardHandler),
		OnLost:      func(l LostEvent) { b.mu.Lock(); b.lost = append(b.lost, l); b.mu.Unlock() },
		OnDelivered: func(d Delivered) { b.mu.Lock(); b.delivered = append(b.delivered, d); b.mu.Unlock() },
	}
	if s.spooled {
		b.cfg.SpoolDir, b.cfg.OnFull = "/spool", Spill
	}
	for _, c := range change {
		c(&b.cfg)
	}
	b.start()
	return b
}

// start makes the client, in a process of its own.
func (b *bench) start() {
	b.t.Helper()
	if b.setup.spooled {
		if b.process != nil {
			b.process.Kill()
		}
		b.process = b.disk.Process()
		spoolOn(b.t, b.process)
	}
	c, err := New(b.cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Client = c
	b.ctx = With(context.Background(), UseClient(c), User(benchUser))
}

// judge notes what arrives. An event that comes again is what it was.
func (b *bench) judge(e sink.Event) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was := b.arrived[e.UUID]; was != "" && was != string(e.Raw) {
		b.t.Errorf("event %s arrived as\n%s\nand as\n%s", e.UUID, was, e.Raw)
	}
	b.arrived[e.UUID] = string(e.Raw)
	b.copies[e.UUID]++
	b.problems = append(b.problems, e.Problems...)
	return nil
}

// RoundTrip is the endpoint. The ledger is right while a request is under way, too.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	if got := r.URL.Scheme + "://" + r.URL.Host; got != benchOrigin || r.Host != r.URL.Host {
		b.t.Errorf("a request went to %s as %q", got, r.Host)
	}
	b.mu.Lock()
	c := b.Client
	b.times = append(b.times, time.Now())
	if b.fault != nil {
		b.sink.Inject(*b.fault)
	}
	b.mu.Unlock()
	b.adds(c.Stats())
	return b.sink.RoundTrip(r)
}

// adds fails the test unless every accepted event is counted in one place.
func (b *bench) adds(s Stats) {
	b.t.Helper()
	var lost uint64
	for _, n := range s.LostBy {
		lost += n
	}
	if s.Accepted != s.Sent+s.Lost+s.Queued+s.InFlight+s.Spooled || lost != s.Lost {
		b.t.Errorf("stats do not add up: %+v", s)
	}
}

// stats returns the client's, checked.
func (b *bench) stats() Stats {
	b.t.Helper()
	s := b.Stats()
	b.adds(s)
	return s
}

// every makes every request meet f from now on; a nil one ends it.
func (b *bench) every(f *sink.Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
}

// capture captures n events and returns the last one's uuid.
func (b *bench) capture(n int, name string, opts ...Option) (id uuid.UUID) {
	b.t.Helper()
	for i := range n {
		id = b.captureProps(name, Props{"i": i, "text": benchText}, opts...)
	}
	return id
}

func (b *bench) captureProps(name string, props Props, opts ...Option) uuid.UUID {
	b.t.Helper()
	var id uuid.UUID
	var err error
	if b.setup.ai {
		id = CaptureAI(b.ctx, name, props, opts...)
	} else {
		id, err = TryCapture(b.ctx, name, props, opts...)
	}
	if id == uuid.Nil {
		b.t.Errorf("event %q was refused: %v", name, err)
	}
	b.accepted = append(b.accepted, id)
	b.stats()
	return id
}

// pass lets time pass.
func (b *bench) pass(d time.Duration) Stats {
	b.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	return b.stats()
}

// requests is how many there were.
func (b *bench) requests() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.times)
}

// gap is the time between two requests, counted from 0.
func (b *bench) gap(from, to int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if to >= len(b.times) {
		b.t.Fatalf("%d requests, want more than %d", len(b.times), to)
	}
	return b.times[to].Sub(b.times[from])
}

// wantAll fails the test unless every event was delivered and arrived, but for those with
// a uuid in except.
func (b *bench) wantAll(except ...uuid.UUID) {
	b.t.Helper()
	s := b.stats()
	if s.Sent != uint64(len(b.accepted)-len(except)) || s.Lost != uint64(len(except)) || s.Queued+s.InFlight+s.Spooled > 0 {
		b.t.Errorf("%+v, want %d of %d sent", s, len(b.accepted)-len(except), len(b.accepted))
	}
	b.wantArrived(except...)
}

// wantArrived fails the test unless every event arrived but those in except.
func (b *bench) wantArrived(except ...uuid.UUID) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	missing := map[uuid.UUID]bool{}
	for _, id := range b.accepted {
		if b.arrived[id.String()] == "" {
			missing[id] = true
		}
	}
	for _, id := range except {
		if !missing[id] {
			b.t.Errorf("event %s arrived", id)
		}
		delete(missing, id)
	}
	if len(missing) > 0 {
		b.t.Errorf("%d of %d events did not arrive", len(missing), len(b.accepted))
	}
}

// end closes the client, which has nothing left to say.
func (b *bench) end() {
	b.t.Helper()
	if err := b.Close(b.t.Context()); err != nil {
		b.t.Errorf("Close: %v", err)
	}
	b.stats()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) > 0 {
		b.t.Errorf("what arrived is not sound: %q", b.problems)
	}
	if files := b.disk.Files("/spool"); len(files) > 0 {
		b.t.Errorf("%d files are left of the spool", len(files))
	}
}
