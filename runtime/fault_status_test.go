package runtime

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
)

// wantLost fails the test unless OnLost was told of id, once, with the reason, and returns
// its error.
func (b *bench) wantLost(id uuid.UUID, event, reason string) error {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []LostEvent
	for _, l := range b.lost {
		if l.UUID == id {
			found = append(found, l)
		}
	}
	if len(found) != 1 || found[0].Event != event || found[0].Reason != reason || found[0].Err == nil {
		b.t.Errorf("OnLost was told %+v, want once that event %q with uuid %s is lost as %q", found, event, id, reason)
		return nil
	}
	return found[0].Err
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var e *StatusError
	if !errors.As(err, &e) || e.Status != status {
		t.Errorf("error %v, want a *StatusError of %d", err, status)
	}
}

// A key that is refused for an hour, and then good again, needs no restart. In memory the
// refused batch and the probes are lost, on disk nothing is.
func TestFaultKeyRefusedForAnHour(t *testing.T) {
	for _, status := range []int{401, 402, 403} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) {
				b := newBench(t, s)
				b.every(&sink.Fault{Status: status})
				b.capture(10, "first")
				for range 60 {
					b.capture(3, "e")
					b.pass(time.Minute)
				}
				n := b.requests()
				if n < 59 || n > 61 {
					t.Errorf("%d requests in an hour, want one a minute", n)
				}
				b.every(nil)
				b.capture(5, "late")
				st := b.pass(time.Minute + time.Second)
				if st.Sent == 0 || st.Queued+st.InFlight+st.Spooled > 0 {
					t.Errorf("%+v within a probe of recovery, want nothing left", st)
				}
				var lost []uuid.UUID
				for _, l := range b.lost {
					lost = append(lost, l.UUID)
					wantStatus(t, l.Err, status)
				}
				// the first batch and what came with it, and one event a probe
				want := 10 + 3 + n - 1
				if s.spooled {
					want = 0
				}
				if len(lost) != want || st.LostBy["rejected"] != uint64(want) {
					t.Errorf("lost %d of %+v, want %d rejected", len(lost), st, want)
				}
				b.wantAll(lost...)
				b.end()
			})
		})
	}
}

// One event that the endpoint refuses costs that event.
func TestFaultPoison(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.sink.Poison("poison")
		b.capture(41, "e")
		id := b.capture(1, "poison")
		b.capture(58, "e")
		st := b.pass(time.Second)
		b.wantAll(id)
		wantStatus(t, b.wantLost(id, "poison", "rejected"), 400)
		if len(b.lost) != 1 || st.LostBy["rejected"] != 1 {
			t.Errorf("lost %+v, want one event", b.lost)
		}
		if n := b.requests(); n > 1+2*7 {
			t.Errorf("%d requests, want at most %d", n, 1+2*7)
		}
		b.end()
	})
}

// An endpoint that refuses every event is not asked about each of them, and is not given up.
func TestFaultRefusesAll(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.every(&sink.Fault{Status: 400})
		b.capture(100, "e")
		st := b.pass(time.Minute)
		if st.LostBy["rejected"] != 100 || len(b.lost) != 100 {
			t.Errorf("%+v, OnLost told of %d, want all rejected", st, len(b.lost))
		}
		if n := b.requests(); n > 1+2*7 {
			t.Errorf("%d requests, want at most %d", n, 1+2*7)
		}
		refused := b.accepted
		b.every(nil)
		b.capture(10, "e")
		b.pass(time.Second)
		b.wantAll(refused...)
		b.end()
	})
}

// An endpoint that takes ten events a request gets all of them, ten at most at a time.
func TestFaultTooMany(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.sink.Limit(10, 0)
		b.capture(100, "e")
		b.pass(time.Second)
		b.wantAll()
		first := b.requests()
		if first > 31 { // 1+2+4+8+16 of 100, 50, 25, 13 and 7 events
			t.Errorf("%d requests, want at most 31", first)
		}
		b.capture(100, "e")
		b.pass(time.Second)
		b.wantAll()
		if n := b.requests() - first; n > 20 {
			t.Errorf("%d requests for what came later, want at most 20: the limit is known", n)
		}
		b.end()
	})
}

// An event that alone is too large is lost once, by name, and holds nothing up.
func TestFaultGiant(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.sink.Limit(0, 20_000)
		b.capture(10, "e")
		id := b.captureProps("giant", Props{"text": strings.Repeat("x", 50_000)})
		b.capture(10, "e")
		b.pass(time.Second)
		b.capture(10, "e")
		b.pass(time.Second)
		b.wantAll(id)
		wantStatus(t, b.wantLost(id, "giant", "too_large"), 413)
		if len(b.lost) != 1 {
			t.Errorf("lost %+v, want one event", b.lost)
		}
		b.end()
	})
}

