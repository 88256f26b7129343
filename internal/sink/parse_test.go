package sink

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An event reads the second time as it did the first.
func TestParseEvent(t *testing.T) {
	const id = "0190c8a4-1111-7222-8333-444455556666"
	v0 := []byte(`{"api_key":"phc_x","batch":[
		{"event":"a","distinct_id":7,"uuid":"0190C8A4111172228333444455556666","timestamp":"soon","$set":{"x":1},"properties":{"n":1.50,"n":2,"$set":{"y":2}}},
		{"event":"b","properties":{"distinct_id":"u1"}}]}`)
	v1 := []byte(`{"created_at":"2026-01-02T03:04:05Z","batch":[{"event":"a","distinct_id":"guest","uuid":"` + id + `","timestamp":"2026-01-02T03:04:05Z",
		"options":{"process_person_profile":false},"properties":{"n":1},"session_id":"s"}]}`)
	first, _, err := decodeBody(v0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := decodeV1(v1, v1EventLimit)
	if err != nil {
		t.Fatal(err)
	}
	for path, events := range map[string][]Event{"/batch/": first, "/i/v1/analytics/events": second.events, "/nowhere": first} {
		for _, want := range events {
			want.Path = path
			got, err := ParseEvent(path, want.Raw)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s %s: %v (-want +got):\n%s", path, want.Raw, err, diff)
			}
		}
	}
	for _, raw := range []string{``, `{`, `[]`, `{"event":"a"}`, `{"event":"a","distinct_id":"u1"} `} {
		_, err := ParseEvent("/batch/", json.RawMessage(raw))
		if want := raw == `{"event":"a","distinct_id":"u1"} `; (err == nil) != want {
			t.Errorf("%q: got %v, want read %t", raw, err, want)
		}
	}
}
