package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// Requests that are served at the same time have nothing to do with each other: each event
// is that of the person, session and page that it was captured for.
func TestConcurrentRequests(t *testing.T) {
	const visitors = 200
	received := sink.New(sink.Config{})
	defer received.Close()
	want := map[string][]string{}
	visits := make([]func(context.Context, http.RoundTripper, string) error, visitors)
	for i := range visitors {
		user, session := fmt.Sprintf("visitor_%d", i), fmt.Sprintf("01980000-0000-7000-8000-%012d", i)
		s, events := manySteps(i)
		for _, e := range events {
			want[user] = append(want[user], session+" "+e)
		}
		slices.Sort(want[user])
		visits[i] = func(ctx context.Context, transport http.RoundTripper, url string) error {
			b, err := newBrowser(transport, url, map[string]string{headerUser: user, headerSession: session})
			if err != nil {
				return err
			}
			return b.do(ctx, s)
		}
	}
	cfg := ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: received}
	stats, err := operate(t.Context(), cfg, func(ctx context.Context, url string, _ <-chan letter) error {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		errs := make([]error, visitors)
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i, visit := range visits {
			wg.Go(func() {
				<-begin
				errs[i] = visit(ctx, transport, url)
			})
		}
		close(begin)
		wg.Wait()
		return errors.Join(errs...)
	})
	if err := errors.Join(err, complaint(stats)); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, e := range received.Events() {
		line := fmt.Sprintf("%v %s %s", e.Properties["$session_id"], e.Name, where(e))
		got[e.DistinctID] = append(got[e.DistinctID], line)
	}
	for user := range maps.Keys(got) {
		slices.Sort(got[user])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events by user (-want +got):\n%s", diff)
	}
}

// manySteps returns the request of visitor i, and the events that it makes.
func manySteps(i int) (step, []string) {
	p := products[i/5%len(products)]
	path := "/products/" + p.id
	switch i % 5 {
	case 0: // fewer than as many panics as are too many of one type
		return get("/recommendations", http.StatusInternalServerError), []string{"$exception GET /recommendations"}
	case 1:
		return post("/cart", "product="+p.id, http.StatusCreated), []string{"product added POST /cart"}
	case 2:
		return get("/preview", http.StatusNotFound), []string{"$feature_flag_called GET /preview"}
	}
	return get(path, http.StatusOK), []string{"$pageview GET " + path, "product viewed GET " + path}
}
