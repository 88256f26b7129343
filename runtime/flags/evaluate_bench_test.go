package flags

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// benchmarkFlag returns flag i of a project, in turn of each kind that PostHog offers.
func benchmarkFlag(i int) string {
	const all = `"rollout_percentage":100`
	condition := [...]string{
		`{"properties":[],"rollout_percentage":50}`,
		`{"properties":[{"key":"plan","type":"person","operator":"exact","value":["pro","team","enterprise"]}],` + all + `}`,
		`{"properties":[{"key":"email","type":"person","operator":"icontains","value":"@acme.example"}],` + all + `}`,
		`{"properties":[{"key":"email","type":"person","operator":"regex","value":"^[a-z]+\\.[a-z]+@"}],` + all + `}`,
		`{"properties":[{"key":"seats","type":"person","operator":"gt","value":"9"}],"rollout_percentage":75}`,
		`{"properties":[],` + all + `}`, // with variants
		`{"properties":[{"key":"id","type":"cohort","operator":"in","value":7}],` + all + `}`,
		`{"properties":[],"rollout_percentage":50,"aggregation_group_type_index":0}`,
		`{"properties":[{"key":"flag-1","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["flag-1"]}],` + all + `}`,
		`{"properties":[],` + all + `}`,
	}[i%10]
	multivariate := `null`
	if i%10 == 5 {
		multivariate = `{"variants":[{"key":"control","rollout_percentage":34},{"key":"a","rollout_percentage":33},{"key":"b","rollout_percentage":33}]}`
	}
	return fmt.Sprintf(`{"id":%d,"team_id":1,"name":"Flag number %d","key":"flag-%d","active":true,"deleted":false,"version":3,`+
		`"ensure_experience_continuity":false,"has_experiment":false,"filters":{"groups":[%s],"multivariate":%s,"payloads":{}}}`,
		i, i, i, condition, multivariate)
}

// benchmarkDocument returns definitions with so many flags.
func benchmarkDocument(flags int) []byte {
	list := make([]string, flags)
	for i := range list {
		list[i] = benchmarkFlag(i)
	}
	return []byte(`{"flags":[` + strings.Join(list, ",\n") + `],
"group_type_mapping":{"0":"organization"},
"cohorts":{"7":{"type":"OR","values":[
 {"type":"AND","values":[{"key":"plan","type":"person","operator":"exact","value":["free"]},{"key":"seats","type":"person","operator":"lt","value":3}]},
 {"type":"AND","values":[{"key":"country","type":"person","operator":"exact","value":["DE"]},{"key":"email","type":"person","operator":"is_set","value":"is_set"}]}]}}}`)
}

var benchmarkQuery = Query{
	DistinctID: "01890a5d-ac96-774b-bcce-b302099a8057",
	Person:     map[string]any{"plan": "team", "email": "ada.lovelace@acme.example", "seats": 25, "country": "DE"},
	Groups:     map[string]string{"organization": "acme-inc"},
	Now:        time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
}

func mustParse(tb testing.TB, doc string) *Definitions {
	tb.Helper()
	d, err := Parse([]byte(doc))
	if err != nil {
		tb.Fatalf("Parse: %v", err)
	}
	for _, p := range d.Problems() {
		tb.Fatalf("Parse: %v", p)
	}
	return d
}

func BenchmarkEvaluate(b *testing.B) {
	d := mustParse(b, string(benchmarkDocument(100)))
	kinds := [...]string{"rollout", "exact", "icontains", "regex", "gt", "variants", "cohort", "group", "dependency", "everybody"}
	for i, kind := range kinds {
		key := fmt.Sprintf("flag-%d", i)
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := d.Evaluate(key, &benchmarkQuery); !r.Decided() {
					b.Fatalf("%s: %v, %v", key, r.Reason, r.Need)
				}
			}
		})
	}
}

func BenchmarkEvaluateOf(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		d := mustParse(b, string(benchmarkDocument(n)))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Evaluate("flag-41", &benchmarkQuery)
			}
		})
	}
}

func BenchmarkEvaluateAll(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		d := mustParse(b, string(benchmarkDocument(n)))
		var results []Result
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				results = d.EvaluateAll(&benchmarkQuery, results)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		doc := benchmarkDocument(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if _, err := Parse(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
