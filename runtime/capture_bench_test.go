package runtime

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// discard answers every request with success, by either protocol.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"results":{}}`)), Request: r}, nil
}

// benchContext returns a scope of depth 3 with user, tags, session and group.
func benchContext(tb testing.TB, change ...func(*Config)) context.Context {
	tb.Helper()
	cfg := Config{APIKey: "phc_bench", Transport: discard{}, Compression: NoCompression,
		QueueSize: 1 << 20, QueueBytes: 1 << 30}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close(context.Background()) })
	ctx := With(context.Background(), UseClient(c), Tag("region", "eu"))
	ctx = With(ctx, User("u_1"), Session("0190c8a4-1111-7222-8333-444455556666"))
	return With(ctx, Tag("route", "/orders"), Tag("attempt", 1), InGroup("organization", "org_7"))
}

func BenchmarkCapture5(b *testing.B) {
	ctx := benchContext(b)
	id := uuid.New()
	b.ReportAllocs()
	for b.Loop() {
		small(id, "Acme", 1).WithMembers(3).WithReferrer("newsletter").Capture(ctx)
	}
}

func BenchmarkCapture20(b *testing.B) {
	ctx := benchContext(b)
	e := bigOrder()
	b.ReportAllocs()
	for b.Loop() {
		e.Capture(ctx)
	}
}

func BenchmarkCaptureSpool20(b *testing.B) {
	ctx := benchContext(b, func(cfg *Config) { cfg.SpoolDir = b.TempDir() })
	e := bigOrder()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%200 == 199 { // at most 20,000 a second: more would measure the disk
			b.StopTimer()
			time.Sleep(10 * time.Millisecond)
			b.StartTimer()
		}
		e.Capture(ctx)
	}
}

func BenchmarkCaptureV1(b *testing.B) {
	ctx := benchContext(b, func(cfg *Config) { cfg.Protocol = V1 })
	e := bigOrder()
	b.ReportAllocs()
	for b.Loop() {
		e.Capture(ctx)
	}
}

func BenchmarkCapture5NoTags(b *testing.B) {
	c, _ := New(Config{APIKey: "phc_bench", Transport: discard{}, Compression: NoCompression,
		QueueSize: 1 << 20, QueueBytes: 1 << 30})
	b.Cleanup(func() { _ = c.Close(context.Background()) })
	ctx := With(context.Background(), UseClient(c), User("u_1"))
	id := uuid.New()
	b.ReportAllocs()
	for b.Loop() {
		small(id, "Acme", 1).WithMembers(3).WithReferrer("newsletter").Capture(ctx)
	}
}

func BenchmarkCaptureProps(b *testing.B) {
	ctx := benchContext(b)
	props := Props{"movie_id": "123", "position": 4, "rating": 4.5, "paid": true, "at": time.Unix(1e9, 0)}
	b.ReportAllocs()
	for b.Loop() {
		Capture(ctx, "movie played", props)
	}
}

// twentyProps are the properties of bigOrder as a map.
func twentyProps() Props {
	return Props{
		"order_id": "0190c8a4-1111-7222-8333-444455556666", "customer": "Acme Industries GmbH & Co. KG", "plan": "pro", "total": 1249.95,
		"items": 7, "currency": "EUR", "country": "DE", "paid": true, "placed_at": time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC),
		"latency_ms": 1500, "coupon": "SPRING-2026", "discount": 12.5, "ip": "203.0.113.9",
		"user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "label": "priority", "day": "2026-01-03",
		"retries": 0, "tax": 0.19, "warehouse": "fra-1", "channel": "server",
	}
}

func BenchmarkCaptureUntyped20(b *testing.B) {
	ctx := benchContext(b)
	props := twentyProps()
	b.ReportAllocs()
	for b.Loop() {
		Capture(ctx, "order placed", props)
	}
}

func BenchmarkCaptureAttrs20(b *testing.B) {
	ctx := benchContext(b)
	attrs := make([]Attr, 0, 20)
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"} {
		attrs = append(attrs, String("property_"+key, "a value"))
	}
	b.ReportAllocs()
	for b.Loop() {
		CaptureAttrs(ctx, "order placed", attrs...)
	}
}

// BenchmarkCaptureP99 is the slowest hundredth of captures in front of an endpoint that
// works, of one that never answers, and with a spool.
func BenchmarkCaptureP99(b *testing.B) {
	for _, c := range []struct {
		name      string
		transport http.RoundTripper
		dir       string
	}{{"works", discard{}, ""}, {"hangs", hung{}, ""}, {"spool", discard{}, b.TempDir()}} {
		b.Run(c.name, func(b *testing.B) {
			ctx := benchContext(b, func(cfg *Config) {
				cfg.Transport, cfg.SpoolDir, cfg.QueueSize, cfg.QueueBytes = c.transport, c.dir, 0, 0
			})
			e := bigOrder()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				if i%200 == 199 {
					time.Sleep(5 * time.Millisecond) // a program does something else, too
				}
				start := time.Now()
				e.Capture(ctx)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
			b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
			ended, cancel := context.WithCancel(ctx)
			cancel()
			_ = scopeOf(ctx).captures().Close(ended)
		})
	}
}
