package judge

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/phgen/phgen/schema"
)

// Whatever a sender makes of an event, there is a verdict.
func FuzzJudge(f *testing.F) {
	plan, found, err := schema.Load("../../testdata/wire/plan.yaml")
	if plan == nil {
		f.Fatal(found, err)
	}
	j := New(plan)
	f.Add("every kind", `{"text":1,"price":null,"price_currency":1,"shape":{"type":[]},"list":{},"sizes":[null]}`)
	f.Add("collections", `{"mails":[null,1],"addrs":{"a":1},"lists_by_name":{"a":[]}}`)
	f.Add("grouped", `{"$groups":{"account":1,"device":null},"$set":[],"$context_tags":[1]}`)
	f.Add("$identify", `{"$set":{"balance":1},"$set_once":null,"$unset":{}}`)
	f.Add("$groupidentify", `{"$group_type":"team","$group_key":{},"$group_set":{"name":[]}}`)
	f.Fuzz(func(t *testing.T, event, properties string) {
		dec := json.NewDecoder(strings.NewReader(properties))
		dec.UseNumber()
		var p map[string]any
		if dec.Decode(&p) != nil {
			return
		}
		v := j.Judge(event, p)
		if v.OK != (!v.Unplanned && len(v.Problems) == 0) {
			t.Errorf("%q %s: got %+v", event, properties, v)
		}
	})
}
