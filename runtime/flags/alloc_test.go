//go:build !race

package flags

import "testing"

// Evaluation allocates nothing, whatever the flag, its outcome and the query. (The race
// detector makes pools forget.)
func TestAllocations(t *testing.T) {
	doc := benchmarkDocument(20)
	more := `{"flags":[` + activeFlag("id", when(`{"key":"distinct_id","operator":"icontains","value":"8057"}`)) + `,` +
		activeFlag("group-key", `"aggregation_group_type_index":0,`+when(`{"key":"$group_key","operator":"icontains","value":"acme"}`)) + `,` +
		activeFlag("undecided", when(`{"key":"nowhere","value":1}`)) + `,` +
		activeFlag("holdout", `"holdout":{"id":1,"exclusion_percentage":50},"groups":[{}]`) + `,` +
		`{"key":"device","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{}],` + aOrB + `}}` +
		`],"group_type_mapping":{"0":"organization"}}`
	for _, text := range []string{string(doc), more} {
		d := mustParse(t, text)
		q := benchmarkQuery
		results := d.EvaluateAll(&q, nil)
		for i := range d.Len() {
			key := d.At(i).Key()
			if got := testing.AllocsPerRun(100, func() { d.Evaluate(key, &q) }); got != 0 {
				t.Errorf("%s: %v allocations", key, got)
			}
		}
		if got := testing.AllocsPerRun(100, func() { results = d.EvaluateAll(&q, results) }); got != 0 {
			t.Errorf("all: %v allocations", got)
		}
		// Neither does a query that is made for the call.
		if got := testing.AllocsPerRun(100, func() { d.Evaluate("flag-0", &Query{DistinctID: "user", Person: q.Person}) }); got != 0 {
			t.Errorf("a new query: %v allocations", got)
		}
	}
}
