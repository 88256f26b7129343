package flagapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/flags"
)

var byValue = gocmp.Comparer(func(a, b flags.Value) bool { return a == b })

func TestDecode(t *testing.T) {
	plain := func(key string, v flags.Value) Flag { return Flag{Key: key, Value: v, ConditionIndex: -1} }
	for name, c := range map[string]struct {
		body string
		want Answer
	}{
		"version 2": {`{"flags":{
			"beta":{"key":"beta","enabled":true,"variant":null,
				"reason":{"code":"condition_match","condition_index":2,"description":"Matched condition set 3"},
				"metadata":{"id":7,"version":3,"description":null,"payload":"{\"a\": 1}","has_experiment":true}},
			"a":{"key":"a","enabled":true,"variant":"test","metadata":{"id":1.0,"version":2e0,"payload":[1, {"b":2}],"has_experiment":false}},
			"off":{"key":"off","enabled":false,"variant":"odd","reason":{"code":"no_condition_match","condition_index":null},"metadata":{"payload":"odd"}}},
			"errorsWhileComputingFlags":true,"requestId":"0190","evaluatedAt":1.7e12,"minimalFlagCalledEvents":true,"quotaLimited":[],"config":{}}`,
			Answer{Flags: []Flag{
				{Key: "a", Value: flags.Variant("test"), ID: 1, Version: 2, Payload: `[1,{"b":2}]`, ConditionIndex: -1, ExperimentKnown: true},
				{Key: "beta", Value: flags.True, ID: 7, Version: 3, Payload: `{"a": 1}`, Code: "condition_match", Description: "Matched condition set 3",
					ConditionIndex: 2, HasExperiment: true, ExperimentKnown: true},
				{Key: "off", Value: flags.False, Code: "no_condition_match", ConditionIndex: -1},
			}, ErrorsWhileComputing: true, Minimal: true, RequestID: "0190", EvaluatedAt: 1_700_000_000_000}},
		"failed": {`{"flags":{"a":{"enabled":false,"failed":true,"metadata":{"id":1}},"b":{"enabled":true,"failed":false}},"errorsWhileComputingFlags":true}`,
			Answer{Flags: []Flag{{Key: "a", Failed: true, ID: 1, ConditionIndex: -1}, plain("b", flags.True)}, ErrorsWhileComputing: true}},
		"version 3": {`{"flags":{"a":{"value":true},"b":{"value":false},"c":{"value":"test"},"d":{"value":null},"e":{"value":1}}}`,
			Answer{Flags: []Flag{plain("a", flags.True), plain("b", flags.False), plain("c", flags.Variant("test"))}}},
		"nulls": {`{"flags":{"a":{"enabled":true,"variant":null,"reason":null,"metadata":null}},"errorsWhileComputingFlags":null,"requestId":null,"evaluatedAt":null,"quotaLimited":null}`,
			Answer{Flags: []Flag{plain("a", flags.True)}}},
		"empty variant": {`{"flags":{"a":{"enabled":true,"variant":""}}}`, Answer{Flags: []Flag{plain("a", flags.True)}}},
		"malformed flags": {`{"flags":{"a":null,"b":1,"c":[],"d":{},"e":{"enabled":"yes"},"f":{"enabled":true,"variant":7},"g":{"enabled":null},
			"h":{"enabled":true,"failed":"x"},"good":{"enabled":true}}}`, Answer{Flags: []Flag{plain("good", flags.True)}}},
		"malformed details": {`{"flags":{"a":{"enabled":true,"reason":"because","metadata":[]},
			"b":{"enabled":true,"reason":{"code":7,"description":{},"condition_index":"1"},"metadata":{"id":"7","version":1.5,"has_experiment":1,"payload":"p"}},
			"c":{"enabled":true,"reason":{"condition_index":-3},"metadata":{"id":1e99}}},"requestId":5,"evaluatedAt":"now","minimalFlagCalledEvents":1,"errorsWhileComputingFlags":"no"}`,
			Answer{Flags: []Flag{plain("a", flags.True), {Key: "b", Value: flags.True, Payload: "p", ConditionIndex: -1}, plain("c", flags.True)}}},
		"twice": {`{"flags":{"a":{"enabled":true},"b":{"enabled":true},"a":{"enabled":false}}}`,
			Answer{Flags: []Flag{plain("a", flags.False), plain("b", flags.True)}}},
		"legacy": {`{"featureFlags":{"a":true,"b":false,"c":"test","d":null,"e":3,"f":""},"featureFlagPayloads":{"a":"{\"x\":1}","b":"1","c":{"y": 2},"zz":"1"},"errorsWhileComputingFlags":false}`,
			Answer{Flags: []Flag{{Key: "a", Value: flags.True, Payload: `{"x":1}`, ConditionIndex: -1}, plain("b", flags.False),
				{Key: "c", Value: flags.Variant("test"), Payload: `{"y":2}`, ConditionIndex: -1}, plain("f", flags.True)}}},
		"oldest":                     {`{"featureFlags":["b","a","b",7,null]}`, Answer{Flags: []Flag{plain("a", flags.True), plain("b", flags.True)}}},
		"legacy, payloads malformed": {`{"featureFlags":{"a":true},"featureFlagPayloads":[1]}`, Answer{Flags: []Flag{plain("a", flags.True)}}},
		"both":                       {`{"featureFlags":{"old":true},"flags":{"new":{"enabled":true}}}`, Answer{Flags: []Flag{plain("new", flags.True)}}},
		"limited":                    {`{"flags":{},"quotaLimited":["events","feature_flags"]}`, Answer{QuotaLimited: true}},
		"limited, without":           {`{"quotaLimited":["feature_flags"]}`, Answer{QuotaLimited: true}},
		"limited, for Go":            {`{"flags":{},"quota_limited":["feature_flags"]}`, Answer{QuotaLimited: true}},
		"limited elsewhere":          {`{"flags":{},"quotaLimited":["recordings"]}`, Answer{}},
		"both limits":                {`{"flags":{},"quotaLimited":["feature_flags"],"quota_limited":[]}`, Answer{QuotaLimited: true}},
		"none":                       {`{"flags":{}}`, Answer{}},
	} {
		got, err := decode([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Flags == nil {
			got.Flags = c.want.Flags[:0]
		}
		if diff := gocmp.Diff(*got, c.want, byValue); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

func TestDecodePayloads(t *testing.T) {
	for raw, want := range map[string]string{
		`null`: "", `""`: "", `"\"hello\""`: `"hello"`, `"{\"a\":1}"`: `{"a":1}`, `"5"`: "5", `"no JSON {"`: "no JSON {",
		`5`: "5", `5.0`: "5.0", `true`: "true", `false`: "false", `{"a" : [1, 2]}`: `{"a":[1,2]}`, ` [ ] `: "[]",
		`123456789012345678901234567890`: "123456789012345678901234567890",
		`"\u00e9\u2028<>"`:               "é\u2028<>",
	} {
		for _, body := range []string{
			`{"flags":{"f":{"enabled":true,"metadata":{"payload":` + raw + `}}}}`,
			`{"featureFlags":{"f":"v"},"featureFlagPayloads":{"f":` + raw + `}}`,
		} {
			a, err := decode([]byte(body))
			if err != nil || len(a.Flags) != 1 || a.Flags[0].Payload != want {
				t.Errorf("%s: got %+v and %v, want payload %q", body, a, err, want)
			}
		}
	}
}

func TestDecodeGarbage(t *testing.T) {
	const none = "endpoint answered with success, but the body holds no flags"
	many := strings.Repeat(`,"x":true`, maxFlags)
	for body, want := range map[string]string{
		"": none, "null": none, "[]": none, "1": none, `"flags"`: none, "{": none, "{}": none, "{]": none, `{"status":1}`: none,
		`{"flags":[]}`: none, `{"flags":null}`: none, `{"flags":{}`: none, `{"flags":{}}{}`: none, `{"flags":{}} x`: none,
		`{"flags":{"a":{"enabled":true}`: none, `{"featureFlags":"x"}`: none, `{"featureFlagPayloads":{}}`: none,
		`{"quotaLimited":["events"]}`: none, `{"quotaLimited":"feature_flags"}`: none,
		strings.Repeat("[", 100_000): none, `{"flags":` + strings.Repeat(`{"a":`, 100_000): none,
		`{"featureFlags":{"y":true` + many + "}}":                                                      "endpoint answered with success, but the body holds more than 20000 flags",
		`{"featureFlags":["y"` + strings.ReplaceAll(many, ":true", "") + "]}":                          "endpoint answered with success, but the body holds more than 20000 flags",
		`{"flags":{"y":{"enabled":true}` + strings.ReplaceAll(many, "true", `{"enabled":true}`) + "}}": "endpoint answered with success, but the body holds more than 20000 flags",
	} {
		_, err := decode([]byte(body))
		if err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, want %q", body, err, want)
		}
	}
}

// What an answer says about itself and goes into events is short.
func TestDecodeCutsTexts(t *testing.T) {
	long := strings.Repeat("é", 1000)
	a, err := decode(fmt.Appendf(nil, `{"flags":{"f":{"enabled":true,"reason":{"code":%q,"description":%q}}},"requestId":%q}`, long, long, long))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("é", 98) + "…"
	if f := a.Flags[0]; f.Code != want || f.Description != want || a.RequestID != want {
		t.Errorf("got %q, %q and %q, want %q", f.Code, f.Description, a.RequestID, want)
	}
}

func TestLookup(t *testing.T) {
	a, err := decode([]byte(`{"featureFlags":{"b":true,"a":"x","é":false}}`))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]flags.Value{"a": flags.Variant("x"), "b": flags.True, "é": flags.False, "": {}, "c": {}} {
		f, ok := a.Lookup(key)
		if f.Value != want || ok != want.Known() {
			t.Errorf("%q: got %v, %v, want %v", key, f.Value, ok, want)
		}
	}
}

// Whatever arrives, an answer is in order and has no flag that says nothing.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"flags":{"a":{"enabled":true,"variant":"x","failed":false,"reason":{"code":"c","condition_index":0},"metadata":{"id":1,"payload":{"a":1}}}}}`,
		`{"featureFlags":{"a":true,"b":"x"},"featureFlagPayloads":{"a":"1"}}`, `{"featureFlags":["a"]}`,
		`{"quotaLimited":["feature_flags"]}`, `{"flags":{"a":{"value":"x"}},"evaluatedAt":1.5}`, `{}`, `[`, "\xff",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := decode(body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is no JSON and has flags %+v", body, a)
		}
		if !slices.IsSortedFunc(a.Flags, func(x, y Flag) int { return cmp.Or(strings.Compare(x.Key, y.Key), 1) }) {
			t.Errorf("flags not in order, or twice: %+v", a.Flags)
		}
		for _, f := range a.Flags {
			if f.Value.Known() == f.Failed || f.ConditionIndex < -1 || f.Payload != "" && !f.Value.On() || f.HasExperiment && !f.ExperimentKnown {
				t.Errorf("flag %+v", f)
			}
			if got, ok := a.Lookup(f.Key); !ok || got != f {
				t.Errorf("looking up %q: got %+v", f.Key, got)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var doc strings.Builder
	doc.WriteString(`{"flags":{`)
	for i := range 100 {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `"flag-%d":{"key":"flag-%d","enabled":true,"variant":"test","reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"},`+
			`"metadata":{"id":%d,"version":3,"description":null,"payload":"{\"a\":1}","has_experiment":false}}`, i, i, i)
	}
	doc.WriteString(`},"errorsWhileComputingFlags":false,"requestId":"0190","evaluatedAt":1700000000000}`)
	body := []byte(doc.String())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
