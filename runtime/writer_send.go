package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/value"
)

// Begin starts the event s for the client and scope of ctx. The writer it
// returns is inert when there is no client, or when the event is refused
// already; End then says why.
func Begin(ctx context.Context, s *EventSpec, opts []Option) *Writer {
	return begin(ctx, s, s.Name, opts, s.Extra)
}

// BeginSet is Begin for a person update that is sent as $set instead of $identify.
func BeginSet(ctx context.Context, s *EventSpec, opts []Option) *Writer {
	return begin(ctx, s, "$set", opts, s.Extra)
}

// begin starts an event. With foreign its values may run code that is not ours, which
// must not hold a batch up.
func begin(ctx context.Context, s *EventSpec, name string, opts []Option, foreign bool) *Writer {
	if ctx == nil {
		ctx = context.Background()
	}
	scope := scopeOf(ctx)
	c := scope.captures()
	if c == nil {
		return inertDisabled
	}
	switch {
	case c.closed.Load():
		c.refuse(refusedClosed, s.events())
		return inertClosed
	case c.disabled.Load():
		c.refuse(refusedDisabled, s.events())
		return inertDisabled
	}
	v := scope.whole()
	if v.optOut {
		c.refuse(refusedOptedOut, s.events())
		return inertDropped
	}
	l := c.main
	if s.ai {
		if l = c.aiLane(); l == nil {
			c.refuse(refusedClosed, s.events())
			return inertClosed
		}
	}
	w := writers.Get().(*Writer)
	w.ctx, w.client, w.lane, w.view, w.spec, w.name = ctx, c, l, v, s, name
	w.at, w.geoIP = v.at, v.geoIP
	w.lifts = l.v1 && s.Kind == KindEvent && c.cfg.BeforeSend == nil
	w.inherit()
	for i := range opts {
		w.option(&opts[i])
	}
	if len(opts) > 0 || len(s.Flags)+len(s.Experiments) > 0 {
		w.attachFlags(opts)
	}
	if w.track = foreign || w.lifts || len(w.flags) > 0 || s.Kind == KindEvent && w.overlaps(); !w.track {
		w.marks &^= markSuper
	}
	if w.err = w.identify(); w.err != nil {
		w.off = true
		return w
	}
	if c.cfg.TraceContext != nil && s.Kind == KindEvent {
		w.trace()
	}
	w.takeBatch(foreign)
	return w
}

// events returns how many events a call sends.
func (s *EventSpec) events() uint64 {
	if s.Twin != "" {
		return 2
	}
	return 1
}

// inherit takes over what the client and scope say about every capture.
func (w *Writer) inherit() {
	if w.spec.Kind != KindEvent {
		return
	}
	if w.spec.Personless || w.view.personless {
		w.personless = forced
	}
	if super := w.client.super; len(super) > 0 {
		w.marks = markSuper
		for i := range super {
			w.superOwn |= keyBit(super[i].key)
		}
	}
}

// overlaps reports whether a key of the event may also be one of its super properties or
// tags. If not, nobody need remember which keys it has.
func (w *Writer) overlaps() bool {
	if len(w.view.tags)+len(w.callTags)+len(w.client.super) == 0 && w.client.cfg.TraceContext == nil {
		return false
	}
	if w.view.dollarTags {
		return true
	}
	keys := w.spec.keySet()
	if w.client.cfg.TraceContext != nil && (keys.has(keyTrace) || keys.has(keySpan)) {
		return true
	}
	for i := range w.view.tags {
		if keys.has(w.view.tags[i].key) {
			return true
		}
	}
	for i := range w.callTags {
		if keys.has(w.callTags[i].key) {
			return true
		}
	}
	for i := range w.client.super {
		if k := w.client.super[i].key; strings.HasPrefix(k, "$") || keys.has(k) {
			return true // $set is no property of the plan's
		}
	}
	return false
}

