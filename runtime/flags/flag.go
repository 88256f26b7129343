package flags

import "sync"

// A Flag is one flag of some Definitions. The zero Flag is none.
type Flag struct{ def *flag }

// A flag is a compiled definition.
type flag struct {
	key         string
	id, version int64
	experiment  setting
	encrypted   bool              // its payloads
	payloads    map[string]string // JSON text, by "true" or the variant's key

	fixed *outcome // of a flag that is the same for everybody, else nil

	hashed     string // the key and a dot, which are hashed before the ID
	bucketing  bucketing
	group      groupIndex
	target     *target    // what it is bucketed by, unless a condition says otherwise
	personal   bool       // the person matters, so a distinct ID must be there
	earlyExit  bool       // the first condition whose properties match decides
	overridden bool       // something comes before the conditions
	enrollment *Need      // the person property that overrides everything
	super      *condition // what older documents have instead
	holdout    *holdout
	conditions []condition
	variants   []variant
	choices    map[string]choice // of the variants
	reachable  values            // the variants, and true, that an unknown ID may get

	position int        // in the document's list
	memo     int        // the slot of its outcome in a memory; −1 if nothing depends on it
	dated    bool       // a date is looked at
	memories *sync.Pool // of *memory; nil if its evaluation needs none
}

// bucketing says which of a person's IDs is hashed.
type bucketing uint8

const (
	byDistinctID bucketing = iota
	byDeviceID
	byMemory // the server may remember another one
)

// A variant is one value of a multivariate flag.
type variant struct {
	value  Value
	choice choice // that of the first variant with the same key
	limit  point  // the first point that is too high for it
}

// A holdout is a share of everybody that is kept out of experiments.
type holdout struct {
	value  Value
	choice choice
	limit  point
}

// choiceOf returns the choice of a variant or holdout, −1 if f has no such value.
func (f *flag) choiceOf(key string) choice {
	if c, ok := f.choices[key]; ok {
		return c
	}
	if f.holdout != nil && f.holdout.value.variant == key {
		return f.holdout.choice
	}
	return -1
}

// value returns the value that c stands for.
func (f *flag) value(c choice) Value {
	switch {
	case c == choiceFalse:
		return False
	case c == choiceTrue:
		return True
	case int(c-firstVariant) < len(f.variants):
		return f.variants[c-firstVariant].value
	}
	return f.holdout.value
}

// pick returns the variant at p, true if p is above them all.
func (f *flag) pick(p point) choice {
	for i := range f.variants {
		if p < f.variants[i].limit {
			return f.variants[i].choice
		}
	}
	return choiceTrue
}

// reach computes what an unknown ID may get. That a hash is exactly 0 or 1 happens
// once in 2⁵³ and counts as impossible.
func (f *flag) reach() {
	next := point(1)
	for i := range f.variants {
		v := &f.variants[i]
		if v.limit > next && next < one {
			f.reachable.add(v.choice)
			next = v.limit
		}
	}
	if next < one {
		f.reachable.add(choiceTrue)
	}
}

// report writes an outcome as callers see it into an empty result.
func (f *flag) report(o *outcome, r *Result) {
	r.Reason, r.Condition = o.reason, int(o.condition)
	if !o.many {
		r.Value = f.value(o.first)
	} else if o.need != nil {
		r.Need = *o.need
	}
}

// Key returns the flag's key.
func (f Flag) Key() string {
	if f.def == nil {
		return ""
	}
	return f.def.key
}

// ID returns PostHog's number of the flag, 0 if the document has none.
func (f Flag) ID() int64 {
	if f.def == nil {
		return 0
	}
	return f.def.id
}

// Version returns the version of the flag, 0 if the document has none.
func (f Flag) Version() int64 {
	if f.def == nil {
		return 0
	}
	return f.def.version
}

// Dated reports whether the flag's value may depend on the query's Now.
func (f Flag) Dated() bool { return f.def != nil && f.def.dated }

// HasExperiment reports whether an experiment runs on the flag, and whether the
// document says so at all.
func (f Flag) HasExperiment() (has, known bool) {
	if f.def == nil {
		return false, false
	}
	return f.def.experiment == on, f.def.experiment != unsaid
}

// Payload returns the JSON text of the flag's payload for a value. PostHog does not
// check that it is JSON.
func (f Flag) Payload(v Value) (json string, ok bool) {
	if f.def == nil || !v.On() {
		return "", false
	}
	json, ok = f.def.payloads[v.String()]
	return json, ok
}

// RemotePayload reports whether the flag's payloads are encrypted, so that only the
// server can tell them.
func (f Flag) RemotePayload() bool { return f.def != nil && f.def.encrypted }
