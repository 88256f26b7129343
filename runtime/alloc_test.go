//go:build !race

package runtime

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// A generated event allocates nothing where it is captured, whatever its scope and
// options are.
func TestCaptureAllocates(t *testing.T) {
	ctx := benchContext(t)
	big := bigOrder()
	locale := Prop{Key: "locale", Format: FormatLocale}
	name := "Ac" + time.Unix(0, 0).UTC().Format("me")
	id := uuid.New()
	for _, tt := range []struct {
		name    string
		capture func()
	}{
		{"5 properties", func() { small(id, name, 1).WithMembers(3).WithReferrer("x").Capture(ctx) }},
		{"20 properties", func() { big.Capture(ctx) }},
		{"As", func() { small(id, name, 1).Capture(ctx, As(name)) }},
		{"At and ID", func() { small(id, name, 1).Capture(ctx, At(time.Unix(1e9, 0)), ID(id)) }},
		{"InGroup", func() { small(id, name, 1).Capture(ctx, InGroup("organization", name)) }},
		{"InGroupInt and InGroupUUID", func() { small(id, name, 1).Capture(ctx, InGroupInt("a", 7), InGroupUUID("b", id)) }},
		{"ContextString", func() { small(id, name, 1).Capture(ctx, ContextString(&locale, "de-DE")) }},
		{"GeoIP and Personless", func() { small(id, name, 1).Capture(ctx, GeoIP(true), Personless()) }},
		{"attributes", func() {
			CaptureAttrs(ctx, "e", String("a", name), Int("b", 1), Float("c", 2.5), Time("d", time.Unix(1, 0)))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.capture()
			if got := testing.AllocsPerRun(200, tt.capture); got != 0 {
				t.Errorf("%v allocations, want 0", got)
			}
		})
	}
}
