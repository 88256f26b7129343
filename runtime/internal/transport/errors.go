package transport

import (
	"strconv"

	"github.com/phgen/phgen/runtime/internal/origin"
)

// A StatusError is an answer that is no success.
type StatusError struct {
	Status      int
	Code        string // what the endpoint calls it; only V1 says
	Description string // and why; only V1 says
}

// Error says the status and what the endpoint said about it.
func (e *StatusError) Error() string {
	return origin.Refused(e.Status, e.Code, e.Description)
}

// A ResultError is what V1 says about an event that it did not take.
type ResultError struct {
	Result  string // "drop" or "retry"
	Details string // why; "" if the endpoint does not say
}

// Error says the word and the details.
func (e *ResultError) Error() string {
	text := "endpoint answered " + strconv.Quote(e.Result)
	if e.Details != "" {
		text += ": " + e.Details
	}
	return text
}