// What an endpoint says about when to come back is kept to, up to five minutes.
func TestFaultRetryAfter(t *testing.T) {
	date := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
	}
	is := func(text string) func() string { return func() string { return text } }
	const second, own = time.Second, 1100 * time.Millisecond
	for name, c := range map[string]struct {
		header   func() string
		min, max time.Duration // of the pause
	}{
		"none":                  {is(""), second / 10, own},
		"0":                     {is("0"), second / 10, own},
		"7":                     {is("7"), 7 * second, 7 * second},
		"2.5":                   {is("2.5"), 2500 * time.Millisecond, 2500 * time.Millisecond},
		"a day":                 {is("86400"), 5 * time.Minute, 5 * time.Minute},
		"thirty years":          {is("1000000001"), second / 10, own},
		"more than a number":    {is(strings.Repeat("9", 400)), second / 10, own},
		"negative":              {is("-120"), second / 10, own},
		"NaN":                   {is("NaN"), second / 10, own},
		"infinite":              {is("Inf"), second / 10, own},
		"hexadecimal":           {is("0x10"), second / 10, own},
		"words":                 {is("soon"), second / 10, own},
		"date in 90 seconds":    {date(90 * second), 89 * second, 90 * second},
		"date in ten years":     {date(87600 * time.Hour), 5 * time.Minute, 5 * time.Minute},
		"date that has been":    {date(-time.Hour), second / 10, own},
		"date that is none":     {is("Mon, 99 Jan 2006 15:04:05 GMT"), second / 10, own},
		"date without a length": {is("Mon, "), second / 10, own},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{429, 503} {
				inSetups(t, func(t *testing.T, s setup) {
					b := newBench(t, s)
					b.capture(5, "e")
					b.every(&sink.Fault{Status: status, RetryAfter: c.header()})
					b.pass(time.Second + time.Millisecond)
					b.every(nil)
					b.capture(120, "e") // which must not hurry the pause
					go func() { _ = b.Flush(b.ctx) }()
					b.pass(6 * time.Minute)
					if got := b.gap(0, 1); got < c.min || got > c.max {
						t.Errorf("the pause after %d is %v, want %v to %v", status, got, c.min, c.max)
					}
					b.wantAll()
					b.end()
				})
			}
		})
	}
}

// A success that is no answer of PostHog means that its events go once more, and are lost
// as unconfirmed if that ends alike. What V0 answers matters to nobody, save that it is no
// web page.
func TestFaultGarbage(t *testing.T) {
	page := []byte("\n<!DOCTYPE html><html><body>Log in to our WiFi</body></html>")
	for name, c := range map[string]struct {
		body []byte
		v0   bool // garbage to V0, too
		v1   bool
	}{
		"a page":               {page, true, true},
		"nothing":              {[]byte{}, false, true},
		"truncated JSON":       {[]byte(`{"results":{"0190c8a4-`), false, true},
		"truncated value":      {[]byte(`{"results":{`), false, true},
		"an empty object":      {[]byte(`{}`), false, true},
		"null":                 {[]byte(`null`), false, true},
		"an array":             {[]byte(`[]`), false, true},
		"the other protocol's": {[]byte(`{"status":1}`), false, true},
		"results of another":   {[]byte(`{"results":{}}`), false, false},
		"results and more":     {[]byte(`{"results":{}} {}`), false, true},
		"deep nesting":         {[]byte(strings.Repeat(`{"results":`, 10_000)), false, true},
		"bytes":                {[]byte("\x00\x01\xff\xfe"), false, true},
		"text":                 {[]byte("OK"), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) {
				garbage := s.v1() && c.v1 || !s.v1() && c.v0
				fault := sink.Fault{Body: c.body, ContentType: "text/html", Keep: true}

				b := newBench(t, s) // once
				b.sink.Inject(fault)
				b.capture(10, "e")
				b.pass(time.Minute)
				b.wantAll()
				want := 1
				if garbage {
					want = 2
				}
				for id, n := range b.copies {
					if n != want {
						t.Errorf("event %s arrived %d times, want %d", id, n, want)
					}
				}
				b.end()

				b = newBench(t, s) // always
				fault.Keep = !garbage
				b.every(&fault)
				ids := make([]uuid.UUID, 0, 10)
				for range 10 {
					ids = append(ids, b.capture(1, "e"))
				}
				b.pass(time.Minute)
				if n := b.requests(); n != want {
					t.Errorf("%d requests, want %d", n, want)
				}
				if !garbage {
					b.wantAll()
					b.end()
					return
				}
				for _, id := range ids {
					if err := b.wantLost(id, "e", "unconfirmed"); err == nil || !strings.HasPrefix(err.Error(), "endpoint answered with success, but ") {
						t.Errorf("lost because of %v", err)
					}
				}
				b.every(nil)
				b.capture(10, "e")
				b.pass(time.Minute)
				b.wantAll(ids...)
				b.end()
			})
		})
	}
}

// Neither key nor events follow a redirect to another origin, and nothing is lost when
// redirects end. That nothing goes elsewhere every request of a bench checks.
func TestFaultRedirect(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		for name, location := range map[string]string{
			"another host":   "https://elsewhere.test/batch/",
			"another scheme": "http://ph.test/batch/",
			"another port":   "https://ph.test:8443/batch/",
			"a subdomain":    "//eu.ph.test/batch/",
			"a user":         "https://user:password@ph.test/batch/",
			"a backslash":    `https://elsewhere.test\@ph.test/batch/`,
		} {
			t.Run(fmt.Sprint(status, " to ", name), func(t *testing.T) {
				inSetups(t, func(t *testing.T, s setup) {
					b := newBench(t, s)
					b.every(&sink.Fault{Status: status, Location: location})
					b.capture(10, "e")
					b.pass(time.Minute)
					if st := b.stats(); st.Queued != 10 {
						t.Errorf("%+v, want 10 queued", st)
					}
					b.every(nil)
					b.pass(time.Minute)
					b.wantAll()
					b.end()
				})
			})
		}
	}
}
