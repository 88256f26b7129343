package flags

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// FuzzEvaluate parses any document and evaluates its flags for any query. Nothing may
// panic or hang, all ways to evaluate agree, and a flag that is decided has the same value
// if more is known.
func FuzzEvaluate(f *testing.F) {
	for seed := range uint64(20) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 9))}
		doc, err := json.Marshal(g.document())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc, []byte(`{"p0":"a","p1":3}`), "user-1", "", "acme")
	}
	f.Add([]byte(flagDoc(when(isPro, isBig, dependsOn("f", "true")), `"cohorts":{"7":{"type":"OR","values":[{"key":"id","type":"cohort","value":7}]}}`)), []byte(`{"plan":["pro"]}`), "", "d", "")
	f.Fuzz(func(t *testing.T, doc, properties []byte, distinctID, deviceID, group string) {
		d, err := Parse(doc)
		if err != nil {
			if d != nil {
				t.Fatalf("%v, and definitions", err)
			}
			return
		}
		var person map[string]any
		decoder := json.NewDecoder(bytes.NewReader(properties))
		decoder.UseNumber()
		if decoder.Decode(&person) != nil {
			person = nil
		}
		q := Query{
			DistinctID: distinctID, DeviceID: deviceID, Person: person,
			Groups:          map[string]string{"company": group},
			GroupProperties: map[string]map[string]any{"company": person},
			Now:             time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
		}
		all := d.EvaluateAll(&q, nil)
		if len(all) != d.Len() {
			t.Fatalf("%d results of %d flags", len(all), d.Len())
		}
		for i, r := range all {
			key := d.At(i).Key()
			if alone := d.Evaluate(key, &q); alone != r {
				t.Fatalf("%q: %+v alone, %+v among others", key, alone, r)
			}
			e := d.Explain(key, &q)
			if e.Result != r {
				t.Fatalf("%q: explained as %+v, evaluated to %+v", key, e.Result, r)
			}
			if r.Reason.String() == "" || r.Decided() != (r.Need == Need{}) || r.Decided() != (len(e.Missing) == 0) {
				t.Fatalf("%q: %+v, missing %v", key, r, e.Missing)
			}
			less := q
			less.Person, less.GroupProperties = nil, nil
			if known := d.Evaluate(key, &less); known.Decided() && known.Value != r.Value {
				t.Fatalf("%q: %+v of nothing, %+v of more", key, known, r)
			}
		}
	})
}
