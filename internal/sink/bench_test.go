package sink

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// typical is an event as an SDK sends it, of about 500 bytes.
func typical(n int) string {
	return fmt.Sprintf(`{"event":"order placed","distinct_id":"user-%d","uuid":"0190c8a4-1111-7222-8333-%012d","timestamp":"2026-01-02T03:04:05.678901Z",`+
		`"properties":{"$lib":"phgen-go","$lib_version":"0.1.0","$is_server":true,"$geoip_disable":true,"$os":"linux","$go_version":"go1.26.8",`+
		`"$groups":{"company":"acme"},"total":%d.5,"currency":"EUR","items":[{"sku":"A-1","quantity":2},{"sku":"B-2","quantity":1}],`+
		`"coupon":"summer \"26\"","$set":{"plan":"pro","seats":12},"first":false}}`, n%1000, n, n)
}

func BenchmarkServe(b *testing.B) {
	const batch = 100
	events := make([]string, batch)
	for i := range events {
		events[i] = typical(i)
	}
	plain := []byte(bodyOf(events...))
	for _, bb := range []struct {
		name   string
		config Config
		body   []byte
		header []string
	}{
		{"kept", Config{}, plain, nil},
		{"observed", Config{Observe: func(Exchange) {}}, plain, nil},
		{"observed/gzip", Config{Observe: func(Exchange) {}}, zip(b, plain), []string{"Content-Encoding", "gzip"}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := New(bb.config)
			b.ReportAllocs()
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/batch/", bytes.NewReader(bb.body))
				w := httptest.NewRecorder()
				if s.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(strings.TrimSpace(w.Body.String()))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/batch, "µs/event")
		})
	}
}
