package flagapi

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	maxAnswer  = 16 << 20 // bytes, inflated
	retryDelay = 300 * time.Millisecond
)

// Flags asks for the flags of r. A request that gets no answer, or that a gateway gives
// up, is made once more, if ctx leaves time.
func (c *Client) Flags(ctx context.Context, r *Request) (*Answer, error) {
	k := &call{
		method: http.MethodPost,
		url:    "/flags/?v=2",
		header: http.Header{},
		body:   r.append(make([]byte, 0, 512), c.cfg.Token),
		limit:  maxAnswer,
	}
	answer, err := c.do(ctx, k)
	if transient(err) && pause(ctx, retryDelay) {
		answer, err = c.do(ctx, k)
	}
	if err != nil {
		return nil, err
	}
	if !answer.success() {
		return nil, &StatusError{Status: answer.status}
	}
	return decode(answer.body)
}

// transient reports whether the same request may fare better at once. PostHog says 503
// while it has no data, and that lasts.
func transient(err error) bool {
	var connection *ConnectionError
	var status *StatusError
	switch {
	case errors.As(err, &connection):
		return true
	case errors.As(err, &status):
		return status.Status == http.StatusBadGateway || status.Status == http.StatusGatewayTimeout
	}
	return false
}

// pause waits for d, or reports false: at once, if ctx ends before that.
func pause(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
