package verify

import (
	"strings"
	"testing"

	"github.com/phgen/phgen/schema"
)

func BenchmarkFile(b *testing.B) {
	p, findings, err := schema.Load("../../examples/tracking-plan.yaml")
	if err != nil || findings.HasErrors() {
		b.Fatal(findings, err)
	}
	line := `{"event":"order_completed","distinct_id":"u_1","uuid":"0190c8a4-0000-7222-8333-444455556666","properties":{"order_id":"o1","price":49.99,"currency":"USD",` +
		`"items":[{"sku":"ABC-12","quantity":1,"unit_price":4.99,"unit_price_currency":"USD"}],"payment":{"kind":"card","brand":"visa"},"paid_at":"2026-01-02T03:04:05.006Z"}}` + "\n"
	text := strings.Repeat(line, 1000)
	v := New(p)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := v.File("e", strings.NewReader(text), func(Finding) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	if !v.Counts.Clean() {
		b.Errorf("got %+v, want no findings", v.Counts)
	}
}