// option applies an option of the call.
func (w *Writer) option(o *Option) {
	switch o.kind {
	case optionAs:
		w.distinctID, w.cutID = cleanID(o.name)
	case optionAt:
		if t := bitsTime(o.bits); validStamp(t) {
			w.at = t
		}
	case optionID:
		if id := bitsUUID(o.bits); id != (uuid.UUID{}) {
			w.id, w.idGiven = id, true
		}
	case optionGeoIP:
		w.geoIP = choose(o.bits[0] != 0)
	case optionAnonymous:
		w.anonymous = value.Clean(o.name)
	}
	if w.spec.Kind != KindEvent {
		return
	}
	switch {
	case o.kind == optionPersonless:
		w.personless = forced
	case o.kind == optionGroup, o.kind == optionGroupInt, o.kind == optionGroupUUID:
		w.callGroup(o)
	case o.isContext():
		w.callContext(o)
	}
}

// identify settles the event's uuid, its user, and whether sampling keeps it, unless
// that is for the event's values to say.
func (w *Writer) identify() error {
	s := w.spec
	if w.distinctID == "" && w.view.user == "" {
		switch {
		case s.Kind == KindPerson:
			return fmt.Errorf("%w: no user to update: neither the scope nor As names one", ErrInvalid)
		case s.Kind == KindGroup:
			w.late = lateGroup
		case s.Idempotent > 0:
			w.late = lateUUID
		case w.view.anonymous == "":
			w.random, w.randomSet = randomID(), true
		}
		if s.Kind == KindEvent && w.personless == asSent {
			w.personless = assumed
		}
	}
	w.micros = stamp(w.client.now())
	if !w.idGiven && s.Idempotent == 0 {
		w.id = newUUID(w.micros)
	}
	return w.sample()
}

// sample draws once, as soon as it is known by what, and returns ErrSampled if the
// event is left out. A recorder keeps all.
func (w *Writer) sample() error {
	s := w.spec.Sampling
	if s == nil || w.drawn || w.client.recorder != nil && w.client.recorder.NoSampling {
		return nil
	}
	var draw uint64
	switch {
	case w.id == uuid.Nil && (!s.ByDistinctID || w.late == lateUUID):
		return nil // the values make the uuid, and maybe the user
	case s.ByDistinctID:
		draw, w.side = drawUser(w.side, w.user())
	default:
		draw = drawEvent(w.id)
	}
	w.drawn = true
	if !s.keeps(draw) {
		return ErrSampled
	}
	return nil
}

// user returns the event's distinct ID.
func (w *Writer) user() string {
	switch {
	case w.distinctID != "":
		return w.distinctID
	case w.view.user != "":
		return w.view.user
	case w.late == lateUUID:
		return w.id.String()
	case w.randomSet:
		return w.random.String()
	}
	return w.view.anonymous
}

// takeBatch opens a batch, or the writer's own buffer when other people's code may
// run before the event is complete, and begins the event in it.
func (w *Writer) takeBatch(foreign bool) {
	if foreign || w.client.cfg.BeforeSend != nil || w.client.recorder != nil {
		w.buf = w.scratch[:0]
	} else {
		b, err := w.lane.queue.Open(w.ctx, int(w.spec.events()))
		if err != nil {
			w.off, w.err = true, err
			return
		}
		w.batch, w.buf = b, b.Buf
	}
	w.begin = len(w.buf)
	w.limit = w.begin + w.lane.maxEvent
	w.head()
}

// End hands the event to the queue. The zero UUID and an error say that it was
// refused, and why.
func (w *Writer) End() (uuid.UUID, error) {
	if w.client == nil {
		return uuid.UUID{}, w.err // inert and shared
	}
	id, err := w.end()
	if len(w.violations)+len(w.problems) > 0 || w.cutID {
		w.report()
	}
	c, l, ctx, call := w.client, w.lane, w.ctx, w.call
	if err == nil && c.cfg.Debug {
		c.logCaptured(w.name, id, w.size)
	}
	w.release()
	switch {
	case call == nil:
	case err == nil:
		err = l.await(ctx, call)
	default:
		_ = l.syncs.end(call, nil) // nothing was accepted
	}
	if err == nil && c.disabled.Load() {
		l.queue.Rest() // SetDisabled may have come between the first look and the event
	}
	return id, err
}

