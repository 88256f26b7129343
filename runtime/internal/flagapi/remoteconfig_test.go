package flagapi

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestRemoteConfig(t *testing.T) {
	const garbage = "endpoint answered with success, but the body is no JSON"
	for body, want := range map[string]struct {
		document string
		err      string
	}{
		`"{\"a\": 1}"`:         {`{"a":1}`, ""},
		`{"a" : 1.0}`:          {`{"a":1.0}`, ""},
		`"[1, 2]"`:             {`[1,2]`, ""},
		`"\"hello\""`:          {`"hello"`, ""},
		`"hello"`:              {`"hello"`, ""}, // a payload that is no JSON
		`"\"\\\"a\\\"\""`:      {`"\"a\""`, ""}, // twice and no more
		`"5"`:                  {"5", ""},
		`5`:                    {"5", ""},
		`true`:                 {"true", ""},
		`"null"`:               {"", ""},
		`null`:                 {"", ""},
		`""`:                   {"", ""},
		"":                     {"", ""},
		" \n":                  {"", ""},
		`{"a":`:                {"", garbage},
		`hello`:                {"", garbage},
		`1 2`:                  {"", garbage},
		"<html>":               {"", "endpoint answered with success, but the body is a web page"},
		`"phx_\u0000redacted"`: {`"phx_\u0000redacted"`, ""},
	} {
		c := serve(t, says(body))
		got, ok, err := c.RemoteConfig(t.Context(), "f")
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != want.document || text != want.err || ok != (want.document != "") {
			t.Errorf("%q: got %q, %v, %q; want %q, %q", body, got, ok, text, want.document, want.err)
		}
	}
}

func TestRemoteConfigKeys(t *testing.T) {
	var got string
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	const before, after = "/api/projects/@current/feature_flags/", "/remote_config?token=phc_token"
	for key, want := range map[string]string{
		"a-b_c": "a-b_c", "a/b": "a%2Fb", "a b?c#d": "a%20b%3Fc%23d", "..": "%2E%2E", ".": "%2E", "ü": "%C3%BC", "%2e%2e": "%252e%252e", "../x": "..%2Fx",
	} {
		if _, _, err := c.RemoteConfig(t.Context(), key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
		if got != before+want+after {
			t.Errorf("%q: got %q, want %q", key, got, before+want+after)
		}
	}
	if _, _, err := c.RemoteConfig(t.Context(), ""); err == nil || err.Error() != "the flag has no key" {
		t.Errorf("no key: got %v", err)
	}
}

func FuzzRemoteConfig(f *testing.F) {
	for _, body := range []string{`"{\"a\":1}"`, `"x"`, "null", "", "{", `"\ud800"`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		document, ok, err := remoteConfig(body)
		if ok != json.Valid([]byte(document)) || ok && err != nil {
			t.Errorf("%q: got %q, %v, %v", body, document, ok, err)
		}
	})
}
