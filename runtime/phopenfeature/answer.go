package phopenfeature

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
)

// An answer is what a flag says to one user.
type answer struct {
	key      string
	snapshot *ph.FlagSnapshot
	detail   ph.FlagDetail
	failed   *openfeature.ResolutionError // why there is no value; nil if there is one
}

// resolve returns the value that read finds in a flag that is on, and the default of one
// that is off.
func resolve[T any](a *answer, defaultValue T, read func(*answer) (T, *openfeature.ResolutionError)) openfeature.GenericResolutionDetail[T] {
	value := defaultValue
	if a.failed == nil && a.detail.Value.On() {
		v, failed := read(a)
		if a.failed = failed; failed == nil {
			value = v
		}
	}
	return openfeature.GenericResolutionDetail[T]{Value: value, ProviderResolutionDetail: a.resolution()}
}

// resolution says what OpenFeature wants to know beside the value.
func (a *answer) resolution() openfeature.ProviderResolutionDetail {
	d := openfeature.ProviderResolutionDetail{FlagMetadata: a.metadata()}
	if a.failed != nil {
		d.Reason, d.ResolutionError = openfeature.ErrorReason, *a.failed
		return d
	}
	d.Reason, d.Variant = reasonOf(&a.detail), a.detail.Value.String()
	return d
}

func (a *answer) metadata() openfeature.FlagMetadata {
	m := openfeature.FlagMetadata{}
	if !a.detail.Value.Known() {
		return m
	}
	m["source"] = a.detail.Source.String()
	if a.detail.Reason != "" {
		m["reason"] = a.detail.Reason
	}
	if a.detail.ID != 0 {
		m["id"] = a.detail.ID
	}
	if a.detail.Version != 0 {
		m["version"] = a.detail.Version
	}
	return m
}

// reasonOf translates PostHog's reason.
func reasonOf(d *ph.FlagDetail) openfeature.Reason {
	if d.Source == ph.SourceOverride {
		return openfeature.StaticReason
	}
	switch d.Reason {
	case "condition_match":
		if d.Value.Variant() != "" {
			return openfeature.SplitReason
		}
		return openfeature.TargetingMatchReason
	case "super_condition_value":
		return openfeature.TargetingMatchReason
	case "out_of_rollout_bound", "holdout_condition_value":
		return openfeature.SplitReason
	case "no_condition_match", "no_group_type", "missing_dependency":
		return openfeature.DefaultReason
	case "flag_disabled":
		return openfeature.DisabledReason
	}
	return openfeature.UnknownReason
}

// failure translates the reason why a flag is unknown.
func failure(err error, status ph.FlagsStatus) *openfeature.ResolutionError {
	code, need := "", ""
	if e := (*ph.FlagError)(nil); errors.As(err, &e) {
		code, need = e.Code, e.Need
	}
	undefined := status.LoadedAt.IsZero() // there are no definitions, though perhaps there should be
	text := fmt.Sprint(err)
	var failed openfeature.ResolutionError
	switch {
	case code == "missing_distinct_id":
		failed = openfeature.NewTargetingKeyMissingResolutionError(text)
	case code == "client_disabled", code == "local_evaluation_inconclusive" && undefined:
		failed = openfeature.NewProviderNotReadyResolutionError(text)
	case code == "flag_missing" && undefined && status.Err != nil:
		failed = openfeature.NewProviderNotReadyResolutionError(fmt.Sprintf("%s: %v", text, status.Err))
	case code == "flag_missing", code == "local_evaluation_inconclusive" && need == "":
		failed = openfeature.NewFlagNotFoundResolutionError(text)
	default:
		failed = openfeature.NewGeneralResolutionError(text, err)
	}
	return &failed
}

// text is the value of a flag that is on, for a caller who wants a string.
func (a *answer) text() (string, *openfeature.ResolutionError) {
	if v := a.detail.Value.Variant(); v != "" {
		return v, nil
	}
	raw, junk := a.payload()
	if junk == nil && (len(raw) == 0 || raw[0] != '"') {
		return "", a.mismatch("text")
	}
	var text string // what is no JSON is text as it stands
	if a.snapshot.Payload(a.key, &text) != nil {
		return "", a.mismatch("text")
	}
	return text, nil
}

// float is that for a caller who wants a number.
func (a *answer) float() (float64, *openfeature.ResolutionError) {
	const want = "a number"
	n, failed := a.number(want)
	if failed != nil {
		return 0, failed
	}
	f, err := n.Float64()
	if err != nil { // it is too large
		return 0, a.mismatch(want)
	}
	return f, nil
}

// int is that for a caller who wants a whole number, which JSON may spell 1.0 or 1e3.
func (a *answer) int() (int64, *openfeature.ResolutionError) {
	const want = "a whole number of 64 bits"
	n, failed := a.number(want)
	if failed != nil {
		return 0, failed
	}
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return i, nil
	}
	const exact = 1 << 53 // beyond it a float64 may stand for several whole numbers
	if f, err := n.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < exact {
		return int64(f), nil
	}
	return 0, a.mismatch(want)
}

// number is the payload or, without one, the variant as the number that it reads as.
func (a *answer) number(want string) (json.Number, *openfeature.ResolutionError) {
	raw, failed := a.payload()
	if failed != nil {
		return "", failed
	}
	if raw == nil {
		raw = json.RawMessage(a.detail.Value.Variant())
	}
	var n *json.Number // null is none
	if len(raw) == 0 || raw[0] == '"' || json.Unmarshal(raw, &n) != nil || n == nil {
		return "", a.mismatch(want)
	}
	return *n, nil
}

// object is that for a caller who wants a structure.
func (a *answer) object() (any, *openfeature.ResolutionError) {
	raw, failed := a.payload()
	if failed != nil {
		return nil, failed
	}
	var v any
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' || json.Unmarshal(raw, &v) != nil {
		return nil, a.mismatch("an object or a list")
	}
	return v, nil
}

// payload returns the flag's payload, nil if it has none.
func (a *answer) payload() (json.RawMessage, *openfeature.ResolutionError) {
	var raw json.RawMessage
	switch err := a.snapshot.Payload(a.key, &raw); {
	case errors.Is(err, ph.ErrNoPayload):
		return nil, nil
	case err != nil:
		failed := openfeature.NewParseErrorResolutionError(fmt.Sprintf("the payload of flag %q for %q is no JSON", a.key, a.detail.Value), err)
		return nil, &failed
	}
	return raw, nil
}

// mismatch says that the flag is nothing of the kind that the caller wants.
func (a *answer) mismatch(want string) *openfeature.ResolutionError {
	failed := openfeature.NewTypeMismatchResolutionError(fmt.Sprintf("flag %q is %q, and its payload for that is not %s", a.key, a.detail.Value, want))
	return &failed
}
