package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// exchanges compares what /state shows of them.
var exchanges = cmpopts.IgnoreUnexported(exchange{})

func TestHealth(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.init("", "")
		r.capture("", captureBody)
		r.flush("")
		agent := r.mock.Requests()[0].Header.Get("User-Agent")
		_, version, _ := strings.Cut(agent, "/")
		capture := map[ph.Protocol]string{ph.V0: "capture_v0", ph.V1: "capture_v1"}[r.protocol]

		_, got := r.ask("GET", "/health", "")
		want := `{"sdk_name":"phgen-go","sdk_version":"` + version + `","adapter_version":"1.0.0",` +
			`"supports_parallel":true,"capabilities":["` + capture + `","capture_ai_v0","encoding_gzip"]}`
		if got != want || version == "" {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestCapture(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.init("", "")
		id := r.capture("", `{"distinct_id":"u1","event":"e","timestamp":"2026-01-02T05:04:05.5+02:00",
			"properties":{"big":9007199254740993,"float":1.50,"deep":[{"n":18446744073709551615}]}}`)
		if got, want := r.state(""), (state{PendingEvents: 1, TotalEventsCaptured: 1, RequestsMade: []exchange{}}); !cmp.Equal(got, want, exchanges) {
			t.Errorf("state before the flush: got %+v, want %+v", got, want)
		}
		if got := r.flush(""); got != 1 {
			t.Errorf("flushed %d events, want 1", got)
		}
		want := state{
			TotalEventsCaptured: 1,
			TotalEventsSent:     1,
			RequestsMade:        []exchange{{StatusCode: 200, EventCount: 1, UUIDList: []string{id}}},
		}
		if diff := cmp.Diff(r.state(""), want, exchanges); diff != "" {
			t.Errorf("state (-got +want):\n%s", diff)
		}
		e := r.mock.Events()[0]
		if e.Name != "e" || e.DistinctID != "u1" || e.UUID != id || !strings.HasPrefix(e.Timestamp, "2026-01-02T03:04:05.5") {
			t.Errorf("event: got %q by %q, uuid %s at %s", e.Name, e.DistinctID, e.UUID, e.Timestamp)
		}
		for key, want := range map[string]any{
			"big":   json.Number("9007199254740993"),
			"float": json.Number("1.50"),
			"deep":  []any{map[string]any{"n": json.Number("18446744073709551615")}},
		} {
			if got := e.Properties[key]; !cmp.Equal(got, want) {
				t.Errorf("property %s: got %#v, want %#v", key, got, want)
			}
		}
	})
}

// On v0 the options are properties, values as they came. On v1 they are options again,
// and the runtime decides what a wrong type means.
func TestOptions(t *testing.T) {
	const body = `{"distinct_id":"u1","event":"e","properties":{"$process_person_profile":true},"options":{
		"process_person_profile":false,"disable_skew_correction":1,"product_tour_id":7,"later":"x"}}`
	t.Run("v0", func(t *testing.T) {
		r := newRig(t, ph.V0)
		r.init("", "")
		r.capture("", body)
		r.flush("")
		got := r.mock.Events()[0].Properties
		for key, want := range map[string]any{
			"$process_person_profile": false,
			"$ignore_sent_at":         json.Number("1"),
			"$product_tour_id":        json.Number("7"),
			"$later":                  "x",
		} {
			if got := got[key]; got != want {
				t.Errorf("property %s: got %#v, want %#v", key, got, want)
			}
		}
	})
	t.Run("v1", func(t *testing.T) {
		r := newRig(t, ph.V1)
		r.init("", "")
		r.capture("", body)
		r.flush("")
		e := r.mock.Events()[0]
		want := map[string]any{"process_person_profile": false, "disable_skew_correction": true}
		if diff := cmp.Diff(e.Options, want); diff != "" {
			t.Errorf("options (-got +want):\n%s", diff)
		}
		if got := e.Properties["$later"]; got != "x" {
			t.Errorf("property $later: got %#v, want x", got)
		}
	})
}

