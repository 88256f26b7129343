package main

import (
	"net/http"
	"strings"
	"testing"

	ph "github.com/phgen/phgen/runtime"
)

// The list of requests is bounded, their number is not.
func TestExchangesAreBounded(t *testing.T) {
	var rec recorder
	for i := range maxExchanges + 1 {
		rec.add(exchange{TimestampMS: int64(i)}, "2")
	}
	made, retries, _ := rec.seen()
	if len(made) != maxExchanges || made[0].TimestampMS != 1 || retries != maxExchanges+1 {
		t.Errorf("got %d exchanges from %d on and %d retries, want %d from 1 on and %d",
			len(made), made[0].TimestampMS, retries, maxExchanges, maxExchanges+1)
	}
}

// What carries no batch is sent and not shown.
func TestOtherRequests(t *testing.T) {
	r := newRig(t, ph.V0)
	rec := &recorder{transport: &http.Transport{DisableKeepAlives: true}, testID: "a"}
	for _, body := range []*strings.Reader{strings.NewReader(`{"distinct_id":"u1"}`), nil} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.mockURL+"/flags/?v=2", nil)
		if body != nil {
			req, err = http.NewRequestWithContext(t.Context(), "POST", r.mockURL+"/flags/?v=2", body)
		}
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rec.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if req.Header.Get("X-Test-Id") != "" {
			t.Error("the caller's request was changed")
		}
	}
	if made, _, err := rec.seen(); len(made) != 0 || err != nil {
		t.Errorf("got %v and %v, want nothing", made, err)
	}
}
