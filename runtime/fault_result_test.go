package runtime

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
)

var v1Setups = []setup{{"v1", V1, false, false}, {"v1 with a spool", V1, false, true}}

// says makes results by event name; others have the one they deserve.
func says(results map[string]sink.Verdict) func(sink.Event) sink.Verdict {
	return func(e sink.Event) sink.Verdict { return results[e.Name] }
}

// Of one request, an event may be dropped and another wanted again. Only that one goes
// again, as what it was, under the request's ID.
func TestFaultResults(t *testing.T) {
	for _, s := range v1Setups {
		inSetup(t, s, func(t *testing.T, s setup) {
			b := newBench(t, s)
			again := says(map[string]sink.Verdict{
				"bad":   {Result: "drop", Details: "distinct_id_too_large"},
				"later": {Result: "retry", Details: "not_persisted"},
			})
			b.sink.Inject(sink.Fault{Verdict: again, RetryAfter: "9"}, sink.Fault{Verdict: again, RetryAfter: "40"})
			b.capture(9, "e")
			bad := b.capture(1, "bad")
			later := []uuid.UUID{b.capture(1, "later"), b.capture(1, "later")}
			b.capture(8, "e")
			st := b.pass(time.Second)
			if st.Sent != 17 || st.LostBy["server_drop"] != 1 || st.Queued != 2 {
				t.Errorf("%+v after the first answer, want 17 sent, one dropped and two queued", st)
			}
			b.capture(5, "e") // which waits, too
			b.pass(time.Minute)
			b.wantAll(bad)

			var result *ResultError
			if err := b.wantLost(bad, "bad", "server_drop"); !errors.As(err, &result) || *result != (ResultError{Result: "drop", Details: "distinct_id_too_large"}) {
				t.Errorf("lost because of %v", err)
			}
			if n := len(b.lost); n != 1 {
				t.Errorf("%d events lost, want 1", n)
			}
			if got := []time.Duration{b.gap(0, 1), b.gap(1, 2)}; !slices.Equal(got, []time.Duration{9 * time.Second, 40 * time.Second}) {
				t.Errorf("pauses %v, want those of Retry-After", got)
			}

			requests := b.sink.Requests()
			var got [][]string
			for _, r := range requests {
				body, err := r.Body()
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, append([]string{r.Header.Get("PostHog-Attempt")}, uuidText.FindAllString(string(body), -1)...))
			}
			wanted := []string{later[0].String(), later[1].String()}
			if diff := cmp.Diff(got[1:3], [][]string{append([]string{"2"}, wanted...), append([]string{"3"}, wanted...)}); diff != "" || got[0][0] != "1" || len(got[0]) != 21 {
				t.Errorf("requests %q (-got +want):\n%s", got, diff)
			}
			id := requests[0].Header.Get("PostHog-Request-Id")
			for i, r := range requests {
				if same := r.Header.Get("PostHog-Request-Id") == id; same != (i < 3) {
					t.Errorf("request %d has the ID %s, the first %s", i, r.Header.Get("PostHog-Request-Id"), id)
				}
			}
			if last := requests[len(requests)-1]; last.Header.Get("PostHog-Attempt") != "1" || len(requests) != 4 {
				t.Errorf("%d requests, the last of attempt %s, want 4 and 1", len(requests), last.Header.Get("PostHog-Attempt"))
			}
			var told []int
			for _, d := range b.delivered {
				told = append(told, len(d.UUIDs))
			}
			if !slices.Equal(told, []int{17, 2, 5}) {
				t.Errorf("OnDelivered was told of %v events, want 17, 2 and 5", told)
			}
			b.end()
		})
	}
}

// What V1 does not mention, or calls by a word that nobody knows yet, it took.
func TestFaultResultsUnknown(t *testing.T) {
	for _, word := range []string{sink.Unmentioned, "queued", "WARNING", "Drop", ""} {
		t.Run(fmt.Sprintf("%q", word), func(t *testing.T) {
			for _, s := range v1Setups {
				inSetup(t, s, func(t *testing.T, s setup) {
					b := newBench(t, s)
					b.every(&sink.Fault{Verdict: says(map[string]sink.Verdict{"odd": {Result: word, Details: "x"}})})
					b.capture(5, "e")
					b.capture(5, "odd")
					b.pass(time.Minute)
					b.wantAll()
					if n := b.requests(); n != 1 {
						t.Errorf("%d requests, want 1", n)
					}
					b.end()
				})
			}
		})
	}
}

// An endpoint that drops everything, or wants everything again for an hour, ends alike in
// counted places.
func TestFaultResultsForAll(t *testing.T) {
	for _, s := range v1Setups {
		inSetup(t, s, func(t *testing.T, s setup) {
			b := newBench(t, s)
			b.every(&sink.Fault{Verdict: says(map[string]sink.Verdict{"e": {Result: "drop"}})})
			b.capture(50, "e")
			b.pass(time.Minute)
			dropped := slices.Clone(b.accepted)
			if st := b.stats(); st.LostBy["server_drop"] != 50 || len(b.lost) != 50 || b.requests() != 1 {
				t.Errorf("%+v after %d requests, want 50 dropped by one", st, b.requests())
			}
			b.every(&sink.Fault{Verdict: says(map[string]sink.Verdict{"e": {Result: "retry"}}), RetryAfter: "0"})
			b.capture(50, "e")
			b.pass(time.Hour)
			if n := b.requests(); n < 100 || n > 400 {
				t.Errorf("%d requests in an hour, want one a pause", n)
			}
			b.every(nil)
			b.pass(time.Minute)
			b.wantAll(dropped...)
			b.end()
		})
	}
}

// One uuid given to several events makes no request that the endpoint would refuse.
func TestFaultDuplicateUUID(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		ids := []uuid.UUID{uuid.New(), uuid.New()}
		at := time.Now()
		for range 5 {
			for _, id := range ids {
				b.captureProps("paid", Props{"a": 1}, ID(id), At(at))
			}
			b.capture(3, "e")
		}
		b.pass(time.Minute)
		b.wantAll()
		for _, id := range ids {
			if n := b.copies[id.String()]; n != 5 {
				t.Errorf("event %s arrived %d times, want 5", id, n)
			}
		}
		for _, r := range b.sink.Requests() {
			if r.Status != http.StatusOK {
				t.Errorf("a request was answered with %d", r.Status)
			}
		}
		b.end()
	})
}
