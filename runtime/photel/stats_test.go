package photel_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/photel"
	"github.com/phgen/phgen/runtime/phtest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// collect returns every point as "name{attributes}", counters as "name{attributes} total".
func collect(t *testing.T, reader sdkmetric.Reader) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			var points []metricdata.DataPoint[int64]
			kind := ""
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				points, kind = data.DataPoints, " total"
				if !data.IsMonotonic {
					t.Errorf("%s may fall", m.Name)
				}
			case metricdata.Gauge[int64]:
				points = data.DataPoints
			default:
				t.Fatalf("%s is %T", m.Name, data)
			}
			if m.Description == "" || m.Unit == "" {
				t.Errorf("%s has description %q and unit %q", m.Name, m.Description, m.Unit)
			}
			for _, p := range points {
				got[m.Name+text(p.Attributes)+kind] = p.Value
			}
		}
	}
	return got
}

func text(set attribute.Set) string {
	s := ""
	for _, kv := range set.ToSlice() {
		s += fmt.Sprintf("{%s=%s}", kv.Key, kv.Value.String())
	}
	return s
}

func TestRegisterStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		client, err := ph.New(ph.Config{APIKey: "phc_test", Host: server.URL, Transport: server, MaxRetries: -1, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		reader := sdkmetric.NewManualReader()
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
		registration, err := photel.RegisterStats(provider.Meter("test"), client, attribute.String("client", "a"))
		if err != nil {
			t.Fatal(err)
		}
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))
		check := func(when string, want map[string]int64) {
			t.Helper()
			if diff := cmp.Diff(want, collect(t, reader)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		ph.Capture(ctx, "sent", nil)
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		server.Down(http.StatusBadRequest)
		ph.Capture(ctx, "lost", nil)
		_ = client.Flush(t.Context()) // it says what the metrics say
		ph.Capture(ctx, "", nil)
		ph.Capture(ctx, "queued", nil)
		check("with one event of each fate", map[string]int64{
			"posthog.events.accepted{client=a} total":                3,
			"posthog.events.sent{client=a} total":                    1,
			"posthog.events.lost{client=a}{reason=rejected} total":   1,
			"posthog.events.refused{client=a}{reason=invalid} total": 1,
			"posthog.events.violations{client=a} total":              0,
			"posthog.events.queued{client=a}":                        1,
			"posthog.events.in_flight{client=a}":                     0,
			"posthog.events.spooled{client=a}":                       0,
		})
		if err := registration.Unregister(); err != nil {
			t.Fatal(err)
		}
		check("unregistered", map[string]int64{})
		server.Up()
		if err := client.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A nil client has counted nothing.
func TestNilClient(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	if _, err := photel.RegisterStats(provider.Meter("test"), nil); err != nil {
		t.Fatal(err)
	}
	for name, n := range collect(t, reader) {
		if n != 0 {
			t.Errorf("%s is %d, want 0", name, n)
		}
	}
}

var errMeter = errors.New("meter is full")

// brokenMeter makes no gauges, or takes no callbacks.
type brokenMeter struct {
	noop.Meter
	gauges bool
}

func (m brokenMeter) Int64ObservableGauge(name string, _ ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	if !m.gauges {
		return noop.Int64ObservableGauge{}, fmt.Errorf("%s: %w", name, errMeter)
	}
	return noop.Int64ObservableGauge{}, nil
}

func (brokenMeter) RegisterCallback(metric.Callback, ...metric.Observable) (metric.Registration, error) {
	return nil, errMeter
}

func TestErrors(t *testing.T) {
	for _, meter := range []metric.Meter{brokenMeter{}, brokenMeter{gauges: true}} {
		registration, err := photel.RegisterStats(meter, nil)
		if !errors.Is(err, errMeter) || registration != nil {
			t.Errorf("%+v: got %v and error %v, want nil and %v", meter, registration, err, errMeter)
		}
	}
}
