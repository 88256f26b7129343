package transport

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

// A StatusError is an answer that is no success.
type StatusError struct {
	Status      int
	Code        string // what the endpoint calls it; only V1 says
	Description string // and why; only V1 says
}

// Error says the status and what the endpoint said about it.
func (e *StatusError) Error() string {
	text := strings.TrimRight("endpoint answered "+strconv.Itoa(e.Status)+" "+http.StatusText(e.Status), " ")
	for _, s := range []string{e.Code, e.Description} {
		if s != "" {
			text += ": " + s
		}
	}
	return text
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

const (
	maxText  = 200     // bytes of what an endpoint says in an error
	maxError = 1 << 10 // bytes of an error that keeps its type
)

// hideKey returns what replaces key, in every spelling that it may have in a text.
func hideKey(key string) *strings.Replacer {
	if key == "" {
		return strings.NewReplacer()
	}
	json, quoted := string(value.AppendString(nil, key)), strconv.Quote(key)
	var pairs []string
	for _, spelling := range []string{json[1 : len(json)-1], quoted[1 : len(quoted)-1], url.QueryEscape(key), url.PathEscape(key), key} {
		pairs = append(pairs, spelling, "[API key]")
	}
	return strings.NewReplacer(pairs...)
}

// clean returns what somebody else says as one short line without the key.
func (t *Transport) clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, t.hide.Replace(text)))
	if len(text) <= maxText {
		return text
	}
	end := maxText - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// conceal returns err without the key, and short. A RoundTripper of the caller's may say
// anything, and net/http quotes a hostile answer; an error that behaves keeps its type.
func (t *Transport) conceal(err error) error {
	text := err.Error()
	if len(text) > maxError || t.hide.Replace(text) != text {
		return errors.New(t.clean(text))
	}
	return err
}
