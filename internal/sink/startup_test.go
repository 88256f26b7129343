package sink

import (
	"encoding/json"
	"strings"
	"testing"
)

const (
	configOfX = `{"token":"phc_x","supportedCompression":["gzip","gzip-js"],"hasFeatureFlags":true,"analytics":{"endpoint":"/i/v0/e/"},` +
		`"autocapture_opt_out":true,"autocaptureExceptions":false,"captureDeadClicks":false,"capturePerformance":false,` +
		`"conversations":false,"defaultIdentifiedOnly":true,"elementsChainAsString":true,` +
		`"errorTracking":{"autocaptureExceptions":false,"suppressionRules":[]},"heatmaps":false,"isAuthenticated":false,` +
		`"logs":{"captureConsoleLogs":false},"productTours":false,"sessionRecording":false,"siteApps":[],"toolbarParams":{}}`
	notServed = "PostHog's scripts are not served here: install posthog-js from npm\n"
)

func TestStartUp(t *testing.T) {
	script := `(function(w){w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{};w._POSTHOG_REMOTE_CONFIG["phc_x"]={"config":` + configOfX + `,"siteApps":[]}})(window);` + "\n"
	denied := `{"type":"authentication_error","code":"unauthorized","detail":"the project API key is missing or another one","attr":null}`
	tests := []struct {
		target      string
		status      int
		contentType string
		body        string
	}{
		{"/array/phc_x/config", 200, isJSON, configOfX},
		{"/array/phc_x/config/?_=1", 200, isJSON, configOfX},
		{"/array/phc_x/config.js", 200, isScript, script},
		{"/array/phc_y/config", 401, isJSON, denied},
		{"/array/phc_y/config.js", 401, isJSON, denied},
		{"/array/phc_x/array.js", 404, isText, notServed},
		{"/array/phc_x/../config", 404, isText, notServed},
		{"/array/phc_x", 404, isText, notServed},
		{"/array//config", 404, isText, notServed},
		{"/array/%22%5D;alert(1)//config.js", 404, isText, notServed},
		{"/array/%3C%2Fscript%3E/config.js", 404, isText, notServed},
		{"/array/" + strings.Repeat("x", 201) + "/config", 404, isText, notServed},
		{"/static/array.js", 404, isText, notServed},
		{"/static/1.449.2/recorder.js?v=1", 404, isText, notServed},
		{"/static/..%2f..%2fetc/passwd", 404, isText, notServed},
		{"/static/phc_x/config", 404, isText, notServed},
		{"/static", 404, isText, "404 page not found\n"},
		{"/array", 404, isText, "404 page not found\n"},
		{"/api/early_access_features/?token=phc_x&_=1", 200, isJSON, `{"earlyAccessFeatures":[]}`},
		{"/api/web_experiments/?token=phc_x", 200, isJSON, `{"experiments":[]}`},
		{"/api/product_tours/?token=phc_x", 200, isJSON, `{"product_tours":[]}`},
		{"/api/web_experiments?token=phc_y", 401, isJSON, denied},
		{"/api/web_experiments/", 401, isJSON, denied},
	}
	s := New(Config{APIKey: "phc_x"})
	for _, tt := range tests {
		w := get(s, tt.target)
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.contentType || w.Body.String() != tt.body {
			t.Errorf("%s: got %d %q\n%s\nwant %d %q\n%s", tt.target, w.Code, w.Header().Get("Content-Type"), w.Body, tt.status, tt.contentType, tt.body)
		}
	}
	if got := post(s, "/array/phc_x/config", nil); got.Code != 405 || got.Header().Get("Allow") != "GET" {
		t.Errorf("POST: got %d, Allow %q, want 405, GET", got.Code, got.Header().Get("Allow"))
	}
	if !json.Valid([]byte(configOfX)) {
		t.Error("the configuration is no JSON")
	}
}

func TestFlagsWithConfig(t *testing.T) {
	off := strings.TrimPrefix(configOfX, `{"token":"phc_x"`)
	tests := []struct{ target, want string }{
		{"/decide/?v=3&config=true", `{"featureFlags":{"on":true},"featureFlagPayloads":{},"errorsWhileComputingFlags":false` + off},
		{"/decide/?v=1&config=1", `{"featureFlags":["on"]` + off},
		{"/decide/?v=1&config=false", `{"featureFlags":["on"]}`},
		{"/decide/?v=1&config=yes", `{"featureFlags":["on"]}`},
	}
	for _, tt := range tests {
		s := New(Config{})
		s.SetFlag(Flag{Key: "on", Enabled: true})
		if got := post(s, tt.target, []byte(asks)).Body.String(); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.target, got, tt.want)
		}
	}
	var got struct {
		Flags   map[string]any
		Surveys any
		Replay  any `json:"sessionRecording"`
	}
	if err := json.Unmarshal(post(flagged(), "/flags/?v=2&config=true", []byte(asks)).Body.Bytes(), &got); err != nil || len(got.Flags) != 3 || got.Replay != false || got.Surveys != nil {
		t.Errorf("v2: got %+v, %v", got, err)
	}
}

func TestRecording(t *testing.T) {
	s := New(Config{})
	if w := post(s, "/s/?compression=gzip-js", []byte("no gzip")); w.Code != 200 || w.Body.String() != `{"status":1}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	s.Inject(Fault{Status: 503})
	if w := post(s, "/s", nil); w.Code != 503 {
		t.Errorf("with a fault: got %d", w.Code)
	}
	if w := post(s, "/s/", make([]byte, 20<<20+1)); w.Code != 413 {
		t.Errorf("too large: got %d", w.Code)
	}
	if got, want := s.Counters(), (Counters{Recordings: 3}); got != want || len(s.Requests()) > 0 {
		t.Errorf("got %+v and %d requests, want %+v and none", got, len(s.Requests()), want)
	}
}
