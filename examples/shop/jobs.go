package main

import (
	"context"
	"fmt"

	ph "github.com/phgen/phgen/runtime"
)

// A job is an order to be shipped. It has of the request what its events need: in most
// shops it is done by another process.
type job struct {
	order   order
	account account
	session string
}

// enqueue leaves a job to work. The customer has paid, so that a queue that is full is an
// exception.
func (s *shop) enqueue(j job) error {
	select {
	case s.jobs <- j:
		return nil
	default:
		return fmt.Errorf("order %s is not shipped: there are %d before it", j.order.id, maxJobs)
	}
}

// work does the jobs until the shop is closed. Those that fail cost it nothing.
func (s *shop) work(ctx context.Context) {
	for j := range s.jobs {
		subject := "Order " + j.order.id + " is on its way"
		if err := ship(ctx, j); err != nil {
			subject = "Order " + j.order.id + " is delayed"
		}
		s.post(letter{j.account.email, subject})
	}
}

// ship does one job in a scope of its own: ph.Run captures the error it returns, or its
// panic. The scope is fresh, so that nothing of the worker's own gets into the events.
func ship(ctx context.Context, j job) (err error) {
	defer func() {
		if v := recover(); v != nil { // ph.Run has captured it
			err = fmt.Errorf("shipping order %s panicked: %v", j.order.id, v)
		}
	}()
	opts := []ph.ScopeOption{
		ph.Fresh(),
		ph.User(j.account.id),
		ph.Session(j.session),
		ph.Tag("job", "ship "+j.order.id),
	}
	for _, group := range j.account.groups() {
		opts = append(opts, group)
	}
	return ph.Run(ctx, func(ctx context.Context) error {
		c := couriers[j.account.country]
		if err := c.collect(); err != nil {
			return fmt.Errorf("shipping order %s: %w", j.order.id, err)
		}
		ph.Capture(ctx, "order shipped", ph.Props{"order_id": j.order.id, "courier": c.name})
		return nil
	}, opts...)
}

// A courier brings parcels to one country.
type courier struct {
	name    string
	strikes bool
}

// couriers are found by country. Nobody thought of Iceland.
var couriers = map[string]*courier{
	"germany": {name: "Rabbit"},
	"france":  {name: "Snail", strikes: true},
}

// A strikeError says that a courier does not work.
type strikeError struct{ courier string }

func (e *strikeError) Error() string { return e.courier + " is on strike" }

func (c *courier) collect() error {
	if c.strikes {
		return &strikeError{c.name}
	}
	return nil
}
