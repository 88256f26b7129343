package shop

import (
	"context"
	"net/http"
	"time"

	"example.com/sample/generated/experiments"
	"example.com/sample/generated/flags"
	"example.com/sample/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

type customer struct{ FirstName, LastName, old string }

func (c customer) First() string { return c.FirstName }
func (c customer) Last() string  { return c.LastName }

func swaps(ctx context.Context, c customer, first, last, orderID, method string) {
	tracking.OrderPaid(method, orderID).Capture(ctx)                   // want `PHV003: method and orderID are likely swapped: OrderPaid takes orderID before method`
	tracking.NameChanged(c.LastName, c.FirstName, "").Capture(ctx)     // want `PHV003: c.LastName and c.FirstName are likely swapped: NameChanged takes firstName before lastName`
	tracking.NameChanged(last, first, c.old).Capture(ctx)              // want `PHV003: last and first are likely swapped: NameChanged takes firstName before lastName`
	tracking.NameChanged(c.Last(), string(c.First()), "").Capture(ctx) // want `PHV003: c.Last() and string(c.First()) are likely swapped: NameChanged takes firstName before lastName`
	tracking.NameChanged(c.FirstName, c.old, c.LastName).Capture(ctx)  // want `PHV003: c.old and c.LastName are likely swapped: NameChanged takes lastName before oldName`
	tracking.NameChanged(c.FirstName, c.LastName, c.old).Capture(ctx)  //
	tracking.NameChanged(c.FirstName, c.FirstName, c.old).Capture(ctx) //
	tracking.OrderPaid("method", "orderID").Capture(ctx)               //
	tracking.OrderPaid(method, method).Capture(ctx)                    //
	tracking.OrderPaid(last, orderID).Capture(ctx)                     //
	tracking.OrderPaid(c.LastName, c.FirstName).Capture(ctx)           //
	tracking.OrderPaid(method, orderID).Capture(ctx)                   //phgen:ignore PHV003 they are named the other way round
}

func deprecated(ctx context.Context) {
	tracking.UserRegistered("email").Capture(ctx)                                    // want `PHV004: UserRegistered is deprecated: Since 1.0.0, use AccountOpened instead. It will be removed after 2099-01-01. Capturing either event sends both.`
	tracking.OrderShipped("o", tracking.CourierPigeon).Capture(ctx)                  // want `PHV004: CourierPigeon is deprecated: pigeons have retired.`
	tracking.OrderShipped("o", tracking.CourierSnail).WithExpress(true).Capture(ctx) // want `PHV004: OrderShippedEvent.WithExpress is deprecated: all orders are express.`
	_ = flags.OldBanner(ctx)                                                         // want `PHV004: OldBanner is deprecated: banners annoy.`
}

func groups(ctx context.Context, opts []ph.ScopeOption) {
	tracking.SeatAdded("s").Capture(context.Background()) // want `PHV005: event "seat_added" requires the group "team", which is not in scope: the context is made here without it`
	bg := context.TODO()
	bg, cancel := context.WithTimeout(bg, time.Second)
	defer cancel()
	bg = ph.With(bg, ph.User("u"), ph.Group("company", "c"))
	tracking.SeatAdded("s").TryCapture(bg, ph.At(time.Now())) // want `PHV005: event "seat_added" requires the group "team", which is not in scope: the context is made here without it`
	tracking.SeatAdded("s").Capture(flags.Load(bg))           // want `PHV005: event "seat_added" requires the group "team", which is not in scope: the context is made here without it`

	tracking.SeatAdded("s").Capture(ctx)
	tracking.SeatAdded("s").Capture(ph.With(ctx, ph.User("u")))
	tracking.SeatAdded("s").Capture(bg, tracking.InTeam("t"))
	tracking.SeatAdded("s").Capture(ph.With(bg, opts...))
	tracking.SeatAdded("s").Capture(ph.With(bg, ph.Group("team", "t")))
	tracking.SeatAdded("s").Capture(derived(bg))
	in := context.Background()
	if len(opts) > 0 {
		in = ph.With(in, opts[0])
	}
	tracking.SeatAdded("s").Capture(in)
	var later context.Context
	later = context.Background()
	tracking.SeatAdded("s").Capture(later)
	tracking.PageLeft().Capture(context.Background())
}

func derived(ctx context.Context) context.Context { return ph.With(ctx, tracking.InTeam("t")) }

func loops(ctx context.Context, r *http.Request, list []string, work chan string) {
	for range list {
		if flags.FastPath(ctx) { // want `PHV008: flag "fast-path" is read each time round the loop, for the same context: read it once before`
			continue
		}
		_, _ = flags.LimitsConfig(ctx) // want `PHV008: flag "limits" is read each time round the loop, for the same context: read it once before`
	}
	for i := 0; i < len(list); i++ {
		switch experiments.Layout(ctx) { // want `PHV008: flag "new-layout" is read each time round the loop, for the same context: read it once before`
		case flags.NewLayoutRight:
		}
	}

	for range list {
		ctx := ph.With(ctx, ph.User("u"))
		_ = flags.FastPath(ctx)
	}
	for _, user := range list {
		_ = flags.FastPath(ph.With(ctx, ph.User(user)))
	}
	for _, user := range list {
		ph.SetUser(ctx, user)
		_ = flags.FastPath(ctx)
	}
	for range work {
		_ = flags.FastPath(ctx)
	}
	for {
		if flags.FastPath(ctx) {
			break
		}
	}
	for i := 0; i < 10; i++ {
		time.Sleep(time.Second)
		_ = flags.FastPath(ctx)
	}
	for range list {
		http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { _ = flags.FastPath(ctx) })
	}
	for i := 0; flags.FastPath(r.Context()) && i < 3; i++ {
		ctx = r.Context()
	}
	loaded := flags.Load(ctx)
	for range list {
		_ = flags.FastPath(loaded)
	}
}

