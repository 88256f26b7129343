package phhttp

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

func TestPanicIsCaptured(t *testing.T) {
	on := Scope(func(*http.Request) []ph.ScopeOption { return []ph.ScopeOption{ph.CaptureExceptions(true)} })
	boom := func(http.ResponseWriter, *http.Request) { panic("boom") }
	for _, test := range []struct {
		name   string
		opts   []Option
		handle http.HandlerFunc
		want   int64 // the status; 0: no exception
	}{
		{"automatic", []Option{on}, boom, 500},
		{"not automatic", nil, boom, 0},
		{"filtered", []Option{on, Filter(func(*http.Request) bool { return false })}, boom, 0},
		{"aborted", []Option{on}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0},
		{"no panic", []Option{on}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, 0},
		{"after an answer", []Option{on}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(200)
			panic("boom")
		}, 500},
		{"after a failure", []Option{on}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			panic("boom")
		}, 503},
		{"captured by the handler", []Option{on}, func(_ http.ResponseWriter, r *http.Request) {
			defer ph.Recover(r.Context())
			panic("boom")
		}, -1},
		{"captured by another middleware", []Option{on}, Middleware(on)(http.HandlerFunc(boom)).ServeHTTP, 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			rec := phtest.New(t)
			handler := Middleware(append(test.opts, Pageviews())...)(test.handle)
			_ = panicOf(func() { handler.ServeHTTP(httptest.NewRecorder(), get("/").WithContext(rec.Context())) })
			if test.want == 0 {
				rec.WantNone()
				return
			}
			v, ok := only(t, rec, "$exception").Value("$response_status_code")
			if got := v.Int(); ok && got != test.want || !ok && test.want != -1 {
				t.Errorf("status is %d, want %d", got, test.want)
			}
		})
	}
}

func TestPanicPasses(t *testing.T) {
	type custom struct{ list []int } // can not be compared
	for _, value := range []any{"boom", errors.New("boom"), http.ErrAbortHandler, &custom{}, 7} {
		handler := Middleware()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) }))
		if got := panicOf(func() { handler.ServeHTTP(httptest.NewRecorder(), get("/")) }); got != value {
			t.Errorf("panic with %v came out as %v", value, got)
		}
	}
	handler := Middleware()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(custom{[]int{1}}) }))
	if got, ok := panicOf(func() { handler.ServeHTTP(httptest.NewRecorder(), get("/")) }).(custom); !ok || got.list[0] != 1 {
		t.Errorf("panic with a value that can not be compared came out as %v", got)
	}
}

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
