//go:build linux

package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/bench/compare/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

const (
	customer  = "Ada Lovelace"
	currency  = "EUR"
	country   = "DE"
	coupon    = "SPRING-2026"
	discount  = 12.5
	agent     = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
	tax       = 0.19
	warehouse = "fra-1"
	carrier   = "parcel"
	page      = "/orders/new"
	variant   = "one-page"
)

// What varies from event to event, as it does in life.
func orderID(n int) uuid.UUID     { return uuid.UUID{8: 0x80, 14: byte(n >> 8), 15: byte(n)} }
func total(n int) float64         { return float64(n%100_000)/100 + 19.99 }
func items(n int) int             { return 1 + n%9 }
func placedAt(n int) time.Time    { return time.Unix(1_767_000_000+int64(n), 123_000_000).UTC() }
func latency(n int) time.Duration { return time.Duration(n%5_000) * time.Millisecond }
func clientIP(n int) netip.Addr   { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) }
func deliveryDay(n int) time.Time { return time.Date(2026, time.January, 1+n%28, 0, 0, 0, 0, time.UTC) }
func tier(n int) (wire string)    { return tiers[n%len(tiers)] }
func isEven(n int) bool           { return n%2 == 0 }

var tiers = [...]string{"free", "pro", "enterprise"}

// typed captures the n-th event of so many properties through generated code.
func typed(ctx context.Context, props, n int) error {
	if props == 5 {
		_, err := tracking.PageOpened(page, int64(items(n))).
			WithLoadTimeMs(latency(n)).
			WithVariant(variant).
			WithIsMobile(isEven(n)).
			TryCapture(ctx, ph.As(user))
		return err
	}
	day := deliveryDay(n)
	_, err := tracking.OrderPlaced(
		orderID(n),
		customer,
		tracking.OrderPlacedPlan(1+n%len(tiers)),
		total(n),
		int64(items(n)),
		currency,
		isEven(n),
		country,
		placedAt(n),
		latency(n),
	).
		WithCoupon(coupon).
		WithDiscount(discount).
		WithClientIP(clientIP(n)).
		WithUserAgent(agent).
		WithDeliveryDay(ph.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}).
		WithRetries(0).
		WithTax(tax).
		WithWarehouse(warehouse).
		WithCarrier(carrier).
		WithIsGift(false).
		TryCapture(ctx, ph.As(user))
	return err
}

// untyped returns what makes the n-th event as a name and a map. Its maps are built anew for
// each event, unless j.Built says that both clients are given the same few again and again.
func (j job) untyped() func(n int) (name string, m map[string]any) {
	if !j.Built {
		return func(n int) (string, map[string]any) { return untyped(j.Props, n) }
	}
	const few = 1000
	name, _ := untyped(j.Props, 0)
	maps := make([]map[string]any, few)
	for n := range maps {
		_, maps[n] = untyped(j.Props, n)
	}
	return func(n int) (string, map[string]any) { return name, maps[n%few] }
}

// untyped returns the same event as a name and a map of strings, numbers and booleans,
// which is what every client is fastest with. The map has room for all of them.
func untyped(props, n int) (name string, m map[string]any) {
	if props == 5 {
		return "page_opened", map[string]any{
			"page":         page,
			"position":     items(n),
			"load_time_ms": latency(n).Milliseconds(),
			"variant":      variant,
			"is_mobile":    isEven(n),
		}
	}
	return "order_placed", map[string]any{
		"order_id":     orderID(n).String(),
		"customer":     customer,
		"plan":         tier(n),
		"total":        total(n),
		"items":        items(n),
		"currency":     currency,
		"is_paid":      isEven(n),
		"country":      country,
		"placed_at":    placedAt(n),
		"latency_ms":   latency(n).Milliseconds(),
		"coupon":       coupon,
		"discount":     discount,
		"client_ip":    clientIP(n).String(),
		"user_agent":   agent,
		"delivery_day": deliveryDay(n).Format(time.DateOnly),
		"retries":      0,
		"tax":          tax,
		"warehouse":    warehouse,
		"carrier":      carrier,
		"is_gift":      false,
	}
}