func twins(ctx context.Context, both bool) {
	tracking.AccountOpened("email").Capture(ctx)
	tracking.UserRegistered("email").Capture(ctx) //phgen:ignore PHV004 on purpose
	// want-above `PHV010: event "user_registered" and its twin "account_opened" are captured together, and either sends both: capture one of them`
	if both {
		tracking.AccountOpened("email").Capture(ctx)
	} else {
		tracking.UserRegistered("email").Capture(ctx) //phgen:ignore PHV004 on purpose
	}
	switch {
	case both:
		tracking.AccountOpened("email").Capture(ctx)
		return
	}
	tracking.AccountOpened("email").Capture(ctx)
	if both {
		return
	}
	tracking.UserRegistered("email").Capture(ctx) //phgen:ignore PHV004 on purpose
}

func zeros(ctx context.Context, m map[string]tracking.OrderPaidEvent) {
	tracking.OrderPaidEvent{}.Capture(ctx)              // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	tracking.OrderPaidEvent{}.WithItems(1).Capture(ctx) // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	e := tracking.OrderPaidEvent{}                      // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	e = e.WithItems(1)
	e.Capture(ctx)
	p := &tracking.OrderPaidEvent{} // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	p.Capture(ctx)
	new(tracking.OrderPaidEvent).Capture(ctx) // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	m["x"] = tracking.OrderPaidEvent{}        // want `PHV011: a zero OrderPaidEvent has none of the properties that the plan requires: make it with OrderPaid`
	tracking.TeamGroup{}.Identify(ctx)        // want `PHV011: a zero TeamGroup has none of the properties that the plan requires: make it with Team`
	tracking.PageLeftEvent{}.Capture(ctx)
	tracking.PersonUpdate{}.Set(ctx)
}

const snail = 1

func enums(ctx context.Context, n uint8) {
	tracking.OrderShipped("o", 1).Capture(ctx)                       // want `PHV012: 1 is a number where a value of Courier is wanted: use one of its constants`
	tracking.OrderShipped("o", 0).Capture(ctx)                       // want `PHV012: 0 is a number where a value of Courier is wanted: use one of its constants`
	tracking.OrderShipped("o", snail).Capture(ctx)                   // want `PHV012: snail is a number where a value of Courier is wanted: use one of its constants`
	tracking.OrderShipped("o", tracking.Courier(1)).Capture(ctx)     // want `PHV012: tracking.Courier(1) is a number where a value of Courier is wanted: use one of its constants`
	tracking.OrderShipped("o", tracking.CourierSnail+1).Capture(ctx) // want `PHV012: tracking.CourierSnail + 1 is a number where a value of Courier is wanted: use one of its constants`
	switch flags.NewLayout(ctx) {
	case 2: // want `PHV012: 2 is a number where a value of NewLayoutVariant is wanted: use one of its constants`
	case flags.NewLayoutControl, 0:
	}
	c := tracking.Courier(n)
	if c == 0 || c == tracking.CourierSnail {
		c = 0
	}
	names := [...]string{tracking.CourierSnail: "snail"}
	_ = names[c]
}
