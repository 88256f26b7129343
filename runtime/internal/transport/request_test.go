package transport

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// A wire is what arrives of one request.
type wire struct {
	Method, URL, Body string
	Header            map[string]string
}

// arrival returns r as it arrives. A body that is compressed is expanded.
func arrival(t *testing.T, r *http.Request) wire {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(raw)) != r.ContentLength {
		t.Errorf("body of %d bytes, content length %d", len(raw), r.ContentLength)
	}
	header := map[string]string{}
	for k := range r.Header {
		header[k] = r.Header.Get(k)
	}
	delete(header, "Content-Length")
	return wire{r.Method, r.URL.RequestURI(), string(expand(t, header["Content-Encoding"], raw)), header}
}

func expand(t *testing.T, coding string, data []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(data)
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "deflate":
		r, err = zlib.NewReader(r)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		defer d.Close()
		r = d
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRequest(t *testing.T) {
	zone := time.FixedZone("", 7200)
	clock := func() time.Time { return time.Date(2026, 8, 1, 12, 0, 5, 120_000_000, zone) }
	const (
		events   = `[{"event":"a"},{"event":"b"}]}`
		v0       = `{"api_key":"phc_k","batch":` + events
		v1       = `{"created_at":"2026-08-01T09:59:58.000001Z","batch":` + events
		v1Target = "/i/v1/analytics/events"
	)
	headerV1 := map[string]string{
		"Authorization": "Bearer phc_k", "Posthog-Sdk-Info": "phgen-go/1.2.3", "Posthog-Attempt": "3",
		"Posthog-Request-Timestamp": "2026-08-01T10:00:05.12Z", "Posthog-Request-Id": "ID",
	}
	coded := func(name string, h map[string]string) map[string]string {
		h = maps.Clone(h)
		if h == nil {
			h = map[string]string{}
		}
		h["Content-Encoding"] = name
		return h
	}
	for name, c := range map[string]struct {
		cfg    Config
		target string
		body   string
		header map[string]string
	}{
		"v0":            {Config{}, "/batch/", v0, nil},
		"v0 gzip":       {Config{Compression: Gzip}, "/batch/?compression=gzip", v0, coded("gzip", nil)},
		"v0 zstd":       {Config{Compression: Zstd}, "/batch/?compression=gzip", v0, coded("gzip", nil)}, // no server reads zstd there
		"v0 historical": {Config{HistoricalMigration: true}, "/batch/", `{"api_key":"phc_k","historical_migration":true,"batch":` + events, nil},
		"v0 skew":       {Config{SentAt: clock}, "/batch/", `{"api_key":"phc_k","sent_at":"2026-08-01T10:00:05.120000Z","batch":` + events, nil},
		"v0 odd key":    {Config{APIKey: "a\"b\n"}, "/batch/", `{"api_key":"a\"b\n","batch":` + events, nil},
		"ai":            {Config{Protocol: AI}, "/i/v0/ai/batch/", v0, nil},
		"ai gzip":       {Config{Protocol: AI, Compression: Gzip}, "/i/v0/ai/batch/?compression=gzip", v0, coded("gzip", nil)},
		"ai deflate":    {Config{Protocol: AI, Compression: Deflate}, "/i/v0/ai/batch/?compression=gzip", v0, coded("gzip", nil)},
		"v1":            {Config{Protocol: V1, SentAt: clock}, v1Target, v1, headerV1},
		"v1 gzip":       {Config{Protocol: V1, SentAt: clock, Compression: Gzip}, v1Target, v1, coded("gzip", headerV1)},
		"v1 zstd":       {Config{Protocol: V1, SentAt: clock, Compression: Zstd}, v1Target, v1, coded("zstd", headerV1)},
		"v1 deflate":    {Config{Protocol: V1, SentAt: clock, Compression: Deflate}, v1Target, v1, coded("deflate", headerV1)},
		"v1 historical": {Config{Protocol: V1, SentAt: clock, HistoricalMigration: true}, v1Target,
			`{"created_at":"2026-08-01T09:59:58.000001Z","historical_migration":true,"batch":` + events, headerV1},
	} {
		t.Run(name, func(t *testing.T) {
			var got wire
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = arrival(t, r)
				_, _ = w.Write([]byte(`{"results":{}}`))
			})
			tr := newTransport(t, s, c.cfg)
			with(t, []string{`{"event":"a"}`, `{"event":"b"}`}, func(r *queue.Request) {
				r.Attempts, r.Try = 3, 3
				r.Assembled = time.Date(2026, 8, 1, 11, 59, 58, 1000, zone)
				if v := tr.Send(t.Context(), r); v.Outcome != queue.Delivered {
					t.Errorf("verdict %+v, want delivered", v)
				}
			})
			want := wire{"POST", c.target, c.body, map[string]string{"Content-Type": "application/json", "User-Agent": "phgen-go/1.2.3"}}
			maps.Copy(want.Header, c.header)
			if c.cfg.Protocol == V1 {
				got.Header["Posthog-Request-Id"] = "ID" // TestRequestID
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("request (-got +want):\n%s", diff)
			}
			if n := tr.Envelope() + len(`{"event":"a"},{"event":"b"}`); n != len(c.body) {
				t.Errorf("body of %d bytes, want %d by Envelope", len(c.body), n)
			}
		})
	}
}

