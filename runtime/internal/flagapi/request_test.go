package flagapi

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/flags"
)

func TestRequestBody(t *testing.T) {
	for name, c := range map[string]struct {
		request Request
		want    string
	}{
		"least": {Request{DistinctID: "u"},
			`{"api_key":"phc_token","distinct_id":"u","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true}`},
		"GeoIP": {Request{DistinctID: "u", GeoIP: true},
			`{"api_key":"phc_token","distinct_id":"u","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":false}`},
		"most": {Request{
			DistinctID: "ü\"\u2028\x00", DeviceID: "d",
			Groups: map[string]string{"organization": "o_1", "a<b>": "&"},
			Person: map[string]any{"plan": "pro", "big": int64(1<<62 + 1), "nested": map[string]any{"b": []any{1, nil, "é"}, "a": 1.5}, "nil": nil},
			GroupProperties: map[string]map[string]any{
				"organization": {"seats": 5, "a": true},
				"project":      {"not": "sent"}, // nobody says which project
			},
			Keys: []string{"beta", "x"},
		}, `{"api_key":"phc_token","distinct_id":"ü\"\u2028","groups":{"a<b>":"&","organization":"o_1"},` +
			`"person_properties":{"big":4611686018427387905,"nested":{"a":1.5,"b":[1,null,"é"]},"nil":null,"plan":"pro"},` +
			`"group_properties":{"a<b>":{"$group_key":"&"},"organization":{"$group_key":"o_1","a":true,"seats":5}},` +
			`"geoip_disable":true,"device_id":"d","flag_keys_to_evaluate":["beta","x"]}`},
		"group key of the caller's": {Request{DistinctID: "u", Groups: map[string]string{"a": "1"}, GroupProperties: map[string]map[string]any{"a": {"$group_key": "2"}}},
			`{"api_key":"phc_token","distinct_id":"u","groups":{"a":"1"},"person_properties":{},"group_properties":{"a":{"$group_key":"2"}},"geoip_disable":true}`},
		"unset": {Request{DistinctID: "u", Person: map[string]any{"a": flags.Unset, "b": 1, "c": flags.Unset},
			Groups: map[string]string{"g": "1"}, GroupProperties: map[string]map[string]any{"g": {"a": flags.Unset}}},
			`{"api_key":"phc_token","distinct_id":"u","groups":{"g":"1"},"person_properties":{"b":1},"group_properties":{"g":{"$group_key":"1"}},"geoip_disable":true}`},
		"no JSON": {Request{DistinctID: "u", Person: map[string]any{"a": math.NaN(), "b": func() {}, "c": map[string]int(nil), "d": json.Number("5.0")}},
			`{"api_key":"phc_token","distinct_id":"u","groups":{},"person_properties":{"a":null,"b":null,"c":null,"d":5.0},"group_properties":{},"geoip_disable":true}`},
		"no keys": {Request{DistinctID: "u", Keys: []string{}},
			`{"api_key":"phc_token","distinct_id":"u","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true,"flag_keys_to_evaluate":[]}`},
		"nobody": {Request{},
			`{"api_key":"phc_token","distinct_id":"","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true}`},
	} {
		got := string(c.request.append(nil, token))
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: no JSON", name)
		}
	}
}

// The maps are the caller's.
func TestRequestChangesNothing(t *testing.T) {
	r := Request{
		Groups:          map[string]string{"g": "1"},
		Person:          map[string]any{"a": flags.Unset},
		GroupProperties: map[string]map[string]any{"g": {"a": flags.Unset}},
	}
	r.append(nil, token)
	if len(r.Person) != 1 || len(r.GroupProperties["g"]) != 1 {
		t.Errorf("request is now %+v", r)
	}
}
