package runtime

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// What follows has the shape of generated code.

// A smallEvent is an event of 5 properties.
type smallEvent struct {
	_         [0]func()
	projectID uuid.UUID
	name      string
	source    uint8
	members   int64
	referrer  string
	has       struct{ members, referrer, referrerNull bool }
}

func small(projectID uuid.UUID, name string, source uint8) smallEvent {
	return smallEvent{projectID: projectID, name: name, source: source}
}

func (e smallEvent) WithMembers(v int64) smallEvent {
	e.members, e.has.members = v, true
	return e
}

func (e smallEvent) WithReferrer(v string) smallEvent {
	e.referrer, e.has.referrer, e.has.referrerNull = v, true, false
	return e
}

func (e smallEvent) WithReferrerNull() smallEvent {
	e.has.referrer, e.has.referrerNull = true, true
	return e
}

//go:noinline
func (e smallEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	w := Begin(ctx, &smallSpec, opts)
	e.PhgenVisit(w)
	id, _ := w.End()
	return id
}

//go:noinline
func (e smallEvent) TryCapture(ctx context.Context, opts ...Option) (uuid.UUID, error) {
	w := Begin(ctx, &smallSpec, opts)
	e.PhgenVisit(w)
	return w.End()
}

func (e smallEvent) Validate() error         { return Validate(e) }
func (e smallEvent) Equal(o smallEvent) bool { return Equal(e, o) }

//go:noinline
func (e smallEvent) PhgenVisit(w *Writer) {
	p := w.Props(&smallSpec)
	w.UUID(&p[0], e.projectID)
	w.String(&p[1], e.name)
	w.Enum(&p[2], e.source)
	if e.has.members {
		w.Int(&p[3], e.members)
	}
	if e.has.referrer {
		if e.has.referrerNull {
			w.Null(&p[4])
		} else {
			w.String(&p[4], e.referrer)
		}
	}
}

var sourceEnum = EnumSpec{Values: []string{"web", "api", "import"}}

var smallSpec = EventSpec{Name: "project_created", Props: []Prop{
	{Key: "project_id"},
	{Key: "name", Text: &TextRule{MinLength: 1, MaxLength: 200}, OnInvalid: Truncate},
	{Key: "source", Enum: &sourceEnum},
	{Key: "members", Ints: &IntRule{Min: 1, Max: 1000}},
	{Key: "referrer"},
}}

// A bigEvent is an event of 20 properties.
type bigEvent struct {
	_         [0]func()
	orderID   uuid.UUID
	customer  string
	plan      uint8
	total     float64
	items     int64
	currency  string
	country   string
	paid      bool
	placedAt  time.Time
	latency   time.Duration
	coupon    string
	discount  float64
	ip        netip.Addr
	agent     string
	labels    []string
	day       Date
	retries   int64
	tax       float64
	warehouse string
	has       struct{ coupon, discount, ip, agent, labels, day, retries, tax, warehouse bool }
}

//go:noinline
func (e bigEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	w := Begin(ctx, &bigSpec, opts)
	e.PhgenVisit(w)
	id, _ := w.End()
	return id
}

func (e bigEvent) Validate() error { return Validate(e) }

//go:noinline
func (e bigEvent) PhgenVisit(w *Writer) {
	p := w.Props(&bigSpec)
	w.UUID(&p[0], e.orderID)
	w.String(&p[1], e.customer)
	w.Enum(&p[2], e.plan)
	w.Float(&p[3], e.total)
	w.Int(&p[4], e.items)
	w.String(&p[5], e.currency)
	w.String(&p[6], e.country)
	w.Bool(&p[7], e.paid)
	w.Time(&p[8], e.placedAt)
	w.Duration(&p[9], e.latency)
	if e.has.coupon {
		w.String(&p[10], e.coupon)
	}
	if e.has.discount {
		w.Float(&p[11], e.discount)
	}
	if e.has.ip {
		w.IP(&p[12], e.ip)
	}
	if e.has.agent {
		w.String(&p[13], e.agent)
	}
	if e.has.labels {
		w.Strings(&p[14], &p[15], e.labels)
	}
	if e.has.day {
		w.Date(&p[16], e.day)
	}
	if e.has.retries {
		w.Int(&p[17], e.retries)
	}
	if e.has.tax {
		w.Float(&p[18], e.tax)
	}
	if e.has.warehouse {
		w.String(&p[19], e.warehouse)
	}
	w.Const(&p[20])
}

var bigSpec = EventSpec{Name: "order_placed", Groups: []string{"organization"}, Props: []Prop{
	{Key: "order_id"},
	{Key: "customer", Text: &TextRule{MinLength: 1, MaxLength: 100}},
	{Key: "plan", Enum: &sourceEnum},
	{Key: "total", Floats: &FloatRule{Min: 0, Max: 1e9}},
	{Key: "items", Ints: &IntRule{Min: 1, Max: 1000}},
	{Key: "currency", Format: FormatCurrency},
	{Key: "country", Format: FormatCountry},
	{Key: "paid"},
	{Key: "placed_at"},
	{Key: "latency_ms"},
	{Key: "coupon"},
	{Key: "discount"},
	{Key: "ip"},
	{Key: "user_agent", Text: &TextRule{MaxLength: 300}},
	{Key: "labels", Items: &ItemRule{Max: 10}},
	{Nested: true},
	{Key: "day"},
	{Key: "retries"},
	{Key: "tax"},
	{Key: "warehouse"},
	{Key: "channel", Const: `"server"`},
}}

func bigOrder() bigEvent {
	e := bigEvent{
		orderID:   uuid.UUID{0x01, 0x90, 0xc8, 0xa4, 0x11, 0x11, 0x72, 0x22, 0x83, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66},
		customer:  "Acme Industries GmbH & Co. KG",
		plan:      2,
		total:     1249.95,
		items:     7,
		currency:  "EUR",
		country:   "DE",
		paid:      true,
		placedAt:  time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC),
		latency:   1500 * time.Millisecond,
		coupon:    "SPRING-2026",
		discount:  12.5,
		ip:        netip.AddrFrom4([4]byte{203, 0, 113, 9}),
		agent:     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
		labels:    []string{"priority", "b2b"},
		day:       Date{2026, 1, 3},
		retries:   0,
		tax:       0.19,
		warehouse: "fra-1",
	}
	e.has = struct{ coupon, discount, ip, agent, labels, day, retries, tax, warehouse bool }{
		true, true, true, true, true, true, true, true, true}
	return e
}