// The key is in the body or in a header, and in no other place.
func TestKeyAppearsOnce(t *testing.T) {
	for p, want := range []int{V0: 1, V1: 1, AI: 1} {
		var text strings.Builder
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			return nil, r.Write(&text)
		})
		send(t, New(Config{Protocol: Protocol(p), Host: "http://ph.test", APIKey: "phc_canary", Agent: "a/1", Timeout: time.Minute, RoundTripper: rt}), "{}")
		if n := strings.Count(text.String(), "phc_canary"); n != want {
			t.Errorf("protocol %d: key appears %d times, want %d:\n%s", p, n, want, text.String())
		}
	}
}

// The ID tells requests apart and not attempts; the time is that of the attempt.
func TestRequestID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids, times, attempts []string
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			ids = append(ids, r.Header.Get("PostHog-Request-Id"))
			times = append(times, r.Header.Get("PostHog-Request-Timestamp"))
			attempts = append(attempts, r.Header.Get("PostHog-Attempt"))
			return &http.Response{StatusCode: 500, Body: http.NoBody}, nil
		})
		cfg := Config{Protocol: V1, Host: "http://ph.test", Agent: "a/1", Timeout: time.Minute, RoundTripper: rt}
		tr, other := New(cfg), New(cfg)
		with(t, []string{"{}"}, func(r *queue.Request) {
			for i := range 3 {
				r.Number, r.Attempts, r.Try = 7, i+1, i+1
				tr.Send(t.Context(), r)
				time.Sleep(time.Second + time.Nanosecond)
			}
			r.Number = 8
			tr.Send(t.Context(), r)
			other.Send(t.Context(), r)
		})
		if ids[0] != ids[1] || ids[1] != ids[2] {
			t.Errorf("IDs of one request: %v", ids[:3])
		}
		if ids[2] == ids[3] || ids[3] == ids[4] {
			t.Errorf("IDs of different requests: %v", ids[2:])
		}
		for _, text := range ids {
			u, err := uuid.Parse(text)
			if err != nil || u.Version() != 4 || u.Variant() != uuid.RFC4122 {
				t.Errorf("%s: error %v, version %d, variant %v; want a UUID of version 4", text, err, u.Version(), u.Variant())
			}
		}
		wantTimes := []string{"2000-01-01T00:00:00Z", "2000-01-01T00:00:01.000000001Z", "2000-01-01T00:00:02.000000002Z"}
		if diff := cmp.Diff(times[:3], wantTimes); diff != "" {
			t.Errorf("times (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(attempts[:3], []string{"1", "2", "3"}); diff != "" {
			t.Errorf("attempts (-got +want):\n%s", diff)
		}
	})
}
