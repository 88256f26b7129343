package main

import (
	"encoding/json"
	"strings"
	"testing"

	ph "github.com/phgen/phgen/runtime"
)

func TestErrors(t *testing.T) {
	r := newRig(t, ph.V0)
	r.init("", "")
	mock := `"api_key":"phc_test","host":"` + r.mockURL + `"`
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/init", `{"host":"http://localhost"}`, 400, "api_key and host are required"},
		{"POST", "/init", `{"api_key":"phc_test","host":"https://us.i.posthog.com"}`, 400,
			`host "https://us.i.posthog.com" is no address of a mock: use http:// and a name without a dot or a private address`},
		{"POST", "/init", `{` + mock + `,"flush_at":0}`, 400, "flush_at 0 must be at least 1"},
		{"POST", "/init", `{` + mock + `,"flush_interval_ms":-1}`, 400, "flush_interval_ms -1 must be 0 to 86400000"},
		{"POST", "/init", `{` + mock + `,"max_retries":-1}`, 400, "max_retries -1 must not be negative"},
		{"POST", "/init", `{"api_key":" ","host":"http://localhost"}`, 400, `ph: Config.APIKey: must be the project key, which begins with "phc_"`},
		{"POST", "/init", `{"api_key":`, 400, "reading the body: unexpected EOF"},
		{"POST", "/init?test_id=a%0D%0Ab", `{` + mock + `}`, 400, `test_id "a\r\nb" must be printable ASCII without spaces`},
		{"POST", "/init?test_id=" + strings.Repeat("a", 201), `{` + mock + `}`, 400, "test_id has 201 bytes, more than 200"},
		{"POST", "/capture", `{"event":"e"}`, 400, "distinct_id is required"},
		{"POST", "/capture", `{"distinct_id":"u1"}`, 400, "event is required"},
		{"POST", "/capture", captureBody + `{}`, 400, "reading the body: something follows the JSON value"},
		{"POST", "/capture", `{"distinct_id":"u1","event":"e","timestamp":"yesterday"}`, 400,
			`reading the body: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`},
		{"POST", "/capture", `{"distinct_id":"u1","event":"` + strings.Repeat("x", 201) + `"}`, 500,
			"ph: event is invalid: an event's name has 1 to 200 characters, not 201"},
		{"POST", "/capture", `{"event":"` + strings.Repeat("x", maxBody) + `"}`, 400, "reading the body: http: request body too large"},
		{"POST", "/capture_ai", `{"distinct_id":"u1","event":"e","uuid":"7"}`, 400, "reading the body: invalid UUID length: 1"},
		{"POST", "/capture_ai", `{"distinct_id":"u1","event":"e","uuid":"00000000-0000-0000-0000-000000000000"}`, 400, "uuid must not be zero"},
		{"POST", "/capture?test_id=b", captureBody, 400, "no client: call /init first"},
		{"POST", "/flush?test_id=b", "", 400, "no client: call /init first"},
		{"POST", "/get_feature_flag?test_id=b", `{"key":"k","distinct_id":"u1"}`, 400, "no client: call /init first"},
		{"POST", "/get_feature_flag", `{"key":"k"}`, 400, "key and distinct_id are required"},
		{"POST", "/get_feature_flag", ``, 400, "reading the body: EOF"},
		{"POST", "/reset?test_id=%20", ``, 400, `test_id " " must be printable ASCII without spaces`},
		{"GET", "/state?test_id=%FF", ``, 400, `test_id "\xff" must be printable ASCII without spaces`},
		{"GET", "/init", ``, 404, "no route GET /init"},
		{"POST", "/unknown", ``, 404, "no route POST /unknown"},
	} {
		status, text := r.ask(test.method, test.path, test.body)
		var got struct{ Error string }
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s %.40s: %s: %v", test.method, test.path, text, err)
		}
		if status != test.status || got.Error != test.want {
			t.Errorf("%s %.40s %.80s: got %d %s, want %d %s", test.method, test.path, test.body, status, got.Error, test.status, test.want)
		}
	}
	if got := r.state("").TotalEventsCaptured; got != 0 {
		t.Errorf("%d events captured, want none", got)
	}
}

func TestNear(t *testing.T) {
	for host, want := range map[string]bool{
		"http://mock-server:8081":         true,
		"http://test-harness:8081/":       true,
		"http://LOCALHOST":                true,
		"http://127.0.0.1:8081":           true,
		"http://[::1]:8081":               true,
		"http://172.17.0.1:8081":          true,
		"http://host.docker.internal":     true,
		"https://eu.i.posthog.com":        false,
		"http://203.0.113.7":              false,
		"http://localhost@203.0.113.7":    false,
		"http://169.254.169.254":          false, // a cloud's metadata
		"http://localhost.evil.example":   false,
		"localhost:8081":                  false,
		"file:///etc":                     false,
		"http://":                         false,
		"http://evil.example/.internal":   false,
		"http://evil.example#a.localhost": false,
	} {
		if got := near(host); got != want {
			t.Errorf("%s: got %t, want %t", host, got, want)
		}
	}
}
