package flagapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

// A StatusError is an answer that is no success.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // what the endpoint asks for, however long; 0 if nothing
	Code       string        // what the endpoint calls it, if it says
	Detail     string        // and why
}

// Error says the status and what the endpoint said about it.
func (e *StatusError) Error() string {
	text := strings.TrimRight("endpoint answered "+strconv.Itoa(e.Status)+" "+http.StatusText(e.Status), " ")
	for _, s := range []string{e.Code, e.Detail} {
		if s != "" {
			text += ": " + s
		}
	}
	return text
}

// A ConnectionError says that no answer came, or none that is whole.
type ConnectionError struct {
	Timeout bool
	Err     error // the cause of the context's deadline, if that is why
}

// Error says why.
func (e *ConnectionError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *ConnectionError) Unwrap() error { return e.Err }

// The codes of $feature_flag_error that are about a request. That of a status is
// "api_error_" and its number.
const (
	CodeTimeout      = "timeout"
	CodeConnection   = "connection_error"
	CodeQuotaLimited = "quota_limited"
	CodeUnknown      = "unknown_error"
)

// Code returns the code of an error of this package, or "" for nil. A caller that gave up
// has CodeUnknown. An answer that is limited is no error: see [Answer.QuotaLimited].
func Code(err error) string {
	var status *StatusError
	var connection *ConnectionError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &status):
		return "api_error_" + strconv.Itoa(status.Status)
	case errors.As(err, &connection) && connection.Timeout, errors.Is(err, context.DeadlineExceeded):
		return CodeTimeout
	case connection != nil:
		return CodeConnection
	}
	return CodeUnknown
}

// garbled returns the error of a success that is no answer.
func garbled(what string) error { return errors.New("endpoint answered with success, but " + what) }

// broken returns the error of a request that got no whole answer.
func (c *Client) broken(ctx context.Context, err error) error {
	switch ended := ctx.Err(); {
	case errors.Is(ended, context.DeadlineExceeded):
		return &ConnectionError{Timeout: true, Err: c.conceal(context.Cause(ctx))}
	case ended != nil:
		return c.conceal(context.Cause(ctx))
	}
	var slow net.Error
	return &ConnectionError{Timeout: errors.As(err, &slow) && slow.Timeout(), Err: c.conceal(err)}
}

// maxRefusal bounds what is read of the body of a failure.
const maxRefusal = 64 << 10

// refusal reads an answer that is no success: {"code":"…","detail":"…"}. Its status
// counts, whatever becomes of the body.
func (c *Client) refusal(res *http.Response) error {
	e := &StatusError{Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"), time.Now())}
	body, err := inflated(res, maxRefusal)
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxRefusal))
	if err != nil {
		return e
	}
	var said struct{ Type, Code, Detail json.RawMessage }
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Detail = c.said(said.Code), c.said(said.Detail)
		if e.Code == "" {
			e.Code = c.said(said.Type)
		}
	}
	return e
}

// said returns a string of a failure.
func (c *Client) said(v json.RawMessage) string {
	s, _ := text(v)
	return c.clean(s)
}

// absurdRetryAfter is the number of seconds, 30 years, from which on a Retry-After
// is a mistake rather than a wish.
const absurdRetryAfter = 1e9

// retryAfter reads a Retry-After header, in seconds or as a date. It returns 0 for
// everything that is no time in the future.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || seconds > absurdRetryAfter {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

const (
	maxText  = 200     // bytes of what an endpoint says
	maxError = 1 << 10 // bytes of an error that keeps its type
)

// hideKeys returns what replaces keys, in every spelling that they may have in a text.
func hideKeys(keys ...string) *strings.Replacer {
	// A key may begin like another: the longer one is looked for first.
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, key := range keys {
		if key == "" {
			continue
		}
		json, quoted := string(value.AppendString(nil, key)), strconv.Quote(key)
		for _, spelling := range []string{json[1 : len(json)-1], quoted[1 : len(quoted)-1], url.QueryEscape(key), url.PathEscape(key), key} {
			pairs = append(pairs, spelling, "[key]")
		}
	}
	return strings.NewReplacer(pairs...)
}

// clean returns what somebody else says as one short line without the keys.
func (c *Client) clean(text string) string {
	return cut(strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, c.hide.Replace(text))))
}

// cut returns text, or its beginning and an ellipsis: maxText bytes at most.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// conceal returns err without the keys, and short. A RoundTripper of the caller's may say
// anything, and net/http quotes a hostile answer; an error that behaves keeps its type.
func (c *Client) conceal(err error) error {
	text := err.Error()
	if len(text) > maxError || c.hide.Replace(text) != text {
		return errors.New(c.clean(text))
	}
	return err
}
