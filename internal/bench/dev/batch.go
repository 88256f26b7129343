//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

const batchSize = 100

// A batch is the body of a request, the same again and again but for the UUIDs of its
// events.
type batch struct {
	body   []byte
	ids    []int // where they begin
	counts dev.Counts
}

// placeholder is a UUID of version 7, whose first and last group count events.
const placeholder = "00000000-0000-7000-8000-000000000000"

// newBatch returns a batch of which eight in ten events are valid, one is invalid, and one
// is not of the plan. Each is longer by pad.
func newBatch(now time.Time, pad int) (*batch, error) {
	b := new(batch)
	events := make([]map[string]any, 0, batchSize)
	for i := range batchSize {
		name, properties := valid(i, now)
		switch i % 10 {
		case 3:
			properties["members"], properties["source"] = "three", "cli"
			b.counts.Invalid++
		case 7:
			name = fmt.Sprintf("page_%d_opened", i/10)
			b.counts.Unplanned++
		default:
			b.counts.OK++
		}
		if pad > 0 {
			properties["$pad"] = strings.Repeat("x", pad)
		}
		properties["$lib"], properties["$lib_version"] = "posthog-go", "1.23.1"
		properties["$groups"] = map[string]any{"organization": fmt.Sprintf("org_%d", i%7)}
		events = append(events, map[string]any{
			"uuid": placeholder, "event": name, "distinct_id": fmt.Sprintf("user_%d", i), "timestamp": now, "properties": properties,
		})
	}
	var err error
	b.body, err = json.Marshal(map[string]any{"api_key": "phc_dev", "batch": events})
	for at := 0; ; {
		next := bytes.Index(b.body[at:], []byte(placeholder))
		if next < 0 {
			return b, err
		}
		b.ids = append(b.ids, at+next)
		at += next + len(placeholder)
	}
}

// valid is the i-th event of a batch as the plan wants it.
func valid(i int, now time.Time) (name string, properties map[string]any) {
	if i%10 == 5 {
		return "account_created", map[string]any{"method": "email", "locale": "de-CH", "app_version": "4.11.0"}
	}
	if i%3 == 0 && i%10 != 3 {
		items := make([]map[string]any, 2)
		for n := range items {
			items[n] = map[string]any{"sku": fmt.Sprintf("ABC-%d", n), "quantity": n + 1, "unit_price": 12.5, "unit_price_currency": "EUR"}
		}
		return "order_completed", map[string]any{
			"order_id": fmt.Sprintf("order_%d", i), "price": 37.5, "currency": "EUR", "items": items,
			"payment": map[string]any{"kind": "invoice", "net_days": 30}, "coupon": "AUTUMN", "discount": 12.5, "paid_at": now,
		}
	}
	return "project_created", map[string]any{
		"project_id": "0190c8a4-1111-7222-8333-444455556666", "request_id": "0190c8a4-2222-7222-8333-444455556666",
		"name": "Acme, the first project of a customer", "source": "web", "members": i + 1, "load_time_ms": 312, "completion": 40.5,
		"referrer": "https://acme.example/pricing", "labels": []string{"trial", "imported", "emea"},
		"settings": map[string]any{"theme": "dark", "beta": true}, "channel": "server", "locale": "de-CH", "app_version": "4.11.0",
	}
}

// number gives the events the UUIDs from first on.
func (b *batch) number(first uint64) {
	var bits [8]byte
	for i, at := range b.ids {
		binary.BigEndian.PutUint64(bits[:], first+uint64(i))
		hex.Encode(b.body[at:at+8], bits[:4])
		hex.Encode(b.body[at+28:at+36], bits[4:])
	}
}
