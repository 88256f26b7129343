package sink

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const v1Path = "/i/v1/analytics/events"

// v1Header is what every v1 request carries.
var v1Header = map[string]string{
	"Authorization":             "Bearer phc_x",
	"Content-Type":              "application/json",
	"User-Agent":                "phgen-go/0.1.0",
	"PostHog-Sdk-Info":          "phgen-go/0.1.0",
	"PostHog-Attempt":           "1",
	"PostHog-Request-Id":        "0190c8a4-0000-7222-8333-444455556666",
	"PostHog-Request-Timestamp": "2026-01-02T03:04:05.000000001Z",
}

// postV1 posts with the required headers, changed by header; an empty value takes
// one away.
func postV1(s *Sink, body []byte, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, v1Path, bytes.NewReader(body))
	for name, v := range v1Header {
		r.Header.Set(name, v)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func bodyV1(events ...string) string {
	return `{"created_at":"2026-01-02T03:04:05Z","batch":[` + strings.Join(events, ",") + `]}`
}

// uuidOf is the n-th of the tests' UUIDs.
func uuidOf(n int) string { return fmt.Sprintf("0190c8a4-1111-7222-8333-%012d", n) }

// eventV1With is the n-th event, which is good, with some fields replaced.
func eventV1With(n int, fields ...string) string {
	text := `{"event":"a","uuid":"` + uuidOf(n) + `","distinct_id":"u","timestamp":"2026-01-02T03:04:05+01:00","options":{},"properties":{}`
	for _, f := range fields {
		name, _, _ := strings.Cut(f, ":")
		if i := strings.Index(text, name+":"); i >= 0 {
			end := strings.Index(text[i:], `,"`)
			if end < 0 {
				end = len(text) - i
			} else {
				end++
			}
			text = strings.TrimSuffix(text[:i]+text[i+end:], ",")
		}
		if strings.Contains(f, ":") {
			text += "," + f
		}
	}
	return text + "}"
}

func TestV1Headers(t *testing.T) {
	tests := []struct {
		name, value string
		status      int
		reply       string
	}{
		{"Authorization", "bearer phc_x", 200, ""},
		{"Content-Type", "application/json; charset=utf-8", 200, ""},
		{"PostHog-Sdk-Info", "a/b/1", 200, ""},
		{"PostHog-Attempt", "12", 200, ""},
		{"X-Test-Id", "7", 200, ""},
		{"Content-Encoding", "identity", 200, ""},

		{"Authorization", "", 401, `{"error":"unauthorized","error_description":"Authorization is missing or no bearer token"}`},
		{"Authorization", "Basic phc_x", 401, `{"error":"unauthorized","error_description":"Authorization is missing or no bearer token"}`},
		{"Authorization", "Bearer", 401, `{"error":"unauthorized","error_description":"Authorization is missing or no bearer token"}`},
		{"Authorization", "Bearer phc_y", 401, `{"error":"unauthorized","error_description":"the project API key is missing or another one"}`},
		{"Content-Type", "", 415, `{"error":"unsupported_media_type","error_description":"Content-Type \"\" is not application/json"}`},
		{"Content-Type", "text/plain", 415, `{"error":"unsupported_media_type","error_description":"Content-Type \"text/plain\" is not application/json"}`},
		{"Content-Encoding", "br", 415, `{"error":"unsupported_media_type","error_description":"compression \"br\" is not decoded here"}`},
		{"Content-Encoding", "gzip-js", 415, `{"error":"unsupported_media_type","error_description":"compression \"gzip-js\" is not decoded here"}`},
		{"User-Agent", "", 400, `{"error":"missing_header","error_description":"User-Agent is missing"}`},
		{"PostHog-Sdk-Info", "", 400, `{"error":"missing_header","error_description":"PostHog-Sdk-Info is missing"}`},
		{"PostHog-Sdk-Info", "phgen", 400, `{"error":"invalid_header","error_description":"PostHog-Sdk-Info \"phgen\" is malformed"}`},
		{"PostHog-Sdk-Info", "phgen/", 400, `{"error":"invalid_header","error_description":"PostHog-Sdk-Info \"phgen/\" is malformed"}`},
		{"PostHog-Attempt", "", 400, `{"error":"missing_header","error_description":"PostHog-Attempt is missing"}`},
		{"PostHog-Attempt", "0", 400, `{"error":"invalid_header","error_description":"PostHog-Attempt \"0\" is malformed"}`},
		{"PostHog-Attempt", "-1", 400, `{"error":"invalid_header","error_description":"PostHog-Attempt \"-1\" is malformed"}`},
		{"PostHog-Request-Id", "", 400, `{"error":"missing_header","error_description":"PostHog-Request-Id is missing"}`},
		{"PostHog-Request-Id", "7", 400, `{"error":"invalid_header","error_description":"PostHog-Request-Id \"7\" is malformed"}`},
		{"PostHog-Request-Timestamp", "", 400, `{"error":"missing_header","error_description":"PostHog-Request-Timestamp is missing"}`},
		{"PostHog-Request-Timestamp", "2026-01-02T03:04:05", 400, `{"error":"invalid_header","error_description":"PostHog-Request-Timestamp \"2026-01-02T03:04:05\" is malformed"}`},
	}
	for _, tt := range tests {
		s := New(Config{APIKey: "phc_x"})
		if tt.reply == "" {
			tt.reply = `{"results":{"` + uuidOf(1) + `":{"result":"ok"}}}`
		}
		w := postV1(s, []byte(bodyV1(eventV1With(1))), tt.name, tt.value)
		if w.Code != tt.status || w.Body.String() != tt.reply {
			t.Errorf("%s: %q: got %d %s, want %d %s", tt.name, tt.value, w.Code, w.Body, tt.status, tt.reply)
		}
		if got, want := len(s.Events()) > 0, tt.status == 200; got != want {
			t.Errorf("%s: %q: kept events: %t, want %t", tt.name, tt.value, got, want)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: %q: replied %q, want JSON", tt.name, tt.value, got)
		}
	}
}

func TestV1Bodies(t *testing.T) {
	tests := []struct{ body, code, description string }{
		{``, "bad_request", "the body is no JSON object"},
		{`null`, "bad_request", "the body is no JSON object"},
		{`[` + eventV1With(1) + `]`, "bad_request", "the body is no JSON object"},
		{"{\"\xff\":1}", "bad_request", "the body is no UTF-8"},
		{`{"api_key":"phc_x",` + bodyV1(eventV1With(1))[1:], "bad_request", "api_key has no place in the body"},
		{`{"sent_at":"2026-01-02T03:04:05Z",` + bodyV1(eventV1With(1))[1:], "bad_request", "sent_at has no place in the body"},
		{`{"historical_migration":1,` + bodyV1(eventV1With(1))[1:], "bad_request", "historical_migration is no boolean"},
		{`{"batch":[` + eventV1With(1) + `]}`, "invalid_created_at", "created_at is missing or no string"},
		{`{"created_at":"now","batch":[` + eventV1With(1) + `]}`, "invalid_created_at", `created_at "now" is no RFC 3339 time with a zone`},
		{`{"created_at":"2026-01-02T03:04:05","batch":[` + eventV1With(1) + `]}`, "invalid_created_at", `created_at "2026-01-02T03:04:05" is no RFC 3339 time with a zone`},
		{`{"created_at":"2026-01-02T03:04:05Z"}`, "bad_request", "batch is missing or no array"},
		{bodyV1(), "empty_batch", "the batch is empty"},
		{bodyV1(`1`), "bad_request", "an event is no JSON object"},
		{bodyV1(eventV1With(1, `"event":7`)), "bad_request", "event is no string"},
		{bodyV1(eventV1With(1, `"session_id":7`)), "bad_request", "session_id is no string"},
		{bodyV1(eventV1With(1), eventV1With(2, `"uuid"`)), "missing_event_uuid", `event "a": uuid is missing`},
		{bodyV1(eventV1With(1, `"uuid":""`)), "missing_event_uuid", `event "a": uuid is missing`},
		{bodyV1(eventV1With(1, `"uuid":"7"`)), "invalid_event_uuid", `event "a": uuid "7" is malformed`},
		{bodyV1(eventV1With(10), eventV1With(1, `"uuid":"`+strings.ToUpper(uuidOf(10))+`"`)), "duplicate_event_uuid", `uuid "` + uuidOf(10) + `" occurs twice`},
		{bodyV1(eventV1With(1, `"options":[]`)), "bad_request", `event "a": options is no object`},
		{bodyV1(eventV1With(1, `"options":{"process_person_profile":"false"}`)), "bad_request", `event "a": options.process_person_profile is no boolean`},
		{bodyV1(eventV1With(1, `"options":{"product_tour_id":1}`)), "bad_request", `event "a": options.product_tour_id is no string`},
	}
	for _, tt := range tests {
		s := New(Config{})
		w := postV1(s, []byte(tt.body))
		want := fmt.Sprintf(`{"error":%q,"error_description":%q}`, tt.code, tt.description)
		if w.Code != 400 || w.Body.String() != want {
			t.Errorf("%s: got %d %s, want 400 %s", tt.body, w.Code, w.Body, want)
		}
		if got := len(s.Events()); got != 0 {
			t.Errorf("%s: kept %d events, want none", tt.body, got)
		}
	}
}

func TestV1Verdicts(t *testing.T) {
	ok := Verdict{Result: "ok"}
	warning := Verdict{Result: "warning", Details: "person_processing_disabled"}
	tests := []struct {
		event string
		want  Verdict
	}{
		{eventV1With(1), ok},
		{eventV1With(1, `"options":{"process_person_profile":false,"cookieless_mode":null,"later":1}`), ok},
		{eventV1With(1, `"session_id":"s"`, `"window_id":"w"`), ok},
		{eventV1With(1, `"event":"`+strings.Repeat("ü", 200)+`"`), ok},
		{eventV1With(1, `"distinct_id":"Anonymous"`), warning},
		{eventV1With(1, `"distinct_id":"[object Object]"`), warning},
		{eventV1With(1, `"distinct_id":"00000000-0000-0000-0000-000000000000"`), warning},
		{eventV1With(1, `"event"`), drop("missing_event_name")},
		{eventV1With(1, `"event":""`), drop("missing_event_name")},
		{eventV1With(1, `"event":"`+strings.Repeat("ü", 201)+`"`), drop("event_name_too_long")},
		{eventV1With(1, `"distinct_id"`), drop("missing_distinct_id")},
		{eventV1With(1, `"distinct_id":"`+strings.Repeat("ü", 201)+`"`), drop("distinct_id_too_large")},
		{eventV1With(1, `"timestamp"`), drop("invalid_event_timestamp")},
		{eventV1With(1, `"timestamp":"2026-01-02T03:04:05"`), drop("invalid_event_timestamp")},
		{eventV1With(1, `"options"`), drop("invalid_options")},
		{eventV1With(1, `"properties"`), drop("malformed_event_properties")},
		{eventV1With(1, `"properties":[]`), drop("malformed_event_properties")},
		{eventV1With(1, `"properties":{"x":"`+strings.Repeat("x", 1<<20)+`"}`), drop("event_too_big")},
	}
	for _, tt := range tests {
		s := New(Config{})
		w := postV1(s, []byte(bodyV1(eventV1With(2), tt.event)))
		want := string(batch{
			events:   []Event{{UUID: uuidOf(2)}, {UUID: uuidOf(1)}},
			verdicts: []Verdict{ok, tt.want},
		}.results())
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%.200s: got %d %s, want 200 %s", tt.event, w.Code, w.Body, want)
		}
		kept := 2
		if tt.want.Result == "drop" {
			kept = 1
		}
		if got := len(s.Events()); got != kept {
			t.Errorf("%.200s: kept %d events, want %d", tt.event, got, kept)
		}
	}
}

