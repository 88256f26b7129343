package flagapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A flagsRun is what became of one call of Flags.
type flagsRun struct {
	Attempts []time.Duration // since the call
	Took     time.Duration
	Code     string
}

// runFlags calls Flags within timeout. Each attempt is answered by the next of answers, and
// those beyond by the last one.
func runFlags(t *testing.T, timeout time.Duration, answers ...roundTripper) (run flagsRun) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var bodies []string
		c := New(Config{Host: "http://ph.test", Token: token, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			run.Attempts = append(run.Attempts, time.Since(start))
			body, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(body))
			return answers[min(len(run.Attempts), len(answers))-1](r)
		})})
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		_, err := c.Flags(ctx, &Request{DistinctID: "u"})
		run.Took, run.Code = time.Since(start), Code(err)
		for _, body := range bodies {
			if body != bodies[0] || body == "" {
				t.Errorf("bodies %q, want equal ones", bodies)
			}
		}
	})
	return run
}

func status(code int) roundTripper {
	return func(*http.Request) (*http.Response, error) { return answer(code, `{"flags":{}}`), nil }
}

func TestFlagsAreAskedForTwiceAtMost(t *testing.T) {
	refused := func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }
	panics := func(*http.Request) (*http.Response, error) { panic("no") }
	breaks := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(broken{"reset"})}, nil
	}
	hangs := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	slow := func(r *http.Request) (*http.Response, error) {
		time.Sleep(2900 * time.Millisecond)
		return status(502)(r)
	}
	page := func(*http.Request) (*http.Response, error) { return answer(200, "<html>"), nil }
	const delay = 300 * time.Millisecond
	once, twice := []time.Duration{0}, []time.Duration{0, delay}
	for name, c := range map[string]struct {
		answers []roundTripper
		want    flagsRun
	}{
		"200":                 {[]roundTripper{status(200)}, flagsRun{once, 0, ""}},
		"204":                 {[]roundTripper{status(204)}, flagsRun{once, 0, ""}},
		"302":                 {[]roundTripper{status(302)}, flagsRun{once, 0, "api_error_302"}},
		"304":                 {[]roundTripper{status(304)}, flagsRun{once, 0, "api_error_304"}},
		"400":                 {[]roundTripper{status(400)}, flagsRun{once, 0, "api_error_400"}},
		"401":                 {[]roundTripper{status(401)}, flagsRun{once, 0, "api_error_401"}},
		"402":                 {[]roundTripper{status(402)}, flagsRun{once, 0, "api_error_402"}},
		"403":                 {[]roundTripper{status(403)}, flagsRun{once, 0, "api_error_403"}},
		"404":                 {[]roundTripper{status(404)}, flagsRun{once, 0, "api_error_404"}},
		"408":                 {[]roundTripper{status(408)}, flagsRun{once, 0, "api_error_408"}},
		"429":                 {[]roundTripper{status(429)}, flagsRun{once, 0, "api_error_429"}},
		"500":                 {[]roundTripper{status(500)}, flagsRun{once, 0, "api_error_500"}},
		"503":                 {[]roundTripper{status(503)}, flagsRun{once, 0, "api_error_503"}},
		"502":                 {[]roundTripper{status(502)}, flagsRun{twice, delay, "api_error_502"}},
		"504":                 {[]roundTripper{status(504)}, flagsRun{twice, delay, "api_error_504"}},
		"502, 200":            {[]roundTripper{status(502), status(200)}, flagsRun{twice, delay, ""}},
		"504, 401":            {[]roundTripper{status(504), status(401)}, flagsRun{twice, delay, "api_error_401"}},
		"refused":             {[]roundTripper{refused}, flagsRun{twice, delay, "connection_error"}},
		"refused, 200":        {[]roundTripper{refused, status(200)}, flagsRun{twice, delay, ""}},
		"refused, hangs":      {[]roundTripper{refused, hangs}, flagsRun{twice, 3 * time.Second, "timeout"}},
		"panic, 200":          {[]roundTripper{panics, status(200)}, flagsRun{twice, delay, ""}},
		"breaks off":          {[]roundTripper{breaks}, flagsRun{twice, delay, "connection_error"}},
		"hangs":               {[]roundTripper{hangs}, flagsRun{once, 3 * time.Second, "timeout"}},
		"502 in the last 0.1": {[]roundTripper{slow}, flagsRun{once, 2900 * time.Millisecond, "api_error_502"}},
		"page":                {[]roundTripper{page}, flagsRun{once, 0, "unknown_error"}},
	} {
		if name == "204" { // an empty body says nothing of flags
			c.answers[0] = func(*http.Request) (*http.Response, error) { return answer(204, ""), nil }
			c.want.Code = "unknown_error"
		}
		if diff := cmp.Diff(runFlags(t, 3*time.Second, c.answers...), c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

// A caller that gives up waits no longer, not for the second attempt either.
func TestFlagsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c := New(Config{Host: "http://ph.test", Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			attempts++
			return answer(502, ""), nil
		})})
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(100*time.Millisecond, cancel)
		_, err := c.Flags(ctx, &Request{DistinctID: "u"})
		if took := time.Since(start); took != 100*time.Millisecond || attempts != 1 || Code(err) != "api_error_502" {
			t.Errorf("%d attempts, %v after %v", attempts, err, took)
		}
		if _, err := c.Flags(ctx, &Request{DistinctID: "u"}); attempts != 2 || Code(err) != "api_error_502" {
			t.Errorf("%d attempts, %v", attempts, err)
		}
	})
}
