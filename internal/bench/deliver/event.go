//go:build linux

package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// An order is an event of 20 properties in the shape of generated code.
type order struct {
	id        uuid.UUID
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
	day       ph.Date
	retries   int64
	tax       float64
	warehouse string
	carrier   string
	gift      bool
}

//go:noinline
func (e order) Capture(ctx context.Context, opts ...ph.Option) uuid.UUID {
	w := ph.Begin(ctx, &orderSpec, opts)
	e.PhgenVisit(w)
	id, _ := w.End()
	return id
}

//go:noinline
func (e order) PhgenVisit(w *ph.Writer) {
	p := w.Props(&orderSpec)
	w.UUID(&p[0], e.id)
	w.String(&p[1], e.customer)
	w.Enum(&p[2], e.plan)
	w.Float(&p[3], e.total)
	w.Int(&p[4], e.items)
	w.String(&p[5], e.currency)
	w.String(&p[6], e.country)
	w.Bool(&p[7], e.paid)
	w.Time(&p[8], e.placedAt)
	w.Duration(&p[9], e.latency)
	w.String(&p[10], e.coupon)
	w.Float(&p[11], e.discount)
	w.IP(&p[12], e.ip)
	w.String(&p[13], e.agent)
	w.Date(&p[14], e.day)
	w.Int(&p[15], e.retries)
	w.Float(&p[16], e.tax)
	w.String(&p[17], e.warehouse)
	w.String(&p[18], e.carrier)
	w.Bool(&p[19], e.gift)
}

var orderSpec = ph.EventSpec{Name: "order_placed", Props: []ph.Prop{
	{Key: "order_id"},
	{Key: "customer", Text: &ph.TextRule{MaxLength: 200}},
	{Key: "plan", Enum: &ph.EnumSpec{Values: []string{"free", "pro", "enterprise"}}},
	{Key: "total", Floats: &ph.FloatRule{Max: 1e9}},
	{Key: "items", Ints: &ph.IntRule{Min: 1, Max: 1_000}},
	{Key: "currency", Format: ph.FormatCurrency},
	{Key: "country", Format: ph.FormatCountry},
	{Key: "paid"},
	{Key: "placed_at"},
	{Key: "latency_ms"},
	{Key: "coupon"},
	{Key: "discount"},
	{Key: "ip"},
	{Key: "user_agent", OnInvalid: ph.Truncate, Text: &ph.TextRule{MaxLength: 300}},
	{Key: "delivery_day"},
	{Key: "retries"},
	{Key: "tax"},
	{Key: "warehouse"},
	{Key: "carrier"},
	{Key: "gift"},
}}

// sample returns the n-th event. Some values vary, as they do in life.
func sample(n int) order {
	return order{
		id:        uuid.UUID{8: 0x80, 14: byte(n >> 8), 15: byte(n)},
		customer:  "Ada Lovelace",
		plan:      uint8(1 + n%3),
		total:     float64(n%100_000)/100 + 19.99,
		items:     int64(1 + n%9),
		currency:  "EUR",
		country:   "DE",
		paid:      n%2 == 0,
		placedAt:  time.Unix(1_767_000_000+int64(n), 123_000_000),
		latency:   time.Duration(n%5_000) * time.Millisecond,
		coupon:    "SPRING-2026",
		discount:  12.5,
		ip:        netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}),
		agent:     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
		day:       ph.Date{Year: 2026, Month: time.January, Day: 1 + n%28},
		tax:       0.19,
		warehouse: "fra-1",
		carrier:   "parcel",
	}
}
