package flags

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/phgen/phgen/runtime/value"
)

// A Value is what a flag is for somebody: off, on, or on with a variant. The zero
// Value is none of these: it is not known. Values are comparable with ==.
type Value struct {
	setting setting
	variant string
}

// A setting is a yes or no that may be absent.
type setting uint8

const (
	unsaid setting = iota
	off
	on
)

// The values of a flag without variants.
var (
	False = Value{setting: off}
	True  = Value{setting: on}
)

// Variant returns the value of a flag that is on with the variant named key, which
// for somebody in a holdout is "holdout-" and a number. Variant("") is [True].
func Variant(key string) Value { return Value{setting: on, variant: key} }

// Known reports whether v is a value at all.
func (v Value) Known() bool { return v.setting != unsaid }

// On reports whether the flag is on, with or without a variant.
func (v Value) On() bool { return v.setting == on }

// Variant returns the variant's key, or "" if there is none.
func (v Value) Variant() string { return v.variant }

// String returns "true", "false", the variant's key, or "unknown".
func (v Value) String() string {
	switch {
	case v.variant != "":
		return v.variant
	case v.setting == on:
		return "true"
	case v.setting == off:
		return "false"
	}
	return "unknown"
}

// MarshalJSON writes true, false, the variant's key as a string, or null.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.variant != "":
		return value.AppendString(nil, v.variant), nil
	case v.Known():
		return []byte(v.String()), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what [Value.MarshalJSON] writes.
func (v *Value) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		*v = True
	case "false":
		*v = False
	case "null":
		*v = Value{}
	default:
		var key string
		if err := json.Unmarshal(text, &key); err != nil {
			return fmt.Errorf("flag value: %w", err)
		}
		if key == "" {
			return errors.New(`flag value: "" is no variant`)
		}
		*v = Variant(key)
	}
	return nil
}
