package sink

import (
	"bytes"
	"testing"
)

// Whatever arrives, the sink takes it by the rules or refuses it.
func FuzzDecodeBody(f *testing.F) {
	f.Add([]byte(bodyOf(good, good)))
	f.Add([]byte(`[` + good + `]`))
	f.Add([]byte(`{"event":"a","$distinct_id":[1],"$set":{"a":1},"properties":{"$set":{"a":2,"a":3}}}`))
	f.Add([]byte(`{"batch":[{"event":"a","distinct_id":"u","uuid":"urn:uuid:0190c8a4-1111-7222-8333-444455556666"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, _, err := decodeBody(body)
		if err != nil {
			if len(events) > 0 {
				t.Errorf("%d events beside the error %v", len(events), err)
			}
			return
		}
		for _, e := range events {
			if e.Name == "" || e.DistinctID == "" || e.Properties == nil || !bytes.Contains(body, e.Raw) {
				t.Errorf("took %+v", e)
			}
			if id, ok := canonicalUUID(e.UUID); e.UUID != "" && (!ok || id != e.UUID) {
				t.Errorf("uuid %q is not canonical", e.UUID)
			}
		}
	})
}
