package runtime

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
)

var projectID = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")

func TestCaptureWire(t *testing.T) {
	r := newRig(t)
	id := small(projectID, "Acme", 1).WithMembers(3).Capture(r.ctx(), At(time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.FixedZone("", 3600))))
	want := `{"event":"project_created","distinct_id":"u_1","uuid":"` + id.String() + `","timestamp":"2026-01-02T02:04:05.006Z",` +
		`"properties":{"project_id":"0190c8a4-1111-7222-8333-444455556666","name":"Acme","source":"web","members":3,"$lib":"test"}}`
	if got := r.one(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		t.Errorf("uuid %v has version %v and variant %v", id, id.Version(), id.Variant())
	}
}

func TestCaptureAllKinds(t *testing.T) {
	r := newRig(t)
	bigOrder().Capture(r.ctx(InGroup("organization", "org_7")))
	want := `"order_id":"0190c8a4-1111-7222-8333-444455556666","customer":"Acme Industries GmbH & Co. KG","plan":"api",` +
		`"total":1249.95,"items":7,"currency":"EUR","country":"DE","paid":true,"placed_at":"2026-01-02T03:04:05.006Z",` +
		`"latency_ms":1500,"coupon":"SPRING-2026","discount":12.5,"ip":"203.0.113.9",` +
		`"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","labels":["priority","b2b"],"day":"2026-01-03",` +
		`"retries":0,"tax":0.19,"warehouse":"fra-1","channel":"server","$groups":{"organization":"org_7"}`
	if got := r.props(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := r.broken(); got != nil {
		t.Errorf("violations %q, want none", got)
	}
}

// Events of one process never share a timestamp, and their uuids are in their order.
func TestStampsAreDistinct(t *testing.T) {
	r := newRig(t)
	frozen := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	r.c.now = func() time.Time { return frozen }
	for range 3 {
		small(projectID, "Acme", 1).Capture(r.ctx())
	}
	seen := make(map[string]bool)
	last := ""
	for _, e := range r.sent() {
		at := regexp.MustCompile(`"timestamp":"([^"]*)"`).FindStringSubmatch(e)[1]
		if seen[at] {
			t.Errorf("timestamp %s twice", at)
		}
		seen[at] = true
		if id := uuidText.FindString(e); id <= last {
			t.Errorf("uuid %s follows %s", id, last)
		} else {
			last = id
		}
	}
}