func TestCaptureAI(t *testing.T) {
	const id = "0190c8a4-1111-7222-8333-444455556666"
	eachProtocol(t, func(r rig) {
		r.init("", "")
		var got struct{ UUID string }
		r.must("POST", "/capture_ai", `{"distinct_id":"u1","event":"$ai_generation","properties":{},"timestamp":null,"uuid":"`+id+`"}`, &got)
		if got.UUID != id {
			t.Errorf("uuid: got %s, want %s", got.UUID, id)
		}
		r.flush("")
		if e := r.mock.Events()[0]; e.UUID != id || e.Path != "/i/v0/ai/batch/" {
			t.Errorf("got %s at %s, want %s at /i/v0/ai/batch/", e.UUID, e.Path, id)
		}
		if status, text := r.ask("POST", "/capture_ai", `{"distinct_id":"u1","event":"`+strings.Repeat("x", 201)+`"}`); status != 500 || text != `{"error":"the runtime refused the event"}` {
			t.Errorf("a name of 201 characters: got %d and %s, want 500 and that it was refused", status, text)
		}
	})
}

func TestConfig(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.init("", `"flush_at":2,"flush_interval_ms":60000,"enable_compression":true,"disable_geoip":false,"historical_migration":true,`)
		r.capture("", captureBody)
		r.capture("", captureBody) // the second one triggers the request
		if err := r.mock.Wait(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		req := r.mock.Requests()[0]
		if got := req.Header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("content encoding: got %q, want gzip", got)
		}
		body, err := req.Body()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), `"historical_migration":true`) {
			t.Errorf("no historical_migration in %s", body)
		}
		if _, ok := r.mock.Events()[0].Properties["$geoip_disable"]; ok {
			t.Error("$geoip_disable is sent although disable_geoip is false")
		}

		r.init("", `"flush_interval_ms":0,`)
		r.capture("", captureBody) // goes at once
		if err := r.mock.Wait(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if got := r.mock.Requests()[1].Header.Get("Content-Encoding"); got != "" {
			t.Errorf("content encoding: got %q, want none", got)
		}
		if got := r.mock.Events()[2].Properties["$geoip_disable"]; got != true {
			t.Errorf("$geoip_disable: got %v, want true", got)
		}
	})
}

// A flush waits as long as the mock says, and the retry is of the same events.
func TestFlushWaitsForRetries(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.mock.Inject(sink.Fault{Status: 503, RetryAfter: "1"})
		r.init("", "")
		id := r.capture("", captureBody)
		start := time.Now()
		if got := r.flush(""); got != 1 {
			t.Errorf("flushed %d events, want 1", got)
		}
		if took := time.Since(start); took < time.Second {
			t.Errorf("the flush took %v although Retry-After said 1 s", took)
		}
		want := state{
			TotalEventsCaptured: 1,
			TotalEventsSent:     1,
			TotalRetries:        1,
			RequestsMade: []exchange{
				{StatusCode: 503, EventCount: 1, UUIDList: []string{id}},
				{StatusCode: 200, EventCount: 1, UUIDList: []string{id}, RetryAttempt: 1},
			},
		}
		if diff := cmp.Diff(r.state(""), want, exchanges); diff != "" {
			t.Errorf("state (-got +want):\n%s", diff)
		}
	})
}

func TestFlushOfLostEvents(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.mock.Down(503)
		r.init("", `"max_retries":0,`)
		r.capture("", captureBody)
		if got := r.flush(""); got != 0 {
			t.Errorf("flushed %d events, want 0", got)
		}
		got := r.state("")
		if got.LastError == nil || !strings.Contains(*got.LastError, "retries") {
			t.Errorf("last_error: got %v, want that the retries ran out", got.LastError)
		}
		if len(got.RequestsMade) != 1 || got.PendingEvents != 0 || got.TotalEventsSent != 0 {
			t.Errorf("got %+v, want one request and nothing pending or sent", got)
		}
	})
}

// Nobody listens: the exchange has no status, and the error is told.
func TestNoAnswer(t *testing.T) {
	r := newRig(t, ph.V0)
	r.must("POST", "/init", `{"api_key":"phc_test","host":"http://127.0.0.1:1","max_retries":0}`, nil)
	id := r.capture("", captureBody)
	r.flush("")
	got := r.state("")
	if diff := cmp.Diff(got.RequestsMade, []exchange{{EventCount: 1, UUIDList: []string{id}}}, exchanges); diff != "" {
		t.Errorf("requests_made (-got +want):\n%s", diff)
	}
	if got.LastError == nil {
		t.Error("last_error is null")
	}
}

