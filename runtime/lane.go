package runtime

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/internal/transport"
)

// maxEvent and maxAIEvent are the sizes of the largest events that PostHog takes.
const (
	maxEvent   = 900 << 10
	maxAIEvent = 8 << 20
)

// A lane is one of PostHog's endpoints and the queue of the events that go there. One that
// fails does not hold up another.
type lane struct {
	c         *Client
	protocol  transport.Protocol
	queue     *queue.Queue
	transport *transport.Transport
	disk      *disk // nil without a spool
	v1        bool
	maxEvent  int    // bytes
	tail      []byte // constant members that end every event's properties, GeoIP off
	tailGeo   []byte // the same with GeoIP on

	state stateLog
	syncs syncLog
}

// openLane adds the lane of a protocol to the client's. c.lanesMu is held.
func (c *Client) openLane(p transport.Protocol) *lane {
	l := &lane{c: c, protocol: p, v1: p == transport.V1, maxEvent: maxEvent}
	if p == transport.AI {
		l.maxEvent = maxAIEvent
	}
	l.transport = transport.New(transport.Config{
		Protocol:            p,
		Host:                c.cfg.Host,
		APIKey:              c.cfg.APIKey,
		Agent:               library + "/" + Version,
		Compression:         codecs[c.cfg.Compression],
		Timeout:             c.cfg.RequestTimeout,
		RoundTripper:        c.cfg.Transport,
		HistoricalMigration: c.cfg.HistoricalMigration,
		SentAt:              c.sentAt(),
		Attempt:             l.attempt,
	})
	l.tail, l.tailGeo = libraryTail(l.v1, false), libraryTail(l.v1, true)
	cfg := l.queueConfig()
	if l.disk = c.openDisk(p); l.disk != nil {
		cfg.Spool = l.disk
	} else {
		cfg.Spill = false
	}
	l.queue = queue.New(cfg)
	c.lanes = append(c.lanes, l)
	return l
}

// codecs are the compressions as transport calls them.
var codecs = [...]transport.Compression{
	Gzip:          transport.Gzip,
	NoCompression: transport.None,
	Zstd:          transport.Zstd,
	Deflate:       transport.Deflate,
}

// sentAt returns the clock of SkewCorrection, or nil.
func (c *Client) sentAt() func() time.Time {
	if !c.cfg.SkewCorrection {
		return nil
	}
	return func() time.Time { return c.now() }
}

func (l *lane) queueConfig() queue.Config {
	c := l.c
	cfg := queue.Config{
		BatchSize:  c.cfg.BatchSize,
		BatchBytes: c.cfg.BatchBytes - l.transport.Envelope(),
		FlushEvery: c.cfg.FlushEvery,
		Events:     c.cfg.QueueSize,
		Bytes:      max(c.cfg.QueueBytes, l.maxEvent+(64<<10)),
		Block:      c.cfg.OnFull == Block,
		Spill:      c.cfg.OnFull == Spill,
		Unique:     l.v1,
		MaxAge:     c.cfg.MaxAge,
		MaxRetries: c.cfg.MaxRetries,
		Send:       l.transport.Send,
		Lost:       l.lost,
		Paused:     l.paused,
		Resumed:    l.resumed,
		Rested:     l.transport.CloseIdle,
	}
	if c.cfg.OnDelivered != nil || c.cfg.Sync {
		cfg.Delivered = l.delivered
	}
	switch {
	case c.cfg.MaxRetries == 0:
		cfg.MaxRetries = -1 // no limit
	case c.cfg.MaxRetries < 0:
		cfg.MaxRetries = 0
	}
	return cfg
}

// mainProtocol is that of every event but those of CaptureAI.
func (c *Client) mainProtocol() transport.Protocol {
	if c.cfg.Protocol == V1 {
		return transport.V1
	}
	return transport.V0
}

// open makes the lanes that the client has from the start, unless it has them or is
// closed. Events that an earlier process left on disk go by the protocol they were encoded
// for.
func (c *Client) open() {
	c.lanesMu.Lock()
	defer c.lanesMu.Unlock()
	if c.main != nil || c.closed.Load() {
		return
	}
	c.main = c.openLane(c.mainProtocol())
	for _, p := range []transport.Protocol{transport.V0, transport.V1, transport.AI} {
		if p != c.main.protocol && c.leftOnDisk(p) {
			l := c.openLane(p)
			if p == transport.AI {
				c.ai.Store(l)
			}
		}
	}
	c.warn()
}

// aiLane returns the lane of CaptureAI, made with the first call. It is nil when the client
// is closed.
func (c *Client) aiLane() *lane {
	if l := c.ai.Load(); l != nil {
		return l
	}
	c.lanesMu.Lock()
	defer c.lanesMu.Unlock()
	if l := c.ai.Load(); l != nil || c.closed.Load() {
		return l
	}
	l := c.openLane(transport.AI)
	c.ai.Store(l)
	return l
}

// opened returns the lanes there are. Lanes are only ever added behind them, so the slice
// is as good as a copy.
func (c *Client) opened() []*lane {
	c.lanesMu.Lock()
	defer c.lanesMu.Unlock()
	return slices.Clip(c.lanes)
}

// waiting reports whether a flush would wait for anything: after every request of a server
// that is seldom so.
func (c *Client) waiting() bool {
	for _, l := range c.opened() {
		if l.queue.Waiting() {
			return true
		}
	}
	return false
}

// all runs f for every lane at once and joins what was not delivered.
func (c *Client) all(f func(l *lane) error) error {
	lanes := c.opened()
	if len(lanes) == 1 {
		return undelivered(f(lanes[0]))
	}
	errs := make([]error, len(lanes))
	var running sync.WaitGroup
	for i, l := range lanes {
		running.Go(func() { errs[i] = f(l) })
	}
	running.Wait()
	return undelivered(errs...)
}

// SetDisabled makes the client inert, or ends that. A disabled client refuses every event
// with ErrDisabled; those accepted before are still delivered, and when they are the client
// has neither goroutine nor connection. A client that was made Disabled without an APIKey,
// that New refused, or that is closed stays as it is; a nil one does nothing.
func (c *Client) SetDisabled(disabled bool) {
	if c == nil || c.cfg.APIKey == "" || c.broken {
		return
	}
	if disabled {
		c.disabled.Store(true)
		c.flags.stop()
		for _, l := range c.opened() {
			l.queue.Rest()
		}
		return
	}
	c.open()
	c.flags.start()
	c.disabled.Store(len(c.opened()) == 0) // closed before it was ever enabled
}

// attempt writes the log lines about an attempt.
func (l *lane) attempt(a transport.Attempt) {
	for text, events := range a.Warnings {
		l.c.warnSeldom(warning{event: text, rule: "server_warning"}, warnEvery, "PostHog took events with a warning",
			slog.String("warning", text), slog.Int("events", events))
	}
	if !l.c.cfg.Debug {
		return
	}
	attrs := []any{"events", a.Events, "bytes", a.Bytes, "sent", a.Sent, "status", a.Status, "took", a.Took, "attempt", a.Attempts}
	if a.Verdict.Err != nil {
		attrs = append(attrs, "error", a.Verdict.Err)
	}
	l.c.observe.later(func() { l.c.log().Info("request", attrs...) })
}
