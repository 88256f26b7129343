// Package photel links PostHog's events to OpenTelemetry's traces, and shows what becomes
// of events as metrics.
//
//	client, err := ph.New(ph.Config{
//		APIKey:       "phc_…",
//		TraceContext: photel.TraceContext(photel.SpanAttributes()),
//	})
//	…
//	stats, err := photel.RegisterStats(otel.Meter("shop"), client)
//	defer stats.Unregister()
//
// Every event, exception and AI event captured in a span then has $trace_id and $span_id.
//
// The package needs OpenTelemetry's interfaces only, not its SDK.
package photel
