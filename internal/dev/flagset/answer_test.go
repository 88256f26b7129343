package flagset

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

// answer returns the only flag of a document as the request has it.
func answer(t *testing.T, flag string, r sink.FlagRequest) sink.Flag {
	t.Helper()
	s := New()
	doc := `{"flags":[{"key":"x","active":true,` + flag + `}],"group_type_mapping":{"0":"company"},
		"cohorts":{"1":{"type":"AND","values":[{"key":"tier","value":"pro","type":"person"}]}}}`
	if err := s.SetFile("f", []byte(doc)); err != nil {
		t.Fatal(err)
	}
	r.DistinctID = "user-0001"
	return s.Answer(r)[0]
}

func TestAnswer(t *testing.T) {
	condition := func(properties ...string) string {
		return `"filters":{"groups":[{"properties":[` + strings.Join(properties, ",") + `]}]}`
	}
	const (
		static  = `{"key":"id","type":"cohort","value":99}`
		dynamic = `{"key":"id","type":"cohort","value":1,"operator":"in"}`
		pro     = `{"key":"tier","value":"pro","type":"person"}`
		noTier  = `{"key":"tier","value":"is_not_set","operator":"is_not_set","type":"person"}`
		large   = `{"key":"seats","value":3,"operator":"gt","type":"group","group_type_index":0}`
		half    = `"filters":{"groups":[{"properties":[],"rollout_percentage":50}]}`
		split   = `"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}`
		company = `"filters":{"aggregation_group_type_index":0,"groups":[{"properties":[{"key":"seats","value":3,"operator":"gt","type":"group"}]}]}`
	)
	person := func(text string) sink.FlagRequest {
		return sink.FlagRequest{PersonProperties: map[string]any{"tier": text}}
	}
	of := func(key any, seats string) sink.FlagRequest {
		return sink.FlagRequest{Groups: map[string]any{"company": key}, GroupProperties: map[string]map[string]any{"company": {"seats": json.Number(seats)}}}
	}
	nobody := sink.FlagRequest{}
	for _, tt := range []struct {
		flag    string
		request sink.FlagRequest
		want    string
	}{
		{condition(), nobody, "true condition_match"},
		{condition(pro), nobody, "false no_condition_match"},
		{condition(pro), person("pro"), "true condition_match"},
		{condition(noTier), nobody, "true condition_match"},
		{condition(dynamic), person("pro"), "true condition_match"},
		{condition(dynamic), nobody, "false no_condition_match"},
		{condition(static), nobody, "failed unsupported_definition"},
		{condition(static, pro), nobody, "false no_condition_match"}, // whatever the cohort
		{condition(static, pro), person("pro"), "failed unsupported_definition"},
		{condition(large, pro), nobody, "false no_condition_match"},
		{condition(large), nobody, "failed missing_context"},
		{condition(large), of("c1", "5"), "true condition_match"},
		{condition(large), sink.FlagRequest{Groups: map[string]any{"company": "c1"}}, "false no_condition_match"},
		{company, nobody, "false no_group_type"},
		{company, of(json.Number("42"), "5"), "true condition_match"},
		{company, of(true, "5"), "false no_group_type"},
		{half, nobody, "true condition_match"},
		{half + `,"ensure_experience_continuity":true`, nobody, "true condition_match"},
		{half + `,"bucketing_identifier":"device_id"`, nobody, "failed missing_context"},
		{half + `,"bucketing_identifier":"device_id"`, sink.FlagRequest{DeviceID: "d2"}, "true condition_match"},
		{`"filters":{"feature_enrollment":true,"groups":[]}`, nobody, "false no_condition_match"},
		{`"filters":{"feature_enrollment":true,"groups":[]}`, sink.FlagRequest{PersonProperties: map[string]any{"$feature_enrollment/x": true}}, "true super_condition_value"},
		{`"filters":{"groups":[{"variant":"b"}],` + split + `}`, nobody, "b condition_match"},
		{`"filters":{"groups":[{}],"holdout":{"id":4,"exclusion_percentage":100},` + split + `}`, nobody, "holdout-4 holdout_condition_value"},
	} {
		f := answer(t, tt.flag, tt.request)
		text := fmt.Sprint(answered(f))
		if f.Failed {
			text = "failed"
		}
		if got := text + " " + f.Reason; got != tt.want {
			t.Errorf("%s, %v %v: got %s, want %s", tt.flag, tt.request.PersonProperties, tt.request.Groups, got, tt.want)
		}
	}
}

// What a person is set to wins over all that comes before conditions.
func TestSetWins(t *testing.T) {
	for _, filters := range []string{
		`{"feature_enrollment":true,"groups":[]}`,
		`{"holdout":{"id":4,"exclusion_percentage":100},"groups":[]}`,
		`{"holdout_groups":[{"properties":[],"rollout_percentage":100,"variant":"holdout-4"}],"groups":[]}`,
		`{"super_groups":[{"properties":[{"key":"tier","value":"pro","type":"person"}],"rollout_percentage":100}],"groups":[]}`,
		`{"aggregation_group_type_index":0,"groups":[]}`,
		`{"early_exit":true,"groups":[{"properties":[],"rollout_percentage":0}]}`,
		`null`,
	} {
		s := New()
		if err := s.SetFile("f", []byte(`{"flags":[{"key":"x","active":true,"filters":`+filters+`}],"group_type_mapping":{"0":"company"}}`)); err != nil {
			t.Fatal(err)
		}
		r := sink.FlagRequest{DistinctID: "u1", PersonProperties: map[string]any{"$feature_enrollment/x": false, "tier": "pro"}}
		for _, value := range []any{true, false} {
			for _, person := range []string{"u1", ""} {
				s.Reset()
				set(t, s, "x", value, person)
				if got := answered(s.Answer(r)[0]); got != value {
					t.Errorf("%s set to %v for %q: got %v", filters, value, person, got)
				}
			}
		}
	}
}

func BenchmarkSet(b *testing.B) {
	var doc strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&doc, `,{"id":%d,"key":"flag-%d","active":true,"filters":{"groups":[{"properties":[{"key":"tier","value":"pro","type":"person"}],"rollout_percentage":50}],"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}}}`, i, i)
	}
	s := New()
	if err := s.SetFile("f", []byte(`{"flags":[`+doc.String()[1:]+`]}`)); err != nil {
		b.Fatal(err)
	}
	b.Run("set", func(b *testing.B) {
		for i := range b.N {
			set(b, s, "flag-7", []any{"a", "b"}[i%2], "u1")
		}
	})
	b.Run("answer", func(b *testing.B) {
		for range b.N {
			s.Answer(sink.FlagRequest{DistinctID: "u1"})
		}
	})
	b.Run("called", func(b *testing.B) {
		for range b.N {
			s.Called(called("flag-7", "a"))
		}
	})
	b.Run("rows", func(b *testing.B) {
		for range b.N {
			s.Rows()
		}
	})
}