// forget drops what End would report.
func (w *Writer) forget() {
	clear(w.violations)
	clear(w.problems)
	w.violations, w.problems, w.unreported, w.cutID = w.violations[:0], w.problems[:0], 0, false
}

func (c *Client) logCaptured(name string, id uuid.UUID, size int) {
	c.observe.later(func() {
		c.log().LogAttrs(context.Background(), slog.LevelInfo, "event captured",
			slog.String("event", name), slog.String("uuid", id.String()), slog.Int("bytes", size))
	})
}

func (w *Writer) end() (uuid.UUID, error) {
	if w.off {
		return w.refuse(w.err)
	}
	if w.spec.Idempotent > 0 {
		if err := w.identifyLate(); err != nil {
			return w.refuse(err)
		}
	}
	w.requireGroups()
	if w.invalid {
		return w.refuse(w.violated())
	}
	w.finish()
	w.entries[0] = queue.Entry{UUID: w.id, Name: w.name, End: len(w.buf)}
	if len(w.buf) > w.limit {
		return w.refuse(ErrTooLarge)
	}
	n := 1
	if w.spec.Twin != "" {
		w.twin()
		n = 2
	}
	return w.send(n)
}

// identifyLate settles what identify left to the values of an idempotent event.
func (w *Writer) identifyLate() error {
	if !w.idGiven {
		w.id = w.idempotentUUID(w.name)
		value.PutUUID(w.buf[w.idAt:], w.id)
	}
	return w.sample()
}

// send hands the encoded events over.
func (w *Writer) send(n int) (uuid.UUID, error) {
	w.size = w.entries[n-1].End - w.begin
	if w.batch != nil {
		w.expect(n)
		b := w.batch
		b.Buf = w.buf
		w.batch, w.buf = nil, nil // the queue's from here on, whatever it says
		if err := w.lane.queue.Commit(w.ctx, b, &w.entries, n); err != nil {
			return w.refuse(err)
		}
		return w.id, nil
	}
	if w.client.cfg.BeforeSend != nil {
		if err := w.beforeSend(n); err != nil {
			return w.refuse(err)
		}
	}
	w.expect(n)
	if err := w.lane.queue.Put(w.ctx, w.buf, &w.entries, n); err != nil {
		return w.refuse(err)
	}
	if r := w.client.recorder; r != nil && r.Event != nil {
		start := 0
		for _, e := range w.entries[:n] {
			r.Event(e.Name, w.user(), e.UUID, w.buf[start+1:e.End])
			start = e.End
		}
	}
	return w.id, nil
}

// expect prepares for Config.Sync.
func (w *Writer) expect(n int) {
	if w.client.cfg.Sync {
		w.call = w.lane.syncs.begin(w.entries[:n], w.begin)
	}
}

// refuse counts the event as refused and returns the error that TryCapture answers.
func (w *Writer) refuse(err error) (uuid.UUID, error) {
	if b := w.batch; b != nil {
		w.batch, w.buf = nil, nil
		w.lane.queue.Abandon(b)
	}
	reason := refusedInvalid
	switch {
	case errors.Is(err, queue.ErrClosed):
		reason, err = refusedClosed, ErrClosed
	case errors.Is(err, queue.ErrFull):
		reason, err = refusedFull, ErrQueueFull
		if cause := context.Cause(w.ctx); cause != nil && w.client.cfg.OnFull == Block {
			err = fmt.Errorf("%w: %w", ErrQueueFull, cause) // it ended while the call waited for room
		}
	case errors.Is(err, ErrTooLarge):
		reason = refusedTooLarge
	case errors.Is(err, ErrSampled):
		reason = refusedSampled
		w.forget() // what is left out was never checked
	case errors.Is(err, ErrDropped):
		reason = refusedHook
	case errors.Is(err, errLimited):
		reason = refusedLimited
	}
	w.client.refuse(reason, w.spec.events())
	if !w.invalid { // else the violations are told
		w.client.warnRefused(reason, w.name, err)
	}
	return uuid.UUID{}, err
}
