package flagapi

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/internal/origin"
)

// An Answer is what PostHog says about the flags of somebody. Flags that are not in it
// are not known.
type Answer struct {
	Flags                []Flag // sorted by key, each once
	ErrorsWhileComputing bool   // some flags could not be evaluated
	QuotaLimited         bool   // PostHog evaluates no more flags until the next period
	Minimal              bool   // $feature_flag_called may be short if a flag has no experiment
	RequestID            string // "" if the endpoint says none
	EvaluatedAt          int64  // milliseconds since 1970; 0 if the endpoint does not say
}

// A Flag is what PostHog says about a flag.
type Flag struct {
	Key            string
	Value          flags.Value // not known if Failed
	Failed         bool        // PostHog could not evaluate it
	Payload        string      // JSON text most often, as it is stored; "" if there is none
	ID             int64       // 0: not known
	Version        int64       // 0: not known
	Code           string      // of the reason
	Description    string      // of the reason, for people
	ConditionIndex int         // of the condition that decided, from 0; -1 if none did

	HasExperiment   bool
	ExperimentKnown bool // the endpoint says whether there is one
}

// Lookup returns the flag with the key.
func (a *Answer) Lookup(key string) (f Flag, ok bool) {
	i, ok := slices.BinarySearchFunc(a.Flags, key, func(f Flag, key string) int { return strings.Compare(f.Key, key) })
	if ok {
		f = a.Flags[i]
	}
	return f, ok
}

// maxFlags bounds the flags of an answer. PostHog's largest projects have some thousands.
const maxFlags = 20_000

var (
	errNoFlags      = origin.Garbled("the body holds no flags")
	errTooManyFlags = origin.Garbled("the body holds more than " + strconv.Itoa(maxFlags) + " flags")
)

// decode reads the answer of any version of the endpoint. What is malformed costs itself
// only: a flag that makes no sense is left out.
func decode(body []byte) (*Answer, error) {
	if !json.Valid(body) {
		return nil, errNoFlags
	}
	a := new(Answer)
	var details, values, payloads json.RawMessage
	err := members(body, func(key []byte, v json.RawMessage) error {
		switch string(key) {
		case "flags":
			details = v
		case "featureFlags":
			values = v
		case "featureFlagPayloads":
			payloads = v
		case "errorsWhileComputingFlags":
			a.ErrorsWhileComputing, _ = boolean(v)
		case "quotaLimited", "quota_limited":
			a.QuotaLimited = a.QuotaLimited || limited(v)
		case "minimalFlagCalledEvents":
			a.Minimal, _ = boolean(v)
		case "requestId":
			a.RequestID = name(v)
		case "evaluatedAt":
			a.EvaluatedAt = integer(v)
		}
		return nil
	})
	if err != nil {
		return nil, errNoFlags
	}
	switch {
	case opens(details, '{'):
		err = members(details, a.detail)
	case opens(values, '{'), opens(values, '['):
		err = a.legacy(values, payloads)
	case !a.QuotaLimited:
		err = errNoFlags
	}
	if err != nil {
		return nil, err
	}
	a.sort()
	return a, nil
}

// sort sorts the flags and leaves the last one of each key.
func (a *Answer) sort() {
	slices.Reverse(a.Flags)
	slices.SortStableFunc(a.Flags, func(x, y Flag) int { return strings.Compare(x.Key, y.Key) })
	a.Flags = slices.CompactFunc(a.Flags, func(x, y Flag) bool { return x.Key == y.Key })
}

func (a *Answer) add(f Flag) error {
	if len(a.Flags) == maxFlags {
		return errTooManyFlags
	}
	if !f.Value.On() {
		f.Payload = "" // nothing is stored for it
	}
	a.Flags = append(a.Flags, f)
	return nil
}