// Only the event that is to be retried goes again. The dropped one counts as sent.
func TestResults(t *testing.T) {
	r := newRig(t, ph.V1)
	results := map[string]sink.Verdict{"again": {Result: "retry"}, "unwanted": {Result: "drop", Details: "billing"}}
	r.mock.Inject(sink.Fault{Verdict: func(e sink.Event) sink.Verdict { return results[e.Name] }})
	r.init("", "")
	var ids []string
	for _, name := range []string{"fine", "again", "unwanted"} {
		ids = append(ids, r.capture("", `{"distinct_id":"u1","event":"`+name+`"}`))
	}
	if got := r.flush(""); got != 3 {
		t.Errorf("flushed %d events, want 3", got)
	}
	got := r.state("")
	if got.LastError == nil || !strings.Contains(*got.LastError, "server_drop") {
		t.Errorf("last_error: got %v, want the drop", got.LastError)
	}
	got.LastError = nil
	want := state{
		TotalEventsCaptured: 3,
		TotalEventsSent:     3,
		TotalRetries:        1,
		RequestsMade: []exchange{
			{StatusCode: 200, EventCount: 3, UUIDList: ids},
			{StatusCode: 200, EventCount: 1, UUIDList: ids[1:2], RetryAttempt: 1},
		},
	}
	if diff := cmp.Diff(got, want, exchanges); diff != "" {
		t.Errorf("state (-got +want):\n%s", diff)
	}
}

func TestReset(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.must("POST", "/reset", "", nil) // without a client
		r.init("", "")
		r.capture("", captureBody)
		r.must("POST", "/reset", "", nil)
		if diff := cmp.Diff(r.state(""), state{RequestsMade: []exchange{}}, exchanges); diff != "" {
			t.Errorf("state (-got +want):\n%s", diff)
		}
		if got := r.mock.Counters().Requests; got != 0 {
			t.Errorf("the mock got %d requests, want none: the event was to be dropped", got)
		}
		if status, _ := r.ask("POST", "/capture", captureBody); status != 400 {
			t.Errorf("capture after reset: got status %d, want 400", status)
		}
	})
}

// While a request hangs, reset does not wait for it.
func TestResetInFlight(t *testing.T) {
	r := newRig(t, ph.V0)
	r.mock.Inject(sink.Fault{Request: sink.Hung, RequestBytes: sink.All})
	r.init("", `"flush_at":1,`)
	r.capture("", captureBody)
	<-r.arrived
	r.must("POST", "/reset", "", nil)
	r.init("", "")
	if got := r.flush(""); got != 0 {
		t.Errorf("flushed %d events, want 0", got)
	}
}

func TestSecondInit(t *testing.T) {
	eachProtocol(t, func(r rig) {
		r.init("", "")
		first := r.capture("", captureBody)
		r.init("", "")
		if diff := cmp.Diff(r.state(""), state{RequestsMade: []exchange{}}, exchanges); diff != "" {
			t.Errorf("state (-got +want):\n%s", diff)
		}
		if got := r.mock.Events(); len(got) != 1 || got[0].UUID != first {
			t.Errorf("got %d events, want the one that the first client had queued", len(got))
		}
		r.capture("", captureBody)
		if got := r.flush(""); got != 1 {
			t.Errorf("flushed %d events, want 1", got)
		}

		// What can not be a client leaves the one that is there.
		if status, _ := r.ask("POST", "/init", `{"api_key":"phc_test","host":"`+r.mockURL+`","flush_at":0}`); status != 400 {
			t.Errorf("got status %d, want 400", status)
		}
		if got := r.state("").TotalEventsSent; got != 1 {
			t.Errorf("total_events_sent: got %d, want 1", got)
		}
	})
}

