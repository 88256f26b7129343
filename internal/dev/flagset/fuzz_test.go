package flagset

import (
	"errors"
	"testing"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// Whatever a file holds, what is served can be read, and what is set holds.
func FuzzSetFile(f *testing.F) {
	f.Add([]byte(definitions))
	f.Add([]byte(`{"flags":[{"key":"\ud800\u0000x","active":true,"filters":{"groups":[],"multivariate":{"variants":[{"key":"\udc00v","rollout_percentage":1}]}}},{"key":"k\u2028","key":"l","active":true,"active":null,"filters":{"groups":[{"properties":[{"key":"p"}]}]},"filters":{"multivariate":{"variants":[{"key":"a","rollout_percentage":0},{"key":"a","rollout_percentage":0}]}}}]}`))
	f.Add([]byte(`{"flags":[{"key":"a","active":true,"filters":{"groups":[{"variant":"v"}],"multivariate":{"variants":[{"key":"v","rollout_percentage":1}]}}},{"key":"b","active":true,"filters":[]}]}`))
	f.Add([]byte(`{"flags":[{"key":"a","active":true,"ensure_experience_continuity":true,"filters":{"aggregation_group_type_index":1,"super_groups":[{"properties":[{"key":"p","value":1}]}],"groups":[null]}}],"cohorts":[]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		s := New()
		err := s.SetFile("f", doc)
		var malformed *FileError
		if err != nil && !errors.As(err, &malformed) {
			if len(s.Rows()) > 0 {
				t.Fatal("a file that was refused has flags")
			}
			return
		}
		served := func() *flags.Definitions {
			d, err := flags.Parse(s.Document())
			if err != nil || d.Len() != len(s.Rows()) {
				t.Fatalf("%v: %d flags, %d rows\n%s", err, d.Len(), len(s.Rows()), s.Document())
			}
			return d
		}
		served()
		for _, row := range s.Rows() {
			last := row.Values[len(row.Values)-1]
			set(t, s, row.Key, last, "u1")
			if v := served().Evaluate(row.Key, &flags.Query{DistinctID: "u1"}).Value; v.String() != valueOrKey(last) {
				t.Fatalf("%q: got %v, want %v\n%s", row.Key, v, last, s.Document())
			}
			set(t, s, row.Key, false, "")
			if v := served().Evaluate(row.Key, &flags.Query{DistinctID: "u2"}).Value; v != flags.False {
				t.Fatalf("%q: got %v, want false\n%s", row.Key, v, s.Document())
			}
		}
		s.Answer(sink.FlagRequest{DistinctID: "u1"})
	})
}

// valueOrKey is a value as flags.Value prints it.
func valueOrKey(v any) string {
	if key, ok := v.(string); ok {
		return key
	}
	return "true"
}
