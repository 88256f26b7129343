package flags

import (
	"encoding/json"
	"testing"
)

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		value     Value
		known, on bool
		variant   string
		text      string
		json      string
	}{
		{Value{}, false, false, "", "unknown", "null"},
		{False, true, false, "", "false", "false"},
		{True, true, true, "", "true", "true"},
		{Variant("one-page"), true, true, "one-page", "one-page", `"one-page"`},
		{Variant("true"), true, true, "true", "true", `"true"`},
		{Variant("<\"ä\">"), true, true, "<\"ä\">", "<\"ä\">", `"<\"ä\">"`},
		{Variant(""), true, true, "", "true", "true"},
	} {
		v := tt.value
		if v.Known() != tt.known || v.On() != tt.on || v.Variant() != tt.variant || v.String() != tt.text {
			t.Errorf("%#v: known %v, on %v, variant %q, text %q", v, v.Known(), v.On(), v.Variant(), v)
		}
		got, err := v.MarshalJSON()
		if err != nil || string(got) != tt.json {
			t.Errorf("%#v: JSON %s, %v; want %s", v, got, err, tt.json)
		}
		var back Value
		if err := json.Unmarshal(got, &back); err != nil || back != v {
			t.Errorf("%s: read as %#v, %v", got, back, err)
		}
	}
	if True == Variant("true") {
		t.Error("true is the variant true")
	}
	for _, text := range []string{`1`, `""`, `{}`, `["a"]`} {
		if err := json.Unmarshal([]byte(text), new(Value)); err == nil {
			t.Errorf("%s is a value", text)
		}
	}
}

func TestNeed(t *testing.T) {
	for _, tt := range []struct {
		need Need
		want string
	}{
		{Need{}, ""},
		{Need{Kind: NeedDistinctID}, "distinct id"},
		{Need{Kind: NeedDeviceID}, "device id"},
		{Need{Kind: NeedPersonProperty, Name: "plan"}, `person property "plan"`},
		{Need{Kind: NeedGroupProperty, Group: "company", Name: "seats"}, `property "seats" of group "company"`},
		{Need{Kind: NeedPersonMetadata, Name: "created_at"}, `person metadata "created_at"`},
		{Need{Kind: NeedBucket}, "remembered bucket"},
		{Need{Kind: NeedGroup, Group: "company"}, `group "company"`},
		{Need{Kind: NeedGroupType, Group: "9"}, "group type 9"},
		{Need{Kind: NeedCohort, Name: "12"}, `cohort "12"`},
		{Need{Kind: NeedFlag, Name: "beta"}, `flag "beta"`},
		{Need{Kind: NeedDefinition, Name: "unknown"}, "definition: unknown"},
	} {
		if got := tt.need.String(); got != tt.want {
			t.Errorf("%#v: got %s, want %s", tt.need, got, tt.want)
		}
	}
}