func TestParallel(t *testing.T) {
	eachProtocol(t, func(r rig) {
		const events = 20
		var tests sync.WaitGroup
		for _, id := range []string{"a", "b"} {
			tests.Go(func() {
				query := "?test_id=" + id
				r.init(query, `"flush_at":3,`)
				for range events {
					r.capture(query, `{"distinct_id":"`+id+`","event":"e"}`)
				}
				r.must("POST", "/capture_ai"+query, `{"distinct_id":"`+id+`","event":"$ai_span"}`, nil)
				r.flush(query)
			})
		}
		tests.Wait()
		seen := map[string]int{}
		for _, req := range r.mock.Requests() {
			seen[req.Header.Get("X-Test-Id")]++
			body, err := req.Body()
			if err != nil {
				t.Fatal(err)
			}
			other := map[string]string{"a": `"distinct_id":"b"`, "b": `"distinct_id":"a"`}[req.Header.Get("X-Test-Id")]
			if other == "" || strings.Contains(string(body), other) {
				t.Errorf("request of test %q holds %s", req.Header.Get("X-Test-Id"), body)
			}
		}
		for _, id := range []string{"a", "b"} {
			got := r.state("?test_id=" + id)
			if got.TotalEventsSent != events+1 || len(got.RequestsMade) != seen[id] {
				t.Errorf("test %s: %d events in %d requests, want %d in %d", id, got.TotalEventsSent, len(got.RequestsMade), events+1, seen[id])
			}
		}
		r.must("POST", "/reset?test_id=a", "", nil)
		if got := r.state("?test_id=a").TotalEventsCaptured; got != 0 {
			t.Errorf("test a after its reset: %d events captured, want 0", got)
		}
		if got := r.state("?test_id=b").TotalEventsCaptured; got != events+1 {
			t.Errorf("test b after the reset of a: %d events captured, want %d", got, events+1)
		}
		if status, _ := r.ask("POST", "/capture", captureBody); status != 400 {
			t.Errorf("capture without a test: got status %d, want 400", status)
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	r := newRig(t, ph.V0)
	for i := range maxSessions {
		r.init(fmt.Sprint("?test_id=", i), "")
	}
	status, text := r.ask("POST", "/init", `{"api_key":"phc_test","host":"`+r.mockURL+`"}`)
	if want := `{"error":"1000 tests run already: /reset one"}`; status != 400 || text != want {
		t.Errorf("got %d and %s, want 400 and %s", status, text, want)
	}
	r.init("?test_id=7", "") // replaces
}

// A flag is asked for afresh every time, with what the request brings and nothing else, and
// its event is there before the answer.
func TestFeatureFlag(t *testing.T) {
	eachProtocol(t, func(r rig) {
		t := r.T
		r.init("", "")
		r.mock.SetFlag(sink.Flag{Key: "beta", Enabled: true, Variant: "blue", ID: 7})
		r.mock.SetFlag(sink.Flag{Key: "off"})
		no, yes := false, true
		for i, test := range []struct {
			body, value string
			want        sink.FlagRequest
		}{
			{
				`{"key":"beta","distinct_id":"u1"}`, `"blue"`,
				sink.FlagRequest{DistinctID: "u1", Keys: []string{"beta"}, GeoIPDisable: &no, Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{}},
			},
			{
				`{"key":"off","distinct_id":"u1","force_remote":true,"disable_geoip":true,"person_properties":{"n":12345678901234567890,"s":"é","list":[1,{"a":null}]},"groups":{"company":"c1","team":5},"group_properties":{"company":{"size":3}}}`, "false",
				sink.FlagRequest{
					DistinctID: "u1", Keys: []string{"off"}, GeoIPDisable: &yes,
					PersonProperties: map[string]any{"n": json.Number("12345678901234567890"), "s": "é", "list": []any{json.Number("1"), map[string]any{"a": nil}}},
					Groups:           map[string]any{"company": "c1", "team": "5"},
					GroupProperties:  map[string]map[string]any{"company": {"$group_key": "c1", "size": json.Number("3")}, "team": {"$group_key": "5"}},
				},
			},
			{
				`{"key":"none","distinct_id":"u1","disable_geoip":false}`, "null",
				sink.FlagRequest{DistinctID: "u1", Keys: []string{"none"}, GeoIPDisable: &no, Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{}},
			},
		} {
			_, got := r.ask("POST", "/get_feature_flag", test.body)
			if want := `{"success":true,"value":` + test.value + `}`; got != want {
				t.Errorf("%s: got %s, want %s", test.body, got, want)
			}
			requests := r.mock.FlagRequests()
			if len(requests) != i+1 {
				t.Fatalf("%s: %d requests for flags, want %d", test.body, len(requests), i+1)
			}
			if requests[i].Path != "/flags/" || requests[i].Header.Get("Authorization") != "" {
				t.Errorf("%s: a request to %s with %v", test.body, requests[i].Path, requests[i].Header)
			}
			requests[i].Request, test.want.APIKey = sink.Request{}, "phc_test"
			if diff := cmp.Diff(test.want, requests[i]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.body, diff)
			}
			if n := len(r.mock.Events()); n != i+1 {
				t.Errorf("%s: %d events arrived, want %d", test.body, n, i+1)
			}
		}
		r.ask("POST", "/get_feature_flag", `{"key":"beta","distinct_id":"u1"}`)
		if n := len(r.mock.FlagRequests()); n != 4 {
			t.Errorf("the same flag again: %d requests, want 4", n)
		}
	})
}
