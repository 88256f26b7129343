package shop

import (
	"context"

	"example.com/sample/wrap"
	ph "github.com/phgen/phgen/runtime"
)

const paid = "order_" + "paid"

func strings(ctx context.Context, c *ph.Client, name string) {
	ph.Capture(ctx, "order_paid", nil)            // want `PHV002: event "order_paid" is in the plan: send it with tracking.OrderPaid, whose properties the compiler checks`
	ph.TryCapture(ctx, paid, nil)                 // want `PHV002: event "order_paid" is in the plan: send it with tracking.OrderPaid, whose properties the compiler checks`
	ph.CaptureAttrs(ctx, "page_left")             // want `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks`
	ph.CaptureAI(ctx, "page_left", nil)           // want `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks`
	wrap.Track(ctx, "page_left")                  // want `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks`
	track(ctx, "page_left")                       // want `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks`
	c.Flag(ctx, "fast-path")                      // want `PHV002: flag "fast-path" is in the plan: read it with flags.FastPath, which cannot be misspelt`
	c.RemoteConfig(ctx, "limits", nil)            // want `PHV002: flag "limits" is in the plan: read it with flags.LimitsConfig, which cannot be misspelt`
	wrap.On(ctx, c, "fast-path")                  // want `PHV002: flag "fast-path" is in the plan: read it with flags.FastPath, which cannot be misspelt`
	s, _ := c.EvaluateFlags(ctx, ph.FlagQuery{})  //
	_ = s.Enabled("fast-path") && s.Enabled("xx") // want `PHV002: flag "fast-path" is in the plan: read it with flags.FastPath, which cannot be misspelt`

	ph.Capture(ctx, "movie played", nil)
	ph.Capture(ctx, name, nil)
	wrap.Track(ctx, "movie played")
	ph.Capture(ctx, "page_left", nil) //phgen:ignore PHV002 the mobile team counts these
	//nolint:phgen // the mobile team counts these
	ph.Capture(ctx, "page_left", nil)
	ph.Capture(ctx, "page_left", nil) //phgen:ignore PHV002
	// want-above `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks (the comment that ignores it gives no reason)`
	ph.Capture(ctx, "page_left", nil) /* want `PHV002: event "page_left" is in the plan: send it with tracking.PageLeft, whose properties the compiler checks` */ //phgen:ignore PHV001 another code
	renamed(ctx, "page_left")
}

func track(ctx context.Context, name string) { wrap.Track(ctx, name) }

// What it sends is not what it was given.
func renamed(ctx context.Context, name string) {
	name = "my " + name
	ph.Capture(ctx, name, nil)
}
