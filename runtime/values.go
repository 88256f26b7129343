package runtime

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/phgen/phgen/runtime/value"
)

// Date is a calendar day without a time or zone. The zero Date is unset. A Date that no
// calendar has, like 30 February, breaks the rule "date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String returns the day as 2006-01-02, whether or not there is such a day.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText returns the day as 2006-01-02. It is an error if there is no such day
// or its year lies outside 1 to 9999.
func (d Date) MarshalText() ([]byte, error) {
	text, ok := value.AppendDate(nil, d.Year, d.Month, d.Day)
	if !ok {
		return nil, fmt.Errorf("ph: no such day: %s", d)
	}
	return text[1 : len(text)-1], nil
}

// Money is an amount in minor units (cents) of an ISO 4217 currency: {4999, "USD"} is
// sent as 49.99, {500, "JPY"} as 500. Without a currency it is unset.
type Money struct {
	Minor    int64
	Currency string
}

// JSON is one JSON value that is sent as it is, white space removed. What is no JSON, or
// nests more than 32 levels, breaks the rule "json" and is sent as null.
type JSON []byte

// MarshalJSON returns j itself, or null for a nil JSON. Whether j is JSON is for the
// caller to check, as package encoding/json does.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == nil {
		return []byte("null"), nil
	}
	return j, nil
}

// UnmarshalJSON sets j to a copy of data.
func (j *JSON) UnmarshalJSON(data []byte) error {
	if j == nil {
		return errors.New("ph: UnmarshalJSON on a nil *JSON")
	}
	*j = slices.Clone(data)
	return nil
}
