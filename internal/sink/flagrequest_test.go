package sink

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFlagRequest(t *testing.T) {
	yes, no := true, false
	deep := strings.Repeat(`{"a":`, 127) + "1" + strings.Repeat("}", 127)
	var nested any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(deep, "1", `"1"`)), &nested); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("ü", 200)
	missing := []string{"groups is missing or null", "person_properties is missing or null", "group_properties is missing or null"}
	tests := []struct {
		body string
		want FlagRequest
	}{
		{asks, FlagRequest{APIKey: "phc_x", DistinctID: "u", Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{}, GeoIPDisable: &yes}},
		{
			`{"token":"t","$distinct_id":12.0,"$groups":{"org":"a","n":5},"$properties":{"n":1e400,"é":["☃",null]},"$group_properties":{"org":{"s":1}},"$device_id":"d","flag_keys":["a",""],"geoip_disable":false}`,
			FlagRequest{APIKey: "t", DistinctID: "12.0", DeviceID: "d", Groups: map[string]any{"org": "a", "n": json.Number("5")}, PersonProperties: map[string]any{"n": json.Number("1e400"), "é": []any{"☃", nil}}, GroupProperties: map[string]map[string]any{"org": {"s": json.Number("1")}}, Keys: []string{"a", ""}, GeoIPDisable: &no},
		},
		{`{"$token":"t","distinct_id":"u","device_id":null,"flag_keys_to_evaluate":[]}`, FlagRequest{APIKey: "t", DistinctID: "u", Keys: []string{}, Problems: missing}},
		{`{"distinct_id":"u","groups":null,"person_properties":{"$device_id":"d"},"group_properties":null,"geoip_disable":null,"flag_keys":null,"x":1}`, FlagRequest{DistinctID: "u", DeviceID: "d", PersonProperties: map[string]any{"$device_id": "d"}, Problems: []string{missing[0], missing[2]}}},
		{`{"distinct_id":"u","device_id":"","groups":{},"group_properties":{},"person_properties":{"$device_id":7}}`, FlagRequest{DistinctID: "u", Groups: map[string]any{}, PersonProperties: map[string]any{"$device_id": json.Number("7")}, GroupProperties: map[string]map[string]any{}}},
		{`{"distinct_id":"` + long + `ü","distinct_id":"` + long + `ü"}`, FlagRequest{DistinctID: long, Problems: append(append([]string{`key "distinct_id" is written twice`}, missing...), "distinct_id is longer than 200 characters")}},
		{"\n" + `{"distinct_id":"u","groups":{},"group_properties":{},"person_properties":` + deep + `}`, FlagRequest{DistinctID: "u", Groups: map[string]any{}, GroupProperties: map[string]map[string]any{}, PersonProperties: number(nested).(map[string]any)}},
	}
	for _, tt := range tests {
		s := New(Config{})
		if w := post(s, "/flags/?v=2", []byte(tt.body)); w.Code != 200 {
			t.Errorf("%s: got %d %s", tt.body, w.Code, w.Body)
		}
		if diff := cmp.Diff(tt.want, s.FlagRequests()[0], cmpopts.IgnoreFields(FlagRequest{}, "Request")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.body, diff)
		}
	}
}

// number makes numbers of strings.
func number(v any) any {
	switch v := v.(type) {
	case string:
		return json.Number(v)
	case map[string]any:
		for key := range v {
			v[key] = number(v[key])
		}
	}
	return v
}

