package sink

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A Fault is what one request meets instead of a healthy server. The zero Fault
// is a healthy server. Its parts combine: a request can be delayed, then refused.
type Fault struct {
	// Path makes the fault wait for a request to that endpoint, its closing slash
	// apart, and lets other requests meet those behind it. Empty means any.
	Path string

	// Status answers the request whatever it holds. 0 means the status that its
	// body deserves.
	Status int

	// RetryAfter is the reply's Retry-After header; empty sends the protocol's own.
	RetryAfter string

	// Location makes the reply a redirect to there, with Status or 307.
	Location string

	// Body and its ContentType replace the reply's body unless Body is nil. Events
	// are not kept then: whoever talks like this has no place for them.
	Body        []byte
	ContentType string

	// Bomb makes the reply's body gzip that inflates to so many bytes, rounded up
	// to a MiB. It is a thousandth of that itself.
	Bomb int64

	// Endless sends a reply body that never ends.
	Endless bool

	// Delay passes between the end of the request and the reply.
	Delay time.Duration

	// Drip sends the reply's body one byte at a time, with this pause before each.
	Drip time.Duration

	// Request ends the exchange without a reply once RequestBytes of the request's
	// body were read, or all of it if it is shorter. [All] is always longer.
	Request      Ending
	RequestBytes int64

	// Reply ends the exchange once ReplyBytes of the reply's body were sent. The
	// header, which announces the whole body, has been sent then.
	Reply      Ending
	ReplyBytes int64

	// Verdict overrules what the v1 protocol says about an event. It is asked about
	// events that would be taken; a zero Verdict leaves them so. Nil asks nothing,
	// and so does v0, which has no place for an answer.
	Verdict func(Event) Verdict

	// Keep takes the events although they look refused to their sender. Requests
	// about flags have nothing to keep.
	Keep bool
}

// All is a number of bytes that no body has.
const All = math.MaxInt64

// An Ending is how an exchange, or a connection, ends before its time.
type Ending uint8

const (
	Whole  Ending = iota // it does not
	Hung                 // nothing is read or sent any more; the connection stays
	Closed               // the connection is closed in good order
	Reset                // the connection is broken with an RST
)

// Inject makes the next len(faults) requests meet one fault each, behind those
// that were injected before.
func (s *Sink) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// conditions are what every request meets until they change.
type conditions struct {
	key    string   // that requests must carry; empty: none
	secret string   // that requests for definitions and remote config must carry; empty: any
	down   int      // status of every reply; 0: the sink is up
	events int      // most events of a batch; 0: no limit
	bytes  int64    // most bytes of a decompressed body; 0: no limit
	poison []string // names of events that get their batch refused
	ending Ending   // of connections

	limited bool // the quota of flag requests is used up
	failing bool // some flags can not be computed
	minimal bool // events about flags may be small
	legacy  bool // replies have the shape of older servers
}

// APIKey makes requests that do not carry key meet 401 from now on. Empty means
// that any key, or none, will do.
func (s *Sink) APIKey(key string) { s.set(func(c *conditions) { c.key = key }) }

// Down answers every request with status until [Sink.Up]; 0 means 503. Injected
// faults wait meanwhile.
func (s *Sink) Down(status int) {
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	s.set(func(c *conditions) { c.down = status })
}

// Up ends what Down and Break began. It does nothing if there is nothing to end.
func (s *Sink) Up() {
	s.set(func(c *conditions) { c.down = 0 })
	s.Break(Whole)
}

// Limit answers 413 to batches of more events, or of more bytes decompressed,
// from now on. 0 is no limit but the server's own.
func (s *Sink) Limit(events int, bytes int64) {
	s.set(func(c *conditions) { c.events, c.bytes = events, bytes })
}

// Poison answers 400 to every batch that holds an event of one of the names,
// instead of those of the last call.
func (s *Sink) Poison(names ...string) {
	names = append([]string(nil), names...)
	s.set(func(c *conditions) { c.poison = names })
}

func (s *Sink) set(change func(*conditions)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.conditions)
}

// next returns what the request r meets.
func (s *Sink) next(r *http.Request) (Fault, conditions) {
	f, c, ok := s.injected(r.URL.Path)
	if !ok && s.config.Meet != nil { // without the lock: it may use the sink
		f = s.config.Meet(r)
	}
	return f, c
}

// injected returns what the next request to path meets if anything waits for it.
func (s *Sink) injected(path string) (f Fault, c conditions, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conditions.down != 0 {
		return Fault{Status: s.conditions.down}, s.conditions, true
	}
	for i, f := range s.faults {
		if f.Path == "" || strings.TrimSuffix(f.Path, "/") == strings.TrimSuffix(path, "/") {
			s.faults = slices.Delete(s.faults, i, i+1)
			return f, s.conditions, true
		}
	}
	return Fault{}, s.conditions, false
}

// healthy reports whether the fault is none, wherever it waited.
func (f Fault) healthy() bool {
	f.Path = ""
	return reflect.ValueOf(f).IsZero()
}

// refusal says what the fault did to a request whose reply has that status; 0 is none.
func (f Fault) refusal(status int) string {
	if status == 0 {
		return "a fault: no reply"
	}
	return strings.TrimSpace(fmt.Sprintf("a fault: %d %s", status, http.StatusText(status)))
}

// settle is the status of the reply to a request that deserves that status, or
// nothing but err; 0 if there will be no reply.
func (f Fault) settle(status int, err error) int {
	switch {
	case f.Request != Whole:
		return 0
	case f.Status != 0 || f.Location != "":
		return f.status()
	case err != nil:
		return statusOf(err)
	}
	return status
}

// status is what a good request gets.
func (f Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.Location != "":
		return http.StatusTemporaryRedirect
	}
	return http.StatusOK
}

// decodes reports whether it matters what a request holds.
func (f Fault) decodes() bool { return f.Keep || f.status()/100 == 2 }

// keeps reports whether the events of a good request are taken.
func (f Fault) keeps() bool {
	return f.Keep || f.status()/100 == 2 && f.Body == nil
}

// pause waits for d. It returns early, with an error, when ctx ends or the sink
// is closed.
func (s *Sink) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		select {
		case <-s.closed:
			return ErrClosed
		default:
			return nil
		}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closed:
		return ErrClosed
	}
}

// hold waits until ctx ends or the sink is closed, and says which.
func (s *Sink) hold(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closed:
		return ErrClosed
	}
}

// breakOff ends the exchange on a connection.
func (s *Sink) breakOff(w http.ResponseWriter, r *http.Request, e Ending) {
	if e == Hung {
		_ = s.hold(r.Context()) // whichever it was, nobody waits for a reply
	}
	if e != Reset {
		abort()
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		abort() // no connection to reset: HTTP/2 resets the stream
	}
	breakConn(conn)
}

// abort closes the connection without a reply, or without the rest of it.
func abort() { panic(http.ErrAbortHandler) }
