// Package app sends events in every way that there is.
package app

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/posthog/posthog-go"
)

// Tier is what somebody pays for.
type Tier string

const (
	Free Tier = "free"
	Pro  Tier = "pro"
)

// Line is a line of an order.
type Line struct {
	SKU      string   `json:"sku"`
	Quantity int      `json:"quantity"`
	Note     string   `json:"note,omitempty"`
	Price    *float64 `json:"price"`
	Inner    *Line    `json:"inner"`
	secret   string
	Skipped  int `json:"-"`
}

const orderPlaced = "order placed"

type userID string

// Place sends an order.
func Place(ctx context.Context, client posthog.Client, user userID, lines []Line, tier Tier, total int, ip netip.Addr) error {
	_ = client.Enqueue(posthog.Capture{
		DistinctId: string(user),
		Event:      orderPlaced,
		Timestamp:  time.Unix(1, 0),
		Properties: posthog.NewProperties().
			Set("total", total).
			Set("tier", Pro).
			Set("source", "web").
			Set("at", time.Now()).
			Set("took", 3*time.Second).
			Set("lines", lines),
		Groups: posthog.NewGroups().Set("company", "acme").Set("team", 4),
	})
	if err := client.Enqueue(posthog.Capture{DistinctId: string(user), Event: "order checked", Properties: posthog.Properties{"ok": true, "ip": ip}}); err != nil {
		return err
	}
	return client.Enqueue(posthog.Capture{DistinctId: string(user), Event: "order checked", Properties: map[string]interface{}{"ok": false, "tier": tier}})
}

// Build puts properties together.
func Build(client posthog.Client, raw json.RawMessage, gift bool, extra posthog.Properties) {
	props := posthog.NewProperties().Set("raw", raw)
	props["weight"] = 1.5
	if gift {
		props.Set("gift", "card")
	}
	props = props.Set("count", uint8(3))
	client.Enqueue(posthog.Capture{DistinctId: "u", Event: "cart built", Properties: props})
	client.Enqueue(posthog.Capture{DistinctId: "u", Event: orderPlaced, Properties: posthog.NewProperties().Set("total", 2.5).Set("source", "api").Merge(extra)})
	client.Enqueue(posthog.Capture{
		DistinctId: "u",
		Event:      "person seen",
		Properties: posthog.Properties{
			"$set":      map[string]any{"plan": "pro"},
			"$set_once": posthog.Properties{"first": time.Now()},
			"$groups":   map[string]string{"company": "acme"},
			"$lib":      "own",
			"any":       any(1),
			"tags":      []string{"a"},
			"limits":    map[string]int{"a": 1},
			"blob":      []byte("x"),
			"when":      struct{ Hour int }{3},
		},
		SendFeatureFlags: true,
	})
}

// People tells who people are.
func People(client posthog.Client, name, event string) {
	client.Enqueue(posthog.Identify{DistinctId: "u", Properties: posthog.NewProperties().Set("email", name).Set("age", 3)})
	client.Enqueue(posthog.GroupIdentify{Type: "company", Key: "acme", Properties: posthog.NewProperties().Set("name", name)})
	client.Enqueue(posthog.GroupIdentify{Type: name, Key: "acme"})
	client.Enqueue(posthog.Alias{DistinctId: "u", Alias: "v"})
	client.Enqueue(posthog.Capture{DistinctId: "u", Event: event})
	client.Enqueue(posthog.Capture{DistinctId: "u", Event: "日本"})
	_, _ = client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "new-checkout", DistinctId: "u"})
}
