// Package raw sees no generated package.
package raw

import (
	"context"

	ph "github.com/phgen/phgen/runtime"
)

// Send sends planned events by their names.
func Send(ctx context.Context, c *ph.Client) {
	ph.Capture(ctx, "order_paid", nil)
	ph.Capture(ctx, "movie played", nil)
	ph.Capture(ctx, "page_left", nil) //phgen:ignore PHV002 the mobile team counts these
	c.Flag(ctx, "fast-path")
}