// detail adds a member of "flags".
func (a *Answer) detail(key []byte, v json.RawMessage) error {
	f := Flag{Key: string(key), ConditionIndex: -1}
	var enabled, variant, value, failed json.RawMessage
	err := members(v, func(key []byte, v json.RawMessage) error {
		switch string(key) {
		case "enabled":
			enabled = v
		case "variant":
			variant = v
		case "value": // version 3 has it instead of the two
			value = v
		case "failed":
			failed = v
		case "reason":
			f.reason(v)
		case "metadata":
			f.metadata(v)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	var sound bool
	if f.Failed, sound = boolean(failed); !sound && !null(failed) {
		return nil
	}
	if !f.Failed {
		if f.Value = detailValue(enabled, variant, value); !f.Value.Known() {
			return nil
		}
	}
	return a.add(f)
}

// detailValue returns the value of a detail; one that is malformed is not known.
func detailValue(enabled, variant, value json.RawMessage) flags.Value {
	on, ok := boolean(enabled)
	switch {
	case null(enabled):
		return flagValue(value)
	case !ok:
		return flags.Value{}
	case !on:
		return flags.False // whatever the variant
	case null(variant):
		return flags.True
	}
	if key, ok := text(variant); ok {
		return flags.Variant(key)
	}
	return flags.Value{}
}

// reason reads why a flag has its value. What is malformed here or in metadata is left out,
// and nothing else.
func (f *Flag) reason(v json.RawMessage) {
	_ = members(v, func(key []byte, v json.RawMessage) error {
		switch string(key) {
		case "code":
			f.Code = name(v)
		case "description":
			f.Description = name(v)
		case "condition_index":
			if n, ok := number(v); ok && n >= 0 && n <= math.MaxInt32 {
				f.ConditionIndex = int(n)
			}
		}
		return nil
	})
}

func (f *Flag) metadata(v json.RawMessage) {
	_ = members(v, func(key []byte, v json.RawMessage) error {
		switch string(key) {
		case "id":
			f.ID = integer(v)
		case "version":
			f.Version = integer(v)
		case "payload":
			f.Payload = payload(v)
		case "has_experiment":
			f.HasExperiment, f.ExperimentKnown = boolean(v)
		}
		return nil
	})
}

// legacy adds the flags of "featureFlags", an object of values or a list of the keys of
// flags that are on. Nothing else is known of them but payloads.
func (a *Answer) legacy(values, payloads json.RawMessage) error {
	texts := make(map[string]string)
	// Payloads that can not be read cost no flag.
	_ = members(payloads, func(key []byte, v json.RawMessage) error {
		if len(texts) == maxFlags {
			return errTooManyFlags
		}
		texts[string(key)] = payload(v)
		return nil
	})
	add := func(key string, v flags.Value) error {
		if !v.Known() {
			return nil
		}
		return a.add(Flag{Key: key, Value: v, Payload: texts[key], ConditionIndex: -1})
	}
	if opens(values, '[') {
		return elements(values, func(v json.RawMessage) error {
			if key, ok := text(v); ok {
				return add(key, flags.True)
			}
			return nil
		})
	}
	return members(values, func(key []byte, v json.RawMessage) error { return add(string(key), flagValue(v)) })
}

// flagValue returns what true, false or a variant means; anything else is not known.
func flagValue(v json.RawMessage) flags.Value {
	if on, ok := boolean(v); ok {
		if on {
			return flags.True
		}
		return flags.False
	}
	if variant, ok := text(v); ok {
		return flags.Variant(variant)
	}
	return flags.Value{}
}

// payload returns the text of a payload. It is JSON inside of a string, and any other
// string is a payload as well; what arrives without one is made text.
func payload(v json.RawMessage) string {
	if s, ok := text(v); ok {
		return s
	}
	if null(v) {
		return ""
	}
	return compact(v)
}

// limited reports whether v lists flags among the products that are out of quota.
func limited(v json.RawMessage) (yes bool) {
	// What can not be read lists nothing.
	_ = elements(v, func(v json.RawMessage) error {
		product, _ := text(v)
		yes = yes || product == "feature_flags"
		return nil
	})
	return yes
}

// name returns a string that is sent on in events, cut to origin.MaxText, or "".
func name(v json.RawMessage) string {
	s, _ := text(v)
	return origin.Cut(s)
}
