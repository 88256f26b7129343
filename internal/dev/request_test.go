package dev

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sink"
)

func TestRequests(t *testing.T) {
	s := newStore(t)
	id := `{"event":"paid","distinct_id":"u1","uuid":"0190c8a4-1111-7222-8333-444455556666","properties":{"$lib":"web","$lib_version":"1.2"}}`
	first := exchange(t, moment, id, id)
	first.Raw, first.Codec, first.Took = []byte("12345"), "gzip", 1500*time.Microsecond
	s.Add(first)
	again := exchange(t, moment, id)
	again.Path, again.Query = "/e/", "ip=0&retry_count=2"
	s.Add(again)
	s.Add(sink.Exchange{
		Request: sink.Request{Path: "/i/v1/analytics/events", Status: 503, Header: http.Header{
			"Posthog-Attempt": {"3"}, "Posthog-Sdk-Info": {"phgen-go/1"},
		}},
		Method: "POST", At: moment, Kind: "capture", Fault: true, Refusal: "a fault: 503 Service Unavailable",
	})
	s.Add(sink.Exchange{Request: sink.Request{Path: "/s/", Status: 200, Header: http.Header{"User-Agent": {"Mozilla"}}}, Method: "POST", At: moment, Kind: "recording"})
	s.Add(sink.Exchange{Request: sink.Request{Path: "/" + strings.Repeat("ü", 500), Status: 404, Query: "retry_count=-1"}, Method: "GET", At: moment, Kind: "unknown"})
	s.Add(sink.Exchange{Request: sink.Request{Path: "/flags/definitions", Status: 304}, Method: "GET", At: moment, Kind: "definitions"})
	want := []RequestRow{
		{Seq: 1, Method: "POST", Path: "/batch/", Kind: "capture", Status: 200, Millis: 1.5, Bytes: 5, Codec: "gzip", Events: 2, Again: 1, SDK: "web/1.2"},
		{Seq: 2, Method: "POST", Path: "/e/", Kind: "capture", Status: 200, Events: 1, Again: 1, Attempt: 3, SDK: "web/1.2"},
		{Seq: 3, Method: "POST", Path: "/i/v1/analytics/events", Kind: "capture", Status: 503, Attempt: 3, Fault: true, SDK: "phgen-go/1", Refusal: "a fault: 503 Service Unavailable"},
		{Seq: 4, Method: "POST", Path: "/s/", Kind: "recording", Status: 200, SDK: "Mozilla"},
		{Seq: 5, Method: "GET", Path: "/" + strings.Repeat("ü", 299) + "…", Kind: "unknown", Status: 404},
		{Seq: 6, Method: "GET", Path: "/flags/definitions", Kind: "definitions", Status: 304},
	}
	for i := range want {
		want[i].At = moment
	}
	if diff := cmp.Diff(want, s.Requests(0, 0)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[3:5], s.Requests(3, 0)[:2]); diff != "" {
		t.Errorf("since 3 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[5:], s.Requests(3, 1)); diff != "" {
		t.Errorf("the last one since 3 (-want +got):\n%s", diff)
	}
	if got := s.Requests(6, 0); len(got) != 0 {
		t.Errorf("since the last: got %+v", got)
	}
	if got := s.Requests(99, 0); len(got) != 0 {
		t.Errorf("since one to come: got %+v", got)
	}
	if got := s.Summary(); got.Requests != 6 || got.Refused != 2 || got.Replays != 1 {
		t.Errorf("got %d requests, %d refused, %d replays, want 6, 2, 1", got.Requests, got.Refused, got.Replays)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	s := newStore(t)
	for range 2*maxRequests + 7 {
		post(t, s)
	}
	rows := s.Requests(0, 0)
	if len(rows) != maxRequests || rows[0].Seq != maxRequests+8 || rows[maxRequests-1].Seq != 2*maxRequests+7 {
		t.Errorf("got %d requests from %d to %d", len(rows), rows[0].Seq, rows[len(rows)-1].Seq)
	}
	if rows := s.Requests(2*maxRequests, 3); len(rows) != 3 || rows[0].Seq != 2*maxRequests+5 {
		t.Errorf("got %+v, want the last three", rows)
	}
}

// What a browser asks before it sends is no request of its own, and a refused recording none.
func TestPreflight(t *testing.T) {
	s := newStore(t)
	for _, x := range []sink.Exchange{
		{Method: http.MethodOptions, Kind: "recording", Request: sink.Request{Path: "/s/", Status: http.StatusNoContent}},
		{Method: http.MethodPost, Kind: "recording", Request: sink.Request{Path: "/s/", Status: http.StatusOK}},
		{Method: http.MethodPost, Kind: "recording", Request: sink.Request{Path: "/s/", Status: http.StatusServiceUnavailable}},
	} {
		s.Add(x)
	}
	sum := s.Summary()
	if got, want := [3]uint64{sum.Requests, sum.Replays, sum.Refused}, [3]uint64{2, 1, 1}; got != want {
		t.Errorf("requests, recordings, refused: got %d, want %d", got, want)
	}
}
