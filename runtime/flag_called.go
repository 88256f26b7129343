package runtime

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// flagCalledSpec is that of $feature_flag_called.
var flagCalledSpec = EventSpec{Name: "$feature_flag_called", Kind: KindEvent, flagCalled: true}

// maxCalled is how many readings of flags are remembered at least, and half of how many at
// most, so that each is sent once (TestCalledIsBounded).
const maxCalled = 50_000

// calledFlags remembers which readings were sent. Each is a hash of 64 bits: of a million
// readings one is taken for another with a probability of less than 1 in 10 million.
type calledFlags struct {
	recent [1024]atomic.Uint64 // some of those in new: most readings need no lock

	mu        sync.Mutex
	new, aged map[uint64]struct{} // each of maxCalled at most; aged is the older half
}

// calledSeed is that of the hashes of readings.
var calledSeed = maphash.MakeSeed()

// calledHash tells readings apart: by user, flag, typed value, groups and device.
func calledHash(a *flagAsk, key string, v FlagValue) uint64 {
	// Odd factors keep the parts apart.
	sum := maphash.String(calledSeed, a.query.DistinctID) + 3*maphash.String(calledSeed, key)
	switch {
	case v.Variant() != "":
		sum += 5 * maphash.String(calledSeed, v.Variant())
	case v.On():
		sum++
	case v.Known():
		sum += 2
	}
	if a.query.DeviceID != "" {
		sum += 7 * maphash.String(calledSeed, a.query.DeviceID)
	}
	for groupType, key := range a.query.Groups { // in any order
		sum += maphash.Comparable(calledSeed, [2]string{groupType, key})
	}
	return sum
}

// slot is where a reading is among the recent ones.
func (f *calledFlags) slot(hash uint64) *atomic.Uint64 { return &f.recent[hash%uint64(len(f.recent))] }

// has reports whether a reading was sent of late. If not, reserve tells.
func (f *calledFlags) has(hash uint64) bool {
	slot := f.slot(hash)
	if slot.Load() == hash {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.new[hash]
	if ok {
		slot.Store(hash)
	}
	return ok
}

// reserve reports whether a reading is new, and remembers it.
func (f *calledFlags) reserve(hash uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.new[hash]; ok {
		return false
	}
	_, known := f.aged[hash]
	if f.new == nil || len(f.new) >= maxCalled {
		f.new, f.aged = make(map[uint64]struct{}), f.new
	}
	f.new[hash] = struct{}{}
	return !known
}

// release forgets a reading whose event was refused.
func (f *calledFlags) release(hash uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slot(hash).CompareAndSwap(hash, 0)
	delete(f.new, hash)
	delete(f.aged, hash)
}

// noCall reports whether no reading for a is sent.
func (c *Client) noCall(a *flagAsk) bool {
	return a.silent || a.query.DistinctID == "" || c.closed.Load() || c.disabled.Load()
}

// called reports whether nothing is left to send for a value that was evaluated here.
func (c *Client) called(a *flagAsk, key string, v FlagValue) bool {
	return c.noCall(a) || c.flags.called.has(calledHash(a, key, v))
}

// flagCalled sends $feature_flag_called, unless that was done for the same reading or
// nobody wants it. It reports whether the reading need not be looked at again. It never waits: what
// finds the queue full is sent with a later reading.
func (c *Client) flagCalled(ctx context.Context, a *flagAsk, answer *flagAnswer) bool {
	switch {
	case c.recorder != nil && answer.source == SourceDefault:
		return false // a test that says nothing about the flag
	case answer.source == SourceOverride, c.noCall(a):
		return false
	}
	ctx = orBackground(ctx)
	hash := calledHash(a, answer.key, answer.value)
	if !c.flags.called.reserve(hash) {
		return true
	}
	if scopeOf(ctx).captures() != c {
		ctx = With(ctx, UseClient(c)) // the reader's client is neither the scope's nor the default one
	}
	w := begin(atOnce{ctx}, &flagCalledSpec, flagCalledSpec.Name, a.eventOptions(scopeOf(ctx).view()), true)
	if !w.off { // an inert one is shared
		w.minimal = answer.minimal && answer.experiment == no
		w.flagCalled(a, answer)
	}
	if id, _ := w.End(); id == uuid.Nil {
		c.flags.called.release(hash)
		return false
	}
	return true
}

// eventOptions returns the options of the event about a reading: those of the call, and the
// groups that only the evaluation knows of.
func (a *flagAsk) eventOptions(v *view) []Option {
	opts := slices.Clip(a.opts)
	for _, groupType := range slices.Sorted(maps.Keys(a.query.Groups)) {
		key := a.query.Groups[groupType]
		if !slices.ContainsFunc(v.groups, func(g group) bool { return g.groupType == groupType && g.key == key }) {
			opts = append(opts, InGroup(groupType, key))
		}
	}
	return opts
}

// atOnce is a context that no capture waits under: it ends at once for those who would.
type atOnce struct{ context.Context }

var ended = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done is closed.
func (atOnce) Done() <-chan struct{} { return ended }

// Err says that there is no time to wait.
func (atOnce) Err() error { return context.DeadlineExceeded }

// flagCalled writes the properties of $feature_flag_called.
func (w *Writer) flagCalled(a *flagAsk, answer *flagAnswer) {
	w.any("$feature_flag", answer.key)
	w.any("$feature_flag_response", answer.value)
	w.any("locally_evaluated", answer.source == SourceLocal)
	w.any("$feature/"+answer.key, answer.value)
	if answer.payload != "" {
		w.any("$feature_flag_payload", payloadValue(answer.payload))
	}
	positive := func(key string, n int64) {
		if n > 0 {
			w.any(key, n)
		}
	}
	positive("$feature_flag_id", answer.id)
	positive("$feature_flag_version", answer.version)
	text := func(key, v string) {
		if v != "" {
			w.any(key, v)
		}
	}
	text("$feature_flag_reason", answer.description)
	text("$feature_flag_request_id", answer.requestID)
	positive("$feature_flag_evaluated_at", answer.evaluatedAt)
	positive("$feature_flag_definitions_loaded_at", answer.loadedAt)
	text("$feature_flag_error", answer.code)
	if answer.experiment != unsaid {
		w.any("$feature_flag_has_experiment", answer.experiment == yes)
	}
	text(keyDevice, a.query.DeviceID)
}

// payloadValue returns the payload for an event: JSON if it is any, else text.
func payloadValue(text string) any {
	if json.Valid([]byte(text)) {
		return JSON(text)
	}
	return text
}

// minimalKeys are the properties of a $feature_flag_called that is to be small.
var minimalKeys = map[string]bool{
	"$feature_flag": true, "$feature_flag_response": true, "$feature_flag_has_experiment": true,
	"$feature_flag_id": true, "$feature_flag_version": true, "$feature_flag_reason": true,
	"$feature_flag_request_id": true, "$feature_flag_evaluated_at": true, "$feature_flag_error": true,
	"locally_evaluated": true, keyGroups: true, keyPersonless: true, keySession: true, keyWindow: true, keyDevice: true,
	propLib: true, propLibVersion: true, propIsServer: true, propGeoIPDisable: true,
	propOS: true, propOSVersion: true, propOSDistro: true, propGoVersion: true,
}
