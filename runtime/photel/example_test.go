package photel_test

import (
	"context"
	"log"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/photel"
	"go.opentelemetry.io/otel"
)

// A program that has set up OpenTelemetry, and wants to get from a trace to the person in
// PostHog and back.
func Example() {
	client, err := ph.New(ph.Config{
		APIKey:       "phc_…",
		TraceContext: photel.TraceContext(photel.SpanAttributes()),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(context.Background())

	stats, err := photel.RegisterStats(otel.Meter("shop"), client)
	if err != nil {
		log.Fatal(err)
	}
	defer stats.Unregister()
}