func TestV1Event(t *testing.T) {
	s := New(Config{})
	ahead := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	raw := `{"event":"a","uuid":"` + strings.ToUpper(uuidOf(1)) + `","distinct_id":"id","timestamp":"` + ahead + `","session_id":"s","window_id":"w",` +
		`"options":{"process_person_profile":false},"properties":{"$set":{"a":1},"n":1,"n":2}}`
	if w := postV1(s, []byte(bodyV1(raw)), "PostHog-Sdk-Info", "a/b/1.2"); w.Code != 200 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	got := s.Events()[0]
	if string(got.Raw) != raw || fmt.Sprint(got.Properties) != "map[$set:map[a:1] n:2]" {
		t.Errorf("got %s with properties %v", got.Raw, got.Properties)
	}
	got.Raw, got.Properties = nil, nil
	want := Event{
		Name: "a", DistinctID: "id", UUID: uuidOf(1), Timestamp: ahead, SessionID: "s", WindowID: "w", SDK: "a/b/1.2",
		Options: map[string]any{"process_person_profile": false}, Path: v1Path,
		Problems: []string{
			`key "properties.n" is written twice`,
			`timestamp "` + ahead + `" is more than 23 hours ahead`,
			`distinct_id "id" is a placeholder: no person is processed`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// packed compresses b as a codec's writer does.
func packed(t *testing.T, b []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstdWriter(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }
func zlibWriter(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }
func rawDeflate(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 1) }

func TestV1Compression(t *testing.T) {
	plain := []byte(bodyV1(eventV1With(1)))
	zeros := bytes.Repeat([]byte{' '}, batchLimit+1)
	tests := []struct {
		name, header string
		body         []byte
		status       int
	}{
		{"plain", "", plain, 200},
		{"gzip", "gzip", zip(t, plain), 200},
		{"GZIP", "GZIP", zip(t, plain), 200},
		{"zstd", "zstd", packed(t, plain, zstdWriter), 200},
		{"deflate", "deflate", packed(t, plain, zlibWriter), 200},
		{"deflate without zlib's frame", "deflate", packed(t, plain, rawDeflate), 400},
		{"gzip that nobody announced", "", zip(t, plain), 400},
		{"plain said to be zstd", "zstd", plain, 400},
		{"zstd cut short", "zstd", packed(t, plain, zstdWriter)[:40], 400},
		{"deflate cut short", "deflate", packed(t, plain, zlibWriter)[:40], 400},
		{"br", "br", plain, 415},
		{"two codecs", "gzip, zstd", plain, 415},
		{"gzip bomb", "gzip", zip(t, zeros), 413},
		{"zstd bomb", "zstd", packed(t, zeros, zstdWriter), 413},
		{"deflate bomb", "deflate", packed(t, zeros, zlibWriter), 413},
		// A window of 64 GiB in a frame that never gets that far.
		{"zstd with a huge window", "zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xd0, 0x01, 0x00, 0x00}, 400},
	}
	for _, tt := range tests {
		s := New(Config{})
		w := postV1(s, tt.body, "Content-Encoding", tt.header)
		if w.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.status)
		}
		if body, err := s.Requests()[0].Body(); tt.status == 200 && (err != nil || !bytes.Equal(body, plain)) {
			t.Errorf("%s: Body() = %q, %v, want %q", tt.name, body, err, plain)
		}
	}
}

// What v1 brought, v0 does not decode.
func TestV0KnowsNoV1Codecs(t *testing.T) {
	for codec, body := range map[string][]byte{
		"zstd":    packed(t, []byte(bodyOf(good)), zstdWriter),
		"deflate": packed(t, []byte(bodyOf(good)), zlibWriter),
	} {
		for _, path := range []string{"/batch/", "/i/v0/ai/batch/"} {
			if w := post(New(Config{}), path, body, "Content-Encoding", codec); w.Code != 415 {
				t.Errorf("%s with %s: got %d, want 415", path, codec, w.Code)
			}
		}
	}
}

func TestAILane(t *testing.T) {
	event := func(size int) string {
		return `{"event":"$ai_generation","distinct_id":"u","properties":{"x":"` + strings.Repeat("x", size) + `"}}`
	}
	tests := []struct {
		name   string
		path   string
		body   string
		status int
	}{
		{"small", "/i/v0/ai/batch/", bodyOf(event(1)), 200},
		{"small without the slash", "/i/v0/ai/batch", bodyOf(event(1)), 200},
		{"two of 7 MiB", "/i/v0/ai/batch/", bodyOf(event(7<<20), event(7<<20)), 200},
		{"one above 8 MiB", "/i/v0/ai/batch/", bodyOf(event(1), event(8<<20)), 413},
		{"batch above 20 MiB", "/i/v0/ai/batch/", bodyOf(event(7<<20), event(7<<20), event(7<<20)), 413},
	}
	for _, tt := range tests {
		s := New(Config{})
		if w := post(s, tt.path, []byte(tt.body)); w.Code != tt.status {
			t.Errorf("%s: got %d, want %d", tt.name, w.Code, tt.status)
		}
		for _, e := range s.Events() {
			if e.Path != tt.path {
				t.Errorf("%s: kept an event of %q, want %q", tt.name, e.Path, tt.path)
			}
		}
	}
}

func TestFaultVerdict(t *testing.T) {
	s := New(Config{})
	verdicts := map[string]Verdict{
		"b": {Result: "retry", Details: "not_persisted"},
		"c": {Result: "drop", Details: "billing_limit_exceeded"},
		"d": {Result: "limited"},
		"e": {Result: Unmentioned},
	}
	fault := Fault{Verdict: func(e Event) Verdict { return verdicts[e.Name] }}
	kept := fault
	kept.Keep = true
	s.Inject(fault, kept)
	body := bodyV1(eventV1With(1), eventV1With(2, `"event":"b"`), eventV1With(3, `"event":"c"`),
		eventV1With(4, `"event":"d"`), eventV1With(5, `"event":"e"`), eventV1With(6, `"distinct_id"`))
	want := `{"results":{"` + uuidOf(1) + `":{"result":"ok"},"` +
		uuidOf(2) + `":{"result":"retry","details":"not_persisted"},"` +
		uuidOf(3) + `":{"result":"drop","details":"billing_limit_exceeded"},"` +
		uuidOf(4) + `":{"result":"limited"},"` +
		uuidOf(6) + `":{"result":"drop","details":"missing_distinct_id"}}}`
	for _, keptSoFar := range []int{3, 9} {
		w := postV1(s, []byte(body))
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("got %d %s, want 200 %s", w.Code, w.Body, want)
		}
		if got := w.Header().Get("Retry-After"); got != "1" {
			t.Errorf("got Retry-After %q, want 1", got)
		}
		if got := len(s.Events()); got != keptSoFar {
			t.Errorf("%d events kept, want %d", got, keptSoFar)
		}
	}
	if w := postV1(s, []byte(bodyV1(eventV1With(1)))); w.Header().Get("Retry-After") != "" {
		t.Errorf("got Retry-After %q without a retry", w.Header().Get("Retry-After"))
	}
}

// Whatever arrives, v1 takes it by the rules or refuses it.
func FuzzDecodeV1(f *testing.F) {
	f.Add([]byte(bodyV1(eventV1With(1), eventV1With(2))))
	f.Add([]byte(bodyV1(eventV1With(1, `"options":{"cookieless_mode":true}`, `"session_id":"s"`))))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := decodeV1(body, 1<<20)
		if err != nil {
			if len(in.events) > 0 {
				t.Errorf("%d events beside the error %v", len(in.events), err)
			}
			return
		}
		seen := map[string]bool{}
		for i, e := range in.events {
			if id, ok := canonicalUUID(e.UUID); !ok || id != e.UUID || seen[id] {
				t.Errorf("uuid %q is not canonical, or a duplicate", e.UUID)
			}
			seen[e.UUID] = true
			if in.verdicts[i].takes() && (e.Name == "" || e.DistinctID == "" || e.Properties == nil) {
				t.Errorf("took %+v", e)
			}
		}
	})
}
