// Package wrap builds events for other packages.
package wrap

import (
	"context"
	"errors"
	"fmt"

	"example.com/sample/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

// Paid returns an event that it has not sent.
func Paid(id string) tracking.OrderPaidEvent { return tracking.OrderPaid(id, "card") }

// Twice calls a function that is declared below it.
func Twice(id string) tracking.OrderPaidEvent { return OrderPaid(id).WithItems(2) }

// OrderPaid returns what another function built.
func OrderPaid(id string) tracking.OrderPaidEvent { return Paid(id) }

// OrError returns an event, or an error.
func OrError(id string) (tracking.OrderPaidEvent, error) {
	if id == "" {
		return tracking.OrderPaidEvent{}, errors.New("no id")
	}
	e := tracking.OrderPaid(id, "card")
	if id == "o" {
		e = e.WithCoupon("c")
	}
	return e, nil
}

// Generic returns an event of anything.
func Generic[T any](id T) tracking.OrderPaidEvent { return tracking.OrderPaid(fmt.Sprint(id), "card") }

// A Shop has a method that builds an event.
type Shop struct{}

// Paid builds an event.
func (s *Shop) Paid(id string) tracking.OrderPaidEvent { return tracking.OrderPaid(id, "card") }

// Sent returns an event that it has sent.
func Sent(ctx context.Context, id string) tracking.OrderPaidEvent {
	e := tracking.OrderPaid(id, "card")
	e.Capture(ctx)
	return e
}

// Kept returns an event that it has put somewhere.
func Kept(list *[]tracking.OrderPaidEvent, id string) tracking.OrderPaidEvent {
	e := tracking.OrderPaid(id, "card")
	*list = append(*list, e)
	return e
}

// Track sends an event by its name.
func Track(ctx context.Context, name string) { ph.Capture(ctx, name, nil) }

// On reads a flag by its key.
func On(ctx context.Context, c *ph.Client, key string) bool {
	v, ok := c.Flag(ctx, key)
	return ok && v.On()
}

// Deprecated is deprecated itself, so that it may use what is.
//
// Deprecated: use something else.
func Deprecated() tracking.Courier { return tracking.CourierPigeon }
