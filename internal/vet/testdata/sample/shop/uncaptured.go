package shop

import (
	"context"

	"example.com/sample/generated/tracking"
	"example.com/sample/wrap"
)

func dropped(ctx context.Context, e tracking.OrderPaidEvent) {
	tracking.OrderPaid("o", "card")                 // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	tracking.OrderPaid("o", "card").WithCoupon("c") // want `PHV001: event "order_paid" is built and never captured: WithCoupon returns a copy, which is dropped`
	e.WithItems(3)                                  // want `PHV001: event "order_paid" is built and never captured: WithItems returns a copy, which is dropped`
	(tracking.PageLeft())                           // want `PHV001: event "page_left" is built and never captured: the value is dropped`
	defer tracking.PageLeft()                       // want `PHV001: event "page_left" is built and never captured: the value is dropped`
	go tracking.PageLeft()                          // want `PHV001: event "page_left" is built and never captured: the value is dropped`
	tracking.Person().WithEmail("a@b.example")      // want `PHV001: update PersonUpdate is built and never captured: WithEmail returns a copy, which is dropped`
	tracking.Team("t", "T")                         // want `PHV001: update TeamGroup is built and never captured: the value is dropped`
	e.Capture(ctx)
}

func neverRead(items int64) {
	e := tracking.OrderPaid("o", "card") // want `PHV001: event "order_paid" is built and never captured: nothing but its own setters uses e`
	if items > 0 {
		e = e.WithItems(items).WithCoupon("c")
	}
	var f = tracking.OrderPaid("o", "card") // want `PHV001: event "order_paid" is built and never captured: nothing but its own setters uses f`
	func() { f = f.WithItems(items) }()
}

func fromWrappers(ctx context.Context) {
	wrap.Paid("o")                // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	wrap.Twice("o")               // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	wrap.OrError("o")             // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	wrap.Generic("o")             // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	wrap.Generic[int](1)          // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	(&wrap.Shop{}).Paid("o")      // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	local("o")                    // want `PHV001: event "order_paid" is built and never captured: the value is dropped`
	e, err := wrap.OrError("o")   // want `PHV001: event "order_paid" is built and never captured: nothing but its own setters uses e`
	e = e.WithCoupon(err.Error()) // the compiler counts this as a use
}

func local(id string) tracking.OrderPaidEvent {
	e := wrap.Paid(id)
	e = e.WithItems(1)
	return e
}