func TestBadFlagRequests(t *testing.T) {
	tests := []struct {
		body   string
		status int
		detail string
	}{
		{``, 400, "the body is no JSON object"},
		{`[]`, 400, "the body is no JSON object"},
		{`{"distinct_id":"u"`, 400, "the body is no JSON object"},
		{`{"distinct_id":"u","person_properties":{"n":NaN}}`, 400, "the body is no JSON object"},
		{"{\"distinct_id\":\"\xff\"}", 400, "the body is no UTF-8"},
		{`{"api_key":"phc_x"}`, 400, "distinct_id is missing or empty"},
		{`{"api_key":"phc_x","distinct_id":""}`, 400, "distinct_id is missing or empty"},
		{`{"api_key":"phc_x","distinct_id":null}`, 400, "distinct_id is missing or empty"},
		{`{"api_key":"phc_x","distinct_id":true}`, 400, "distinct_id is neither a string nor a number"},
		{`{"api_key":"phc_x","distinct_id":"u","$distinct_id":"u"}`, 400, "distinct_id and $distinct_id are one field"},
		{`{"api_key":"phc_x","token":"phc_x","distinct_id":"u"}`, 400, "api_key and token are one field"},
		{`{"api_key":7,"distinct_id":"u"}`, 400, "api_key is no string"},
		{`{"api_key":"phc_x","distinct_id":"u","groups":[]}`, 400, "groups is no object"},
		{`{"api_key":"phc_x","distinct_id":"u","person_properties":""}`, 400, "person_properties is no object"},
		{`{"api_key":"phc_x","distinct_id":"u","group_properties":{"org":null}}`, 400, `group_properties of \"org\" is no object`},
		{`{"api_key":"phc_x","distinct_id":"u","device_id":7}`, 400, "device_id is no string"},
		{`{"api_key":"phc_x","distinct_id":"u","geoip_disable":"true"}`, 400, "geoip_disable is no boolean"},
		{`{"api_key":"phc_x","distinct_id":"u","flag_keys":"a"}`, 400, "flag_keys_to_evaluate is no array of strings"},
		{`{"api_key":"phc_x","distinct_id":"u","flag_keys":[1,"a"]}`, 400, "flag_keys_to_evaluate is no array of strings"},
		{`{"api_key":"phc_x","distinct_id":"u","x":` + strings.Repeat("[", 129) + strings.Repeat("]", 129) + `}`, 400, "nested more than 128 levels deep"},
		{`{"api_key":"phc_y","distinct_id":"u"}`, 401, "the project API key is missing or another one"},
		{`{"distinct_id":"u"}`, 401, "the project API key is missing or another one"},
		{`{}`, 401, "the project API key is missing or another one"},
		{`{}` + strings.Repeat(" ", 2<<20), 413, "the body is larger than 2097152 bytes"},
	}
	kinds := map[int]string{
		400: `"validation_error","code":"bad_request"`,
		401: `"authentication_error","code":"unauthorized"`,
		413: `"validation_error","code":"request_entity_too_large"`,
	}
	for _, tt := range tests {
		s := New(Config{APIKey: "phc_x"})
		w := post(s, "/flags/?v=2", []byte(tt.body))
		want := `{"type":` + kinds[tt.status] + `,"detail":"` + tt.detail + `","attr":null}`
		if w.Code != tt.status || w.Body.String() != want {
			t.Errorf("%.200s: got %d %s, want %d %s", tt.body, w.Code, w.Body, tt.status, want)
		}
		if got := s.FlagRequests(); len(got) != 1 || got[0].Status != tt.status {
			t.Errorf("%.200s: recorded %+v, want one request with %d", tt.body, got, tt.status)
		}
	}
}

func TestFlagCompression(t *testing.T) {
	plain := []byte(asks)
	zipped := zip(t, plain)
	coded := []byte(base64.StdEncoding.EncodeToString(plain))
	tests := []struct {
		name, target, header string
		body                 []byte
		status               int
	}{
		{"header", "/flags/?v=2", "gzip", zipped, 200},
		{"query", "/flags/?v=2&compression=gzip", "", zipped, 200},
		{"magic bytes", "/decide/?v=3", "", zipped, 200},
		{"base64", "/flags/?v=2&compression=base64", "", coded, 200},
		{"base64 as a header", "/flags/?v=2", "base64", coded, 200},
		{"base64 cut short", "/flags/?v=2&compression=base64", "", coded[:5], 400},
		{"base64 that nobody announced", "/flags/?v=2", "", coded, 400},
		{"zstd", "/flags/?v=2", "zstd", plain, 415},
		{"bomb", "/flags/?v=2", "gzip", zipBomb(t, 3<<20), 413},
	}
	for _, tt := range tests {
		s := New(Config{})
		var header []string
		if tt.header != "" {
			header = []string{"Content-Encoding", tt.header}
		}
		if w := post(s, tt.target, tt.body, header...); w.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.status)
		}
		if tt.status != 200 {
			continue
		}
		r := s.FlagRequests()[0]
		if body, err := r.Body(); string(body) != asks || string(r.Raw) != string(tt.body) || r.DistinctID != "u" {
			t.Errorf("%s: recorded %q, %v, want %q", tt.name, body, err, asks)
		}
	}
}

func TestFlagRequestWithSecret(t *testing.T) {
	s := New(Config{})
	post(s, "/flags/?v=2", []byte(asks), "Authorization", "Bearer phs_x")
	want := []string{"Authorization has no place in a request for values"}
	if diff := cmp.Diff(want, s.FlagRequests()[0].Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// Whatever arrives, the sink takes it by the rules or refuses it.
func FuzzDecodeFlags(f *testing.F) {
	f.Add([]byte(asks), "v=2", "")
	f.Add([]byte(`{"$token":"t","$distinct_id":1,"$groups":{"a":1},"flag_keys":["a"],"person_properties":{"$device_id":"d","$device_id":1}}`), "", "")
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(asks))), "v=3&compression=base64", "gzip")
	f.Fuzz(func(t *testing.T, body []byte, query, encoding string) {
		s := New(Config{})
		req := Request{Path: "/flags/", Query: query, Header: map[string][]string{"Content-Encoding": {encoding}}, Raw: body}
		in, err := decodeFlags(req, endpoints["/flags"])
		if err != nil {
			if r := refusalOf(err); r == nil || r.status/100 != 4 {
				t.Errorf("the error %v has no status", err)
			}
			return
		}
		if utf8.RuneCountInString(in.DistinctID) > maxDistinctID {
			t.Errorf("distinct ID of %d characters", utf8.RuneCountInString(in.DistinctID))
		}
		s.SetFlag(Flag{Key: in.DistinctID, Enabled: true, Variant: in.DeviceID, Payload: body})
		if text := s.flagText(in, conditions{}, s.flagsFor(in)); !json.Valid(text) {
			t.Errorf("the reply is no JSON: %s", text)
		}
	})
}
