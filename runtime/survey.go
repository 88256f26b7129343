package runtime

import (
	"context"
	"fmt"

	"github.com/phgen/phgen/runtime/internal/surveys"
)

// surveys loads the document of surveys, for RequestTimeout at most.
func (c *Client) surveys(ctx context.Context) ([]byte, error) {
	switch {
	case c == nil || c.flags == nil:
		return nil, ErrDisabled
	case c.closed.Load():
		return nil, ErrClosed
	case c.disabled.Load():
		return nil, ErrDisabled
	}
	ctx, cancel := context.WithTimeout(orBackground(ctx), c.cfg.RequestTimeout)
	defer cancel()
	defer context.AfterFunc(c.flags.life, cancel)()
	doc, err := c.flags.api.Surveys(ctx)
	switch {
	case err != nil && c.closed.Load():
		return nil, ErrClosed // which is why
	case err != nil:
		return nil, fmt.Errorf("ph: loading surveys: %w", err)
	}
	return doc, nil
}

func init() {
	surveys.Fetch = func(ctx context.Context, client any) ([]byte, error) {
		c, _ := client.(*Client)
		return c.surveys(ctx)
	}
}
