package photelai_test

import (
	"context"
	"log"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/photelai"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A program whose models are instrumented with OpenTelemetry already.
func Example() {
	client, err := ph.New(ph.Config{APIKey: "phc_…"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(context.Background())
	ph.SetDefault(client)

	otel.SetTracerProvider(sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(photelai.NewProcessor()),
	))
}
