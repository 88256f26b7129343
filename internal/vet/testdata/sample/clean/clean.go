// Package clean uses events in every way that is right, or that nobody can tell.
package clean

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"example.com/sample/generated/flags"
	"example.com/sample/generated/tracking"
	"example.com/sample/wrap"
	ph "github.com/phgen/phgen/runtime"
)

// Aliases.
type (
	Paid    = tracking.OrderPaidEvent
	Courier = tracking.Courier
	own     tracking.OrderPaidEvent
)

const Snail = tracking.CourierSnail

var build = tracking.OrderPaid

var (
	_ ph.Event = tracking.OrderPaidEvent{}
	_          = tracking.OrderPaid("o", "card")

	last tracking.OrderPaidEvent
)

// A Capturer is what a service depends on.
type Capturer interface {
	Capture(ctx context.Context, opts ...ph.Option) uuid.UUID
}

type service struct {
	tracking.OrderPaidEvent // embedded
	build                   func(id string) tracking.OrderPaidEvent
	send                    func(context.Context, Capturer)
	queue                   chan ph.Event
	pending                 []tracking.OrderPaidEvent
}

func newService(send func(context.Context, Capturer)) *service {
	return &service{OrderPaidEvent: tracking.OrderPaid("o", "card"), build: wrap.Paid, send: send}
}

func (s *service) use(ctx context.Context) {
	s.Capture(ctx)
	s.build("o").Capture(ctx)
	s.build("o")
	s.send(ctx, tracking.OrderPaid("o", "card").WithItems(1))
	s.queue <- tracking.PageLeft()
	s.pending = append(s.pending, tracking.OrderPaid("o", "card"))
	s.OrderPaidEvent = s.OrderPaidEvent.WithItems(3)
	e := build("o", "card")
	e.Capture(ctx)
	build("o", "card")
	wrap.Sent(ctx, "o")
	wrap.Kept(&s.pending, "o")
	send := tracking.PageLeft().Capture
	send(ctx)
	defer tracking.PageLeft().Capture(ctx)
	last = tracking.OrderPaid("o", "card")
	_ = tracking.OrderPaid("o", "card")
	go tracking.PageLeft().TryCapture(ctx)
	if tracking.OrderPaid("o", "card").Validate() != nil {
		return
	}
}

func all[E Capturer](ctx context.Context, events ...E) {
	for _, e := range events {
		e.Capture(ctx)
	}
}

func generic[E ph.Event](e E) E { return e }

func more(ctx context.Context, list []string) (named tracking.OrderPaidEvent, err error) {
	all(ctx, tracking.OrderPaid("o", "card"), tracking.OrderPaid("p", "card"))
	generic(tracking.PageLeft()).Capture(ctx)
	generic(tracking.PageLeft())
	e := tracking.OrderPaid("o", "card")
	for range list {
		e = e.WithItems(1)
	}
	defer func() { e.Capture(ctx) }()
	p := &e
	fmt.Println(p, reflect.TypeOf(tracking.OrderPaidEvent{}), e.Equal(tracking.OrderPaidEvent{}))
	named = tracking.OrderPaid("o", "card")
	named = named.WithItems(1)
	if len(list) == 0 {
		return tracking.OrderPaidEvent{}, errors.New("nothing")
	}
	held := tracking.OrderPaidEvent{}
	if len(list) == 1 {
		held = tracking.OrderPaid("o", "card")
	}
	held.Capture(ctx)
	return
}

type holder struct{ e tracking.OrderPaidEvent }

func (h holder) With(m map[string]holder) {
	h.e = tracking.OrderPaid("o", "card")
	m["x"] = holder{tracking.OrderPaid("o", "card")}
	x := own(tracking.OrderPaid("o", "card"))
	_ = x
	var courier Courier = Snail
	tracking.OrderShipped("o", courier).Capture(context.Background())
	switch f := flags.NewLayout; f(context.Background()) {
	case flags.NewLayoutRight:
	}
	_ = wrap.Deprecated()
}
