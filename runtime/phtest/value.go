package phtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Value is one value of a recorded event that is not null. Its methods read it
// as a type of the plan; a value of another kind reads as the zero value.
type Value struct{ raw json.RawMessage }

// String returns a string.
func (v Value) String() string {
	var s string
	if json.Unmarshal(v.raw, &s) != nil {
		return ""
	}
	return s
}

// Int returns an integer.
func (v Value) Int() int64 {
	i, err := strconv.ParseInt(string(v.raw), 10, 64)
	if err != nil {
		return 0
	}
	return i
}

// Float returns a number.
func (v Value) Float() float64 {
	f, err := strconv.ParseFloat(string(v.raw), 64)
	if err != nil {
		return 0
	}
	return f
}

// Bool returns a boolean.
func (v Value) Bool() bool { return string(v.raw) == "true" }

// Time returns a timestamp, in UTC.
func (v Value) Time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, v.String())
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Date returns a calendar day as it was sent, even one that no calendar has.
func (v Value) Date() ph.Date {
	var d ph.Date
	s := v.String()
	if _, err := fmt.Sscanf(s, "%4d-%2d-%2d", &d.Year, &d.Month, &d.Day); err != nil || d.String() != s {
		return ph.Date{}
	}
	return d
}

// Duration returns a number of units, to the nearest nanosecond.
func (v Value) Duration(unit ph.Unit) time.Duration {
	f, err := strconv.ParseFloat(string(v.raw), 64)
	if err != nil || math.Abs(f) > math.MaxInt64 {
		return 0 // no duration is that long, and Rat would write out its zeros
	}
	count, ok := new(big.Rat).SetString(string(v.raw))
	if !ok {
		return 0
	}
	count.Mul(count, new(big.Rat).SetInt64(int64(lengths[unit])))
	ns, err := strconv.ParseInt(count.FloatString(0), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ns)
}

var lengths = map[ph.Unit]time.Duration{
	ph.Nanosecond:  time.Nanosecond,
	ph.Microsecond: time.Microsecond,
	ph.Millisecond: time.Millisecond,
	ph.Second:      time.Second,
	ph.Minute:      time.Minute,
	ph.Hour:        time.Hour,
	ph.Day:         24 * time.Hour,
}

// UUID returns a UUID.
func (v Value) UUID() uuid.UUID {
	id, err := uuid.Parse(v.String())
	if err != nil {
		return uuid.UUID{}
	}
	return id
}

// IP returns an address.
func (v Value) IP() netip.Addr {
	a, err := netip.ParseAddr(v.String())
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// JSON returns the value itself, as it was sent.
func (v Value) JSON() ph.JSON { return ph.JSON(bytes.Clone(v.raw)) }

// Items returns the items of an array.
func (v Value) Items() []Value {
	var list []json.RawMessage
	if json.Unmarshal(v.raw, &list) != nil {
		return nil
	}
	items := make([]Value, len(list))
	for i, item := range list {
		items[i] = Value{item}
	}
	return items
}

// Entries returns the entries of a map.
func (v Value) Entries() map[string]Value {
	m := v.object()
	if m == nil {
		return nil
	}
	entries := make(map[string]Value, len(m))
	for key, entry := range m {
		entries[key] = Value{entry}
	}
	return entries
}

// Field returns a field of an object. It reports false if the field is missing or
// null.
func (v Value) Field(key string) (Value, bool) { return field(v.object(), key) }

// Money returns the amount that two fields of an object hold together, as
// [Record.Money] does.
func (v Value) Money(amountKey, currencyKey string) (ph.Money, bool) {
	return money(v.object(), amountKey, currencyKey)
}

// object returns the members of an object, nil for anything else.
func (v Value) object() map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(v.raw, &m) != nil {
		return nil
	}
	return m
}

func field(m map[string]json.RawMessage, key string) (Value, bool) {
	raw, ok := m[key]
	return Value{raw}, ok && string(raw) != "null"
}

// money reads an amount. It is written with as many decimals as its currency has,
// so its digits alone are the minor units.
func money(m map[string]json.RawMessage, amountKey, currencyKey string) (ph.Money, bool) {
	var currency string
	if raw, ok := field(m, currencyKey); !ok || json.Unmarshal(raw.raw, &currency) != nil {
		return ph.Money{}, false
	}
	minor, err := strconv.ParseInt(strings.Replace(string(m[amountKey]), ".", "", 1), 10, 64)
	if err != nil {
		return ph.Money{}, false
	}
	return ph.Money{Minor: minor, Currency: currency}, true
}
