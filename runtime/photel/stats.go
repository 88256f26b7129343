package photel

import (
	"context"
	"errors"
	"fmt"
	"math"

	ph "github.com/phgen/phgen/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// RegisterStats reports client's Stats as metrics of meter, whenever they are collected:
//
//	posthog.events.accepted    counter
//	posthog.events.sent        counter
//	posthog.events.lost        counter, by reason
//	posthog.events.refused     counter, by reason
//	posthog.events.violations  counter, of broken rules of the plan
//	posthog.events.queued      gauge
//	posthog.events.in_flight   gauge
//	posthog.events.spooled     gauge
//
// All of one collection are of one instant, and the reasons are those of ph.Stats. attrs
// are added to each, and tell clients of one program apart. The registration's Unregister
// ends the reports, but does not close the client; a closed client's counters stay as they
// are.
func RegisterStats(meter metric.Meter, client *ph.Client, attrs ...attribute.KeyValue) (metric.Registration, error) {
	r := reporter{client: client, attrs: attrs}
	instruments, err := r.instruments(meter)
	if err != nil {
		return nil, fmt.Errorf("photel: making the instruments: %w", err)
	}
	registration, err := meter.RegisterCallback(r.report, instruments...)
	if err != nil {
		return nil, fmt.Errorf("photel: registering their callback: %w", err)
	}
	return registration, nil
}

// attrReason is that of lost and of refused events.
const attrReason = "reason"

// A reporter reports one client.
type reporter struct {
	client *ph.Client
	attrs  []attribute.KeyValue

	accepted, sent, lost, refused, violations metric.Int64ObservableCounter
	queued, inFlight, spooled                 metric.Int64ObservableGauge
}

// instruments makes the instruments of meter.
func (r *reporter) instruments(meter metric.Meter) ([]metric.Observable, error) {
	var all []metric.Observable
	var errs []error
	for _, c := range []struct {
		instrument              *metric.Int64ObservableCounter
		name, unit, description string
	}{
		{&r.accepted, "accepted", "{event}", "Events that a capturing call took, or that were found in the spool."},
		{&r.sent, "sent", "{event}", "Events that PostHog confirmed."},
		{&r.lost, "lost", "{event}", "Events that were accepted and then given up."},
		{&r.refused, "refused", "{event}", "Events that were never accepted."},
		{&r.violations, "violations", "{violation}", "Broken rules of the tracking plan."},
	} {
		made, err := meter.Int64ObservableCounter("posthog.events."+c.name, metric.WithUnit(c.unit), metric.WithDescription(c.description))
		*c.instrument, all, errs = made, append(all, made), append(errs, err)
	}
	for _, g := range []struct {
		instrument        *metric.Int64ObservableGauge
		name, description string
	}{
		{&r.queued, "queued", "Events in memory that wait for a request or a retry."},
		{&r.inFlight, "in_flight", "Events in a request that has no answer yet."},
		{&r.spooled, "spooled", "Events on disk only."},
	} {
		made, err := meter.Int64ObservableGauge("posthog.events."+g.name, metric.WithUnit("{event}"), metric.WithDescription(g.description))
		*g.instrument, all, errs = made, append(all, made), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// report observes one view of the client.
func (r *reporter) report(_ context.Context, o metric.Observer) error {
	stats := r.client.Stats()
	plain := metric.WithAttributes(r.attrs...)
	o.ObserveInt64(r.accepted, number(stats.Accepted), plain)
	o.ObserveInt64(r.sent, number(stats.Sent), plain)
	o.ObserveInt64(r.violations, number(stats.Violations), plain)
	o.ObserveInt64(r.queued, number(stats.Queued), plain)
	o.ObserveInt64(r.inFlight, number(stats.InFlight), plain)
	o.ObserveInt64(r.spooled, number(stats.Spooled), plain)
	for reason, n := range stats.LostBy {
		o.ObserveInt64(r.lost, number(n), plain, metric.WithAttributes(attribute.String(attrReason, reason)))
	}
	for reason, n := range stats.RefusedBy {
		o.ObserveInt64(r.refused, number(n), plain, metric.WithAttributes(attribute.String(attrReason, reason)))
	}
	return nil
}

// number returns n as metrics have it.
func number(n uint64) int64 { return int64(min(n, math.MaxInt64)) }
