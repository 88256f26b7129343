package devserver

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Another plan is news, even if only its verdicts are others.
func TestStreamPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.capture(`{"event":"signed_up","distinct_id":"u1"}`)
		stream := open(t, r.listen().client(t), "")
		stream.until("hello")
		for _, change := range []struct{ old, new string }{
			{"left: {}", "went: {}"},
			{"required: true, description: What", "description: What"}, // from which the event is valid
		} {
			time.Sleep(time.Second)
			text := strings.Replace(planText, change.old, change.new, 1)
			r.config.Store.SetPlan(parsePlan(t, text), "plan.yaml", nil)
			start := time.Now()
			if got := stream.until("plan"); !strings.HasPrefix(got.data, `{"file":"plan.yaml",`) || time.Since(start) > 2*beat {
				t.Errorf("%s: got %+v after %s", change.new, got, time.Since(start))
			}
		}
	})
}

// However much arrives, there are ten messages a second, and no row is lost unnoticed.
func TestStreamRate(t *testing.T) {
	for _, batch := range []int{1, 10} {
		t.Run(strconv.Itoa(batch), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				const seconds, rate = 5, 200
				total := uint64(seconds * rate * batch)
				stream := open(t, r.listen().client(t), "")
				stream.until("hello")
				time.Sleep(time.Second)
				go func() {
					events := strings.Split(strings.Repeat(signedUp+"\n", batch), "\n")[:batch]
					for range seconds * rate {
						r.capture(events...)
						time.Sleep(time.Second / rate)
					}
				}()
				var at []time.Time
				var rows, skipped uint64
				for rows+skipped < total {
					m := stream.message()
					at = append(at, time.Now())
					if m.name != "rows" {
						continue
					}
					doc := m.rows(t)
					if len(doc.Rows) > maxRows {
						t.Errorf("got %d rows at once", len(doc.Rows))
					}
					rows += uint64(len(doc.Rows))
					skipped += doc.Skipped
					if got, want := m.id, doc.Summary.Run+":"+strconv.FormatUint(rows+skipped, 10); got != want {
						t.Fatalf("got id %s, want %s", got, want)
					}
					if last := doc.Rows[len(doc.Rows)-1].Seq; last != rows+skipped {
						t.Fatalf("got row %d last, want %d", last, rows+skipped)
					}
				}
				for i := range at {
					if i >= 10 && at[i].Sub(at[i-10]) < time.Second {
						t.Errorf("11 messages within %s", at[i].Sub(at[i-10]))
					}
				}
				if len(at) < 9*seconds {
					t.Errorf("got %d messages in %d seconds, want about ten a second", len(at), seconds)
				}
				if lost := skipped > 0; lost != (batch == 10) {
					t.Errorf("got %d rows, %d skipped", rows, skipped)
				}
			})
		})
	}
}

// Rows that arrive while a message is made are in the next one.
func TestStreamConcurrent(t *testing.T) {
	r := newRig(t)
	stream := open(t, r.listen().client(t), "")
	stream.until("hello")
	const senders, each = 4, 500
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for range each {
				r.capture(signedUp)
			}
		})
	}
	defer wg.Wait()
	for last := uint64(0); last < senders*each; {
		doc := stream.until("rows").rows(t)
		if got, want := doc.Rows[0].Seq, last+doc.Skipped+1; got != want {
			t.Fatalf("got row %d behind row %d and %d that were skipped, want %d", got, last, doc.Skipped, want)
		}
		last = doc.Rows[len(doc.Rows)-1].Seq
		if n := uint64(len(doc.Rows)); doc.Skipped > 0 && n != maxRows {
			t.Errorf("got %d rows and %d skipped", n, doc.Skipped)
		}
	}
}

// A reader that reads late misses rows, learns how many, and holds up nobody.
func TestStreamSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		n := r.listen()
		slow, quick := open(t, n.client(t), ""), open(t, n.client(t), "")
		slow.until("hello")
		quick.until("hello")
		const total = 9 * 400
		go func() {
			for range 9 {
				time.Sleep(time.Second)
				for range 4 {
					r.capture(strings.Split(strings.Repeat(signedUp+"\n", 100), "\n")[:100]...)
				}
			}
		}()
		start := time.Now()
		count := func(r *reader) (rows, skipped uint64, messages int) {
			for rows+skipped < total {
				doc := r.until("rows").rows(t)
				rows, skipped, messages = rows+uint64(len(doc.Rows)), skipped+doc.Skipped, messages+1
			}
			return rows, skipped, messages
		}
		rows, skipped, _ := count(quick)
		if rows < total/2 || time.Since(start) > 9*time.Second+2*beat {
			t.Errorf("the quick one: %d rows, %d skipped, after %s", rows, skipped, time.Since(start))
		}
		// What was on its way when it stopped reading, and the rest.
		if rows, skipped, messages := count(slow); skipped < total/2 || messages > 4 {
			t.Errorf("the slow one: %d rows, %d skipped, in %d messages", rows, skipped, messages)
		}
	})
}

// A reader that reads nothing is gone after a while.
func TestStreamStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		conn := r.listen().dial()
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		streams := func() int {
			r.hub.mu.Lock()
			defer r.hub.mu.Unlock()
			return r.hub.streams
		}
		synctest.Wait()
		if got := streams(); got != 1 {
			t.Fatalf("got %d streams, want 1", got)
		}
		time.Sleep(messageWithin + 1)
		synctest.Wait()
		if got := streams(); got != 0 {
			t.Errorf("after %s: got %d streams, want 0", messageWithin, got)
		}
	})
}

func TestFortyStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		client := r.listen().client(t)
		var streams []*reader
		for range maxStreams {
			s := open(t, client, "")
			s.until("hello")
			streams = append(streams, s)
		}
		for range 40 - maxStreams {
			response, err := client.Get("http://localhost/api/stream")
			if err != nil {
				t.Fatal(err)
			}
			want := errorOf("32 streams are open, which is all there may be; close a page or another reader of /api/stream")
			if got := readAll(t, response.Body); response.StatusCode != 503 || got != want {
				t.Errorf("got  %d %s\nwant 503 %s", response.StatusCode, got, want)
			}
		}
		r.capture(signedUp)
		for _, s := range streams {
			if got := s.until("rows").rows(t); len(got.Rows) != 1 {
				t.Errorf("got %+v", got)
			}
		}
		streams[7].body.Close()
		synctest.Wait()
		open(t, client, "").until("hello")
	})
}
