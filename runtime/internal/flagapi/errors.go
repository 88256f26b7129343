package flagapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/phgen/phgen/runtime/internal/origin"
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
	return origin.Refused(e.Status, e.Code, e.Detail)
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

// broken returns the error of a request that got no whole answer.
func (c *Client) broken(ctx context.Context, err error) error {
	switch ended := ctx.Err(); {
	case errors.Is(ended, context.DeadlineExceeded):
		return &ConnectionError{Timeout: true, Err: c.keys.Conceal(context.Cause(ctx))}
	case ended != nil:
		return c.keys.Conceal(context.Cause(ctx))
	}
	var slow net.Error
	return &ConnectionError{Timeout: errors.As(err, &slow) && slow.Timeout(), Err: c.keys.Conceal(err)}
}

// maxRefusal bounds what is read of the body of a failure.
const maxRefusal = 64 << 10

// refusal reads an answer that is no success: {"code":"…","detail":"…"}. Its status
// counts, whatever becomes of the body.
func (c *Client) refusal(res *http.Response) error {
	e := &StatusError{Status: res.StatusCode, RetryAfter: origin.RetryAfter(res.Header, time.Now())}
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
	return c.keys.Clean(s)
}
