package phhttp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// bare is a writer without any optional interface.
type bare struct {
	status int
	body   strings.Builder
	calls  []string
}

func (w *bare) Header() http.Header { return http.Header{} }
func (w *bare) WriteHeader(status int) {
	w.status = status
}
func (w *bare) Write(p []byte) (int, error) { return w.body.Write(p) }

type flushes struct{ *bare }

func (w flushes) Flush() { w.calls = append(w.calls, "flush") }

type hijacks struct{ *bare }

func (w hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.calls = append(w.calls, "hijack")
	return nil, nil, nil
}

type pushes struct{ *bare }

func (w pushes) Push(target string, _ *http.PushOptions) error {
	w.calls = append(w.calls, "push "+target)
	return nil
}

type readsFrom struct{ *bare }

func (w readsFrom) ReadFrom(src io.Reader) (int64, error) {
	w.calls = append(w.calls, "read from")
	return io.Copy(&w.body, src)
}

// combinations returns a writer for each combination of the optional interfaces.
func combinations(w *bare) map[string]http.ResponseWriter {
	type (
		rw = http.ResponseWriter
		f  = http.Flusher
		h  = http.Hijacker
		p  = http.Pusher
		r  = io.ReaderFrom
	)
	var flush, hijack, push, read = flushes{w}, hijacks{w}, pushes{w}, readsFrom{w}
	return map[string]http.ResponseWriter{
		"":  w,
		"F": flush,
		"H": hijack,
		"P": push,
		"R": read,
		"FH": struct {
			rw
			f
			h
		}{w, flush, hijack},
		"FP": struct {
			rw
			f
			p
		}{w, flush, push},
		"FR": struct {
			rw
			f
			r
		}{w, flush, read},
		"HP": struct {
			rw
			h
			p
		}{w, hijack, push},
		"HR": struct {
			rw
			h
			r
		}{w, hijack, read},
		"PR": struct {
			rw
			p
			r
		}{w, push, read},
		"FHP": struct {
			rw
			f
			h
			p
		}{w, flush, hijack, push},
		"FHR": struct {
			rw
			f
			h
			r
		}{w, flush, hijack, read},
		"FPR": struct {
			rw
			f
			p
			r
		}{w, flush, push, read},
		"HPR": struct {
			rw
			h
			p
			r
		}{w, hijack, push, read},
		"FHPR": struct {
			rw
			f
			h
			p
			r
		}{w, flush, hijack, push, read},
	}
}

// interfaces names the optional interfaces that w has, and calls each.
func interfaces(t *testing.T, w http.ResponseWriter) (names string) {
	t.Helper()
	if w, ok := w.(http.Flusher); ok {
		names += "F"
		w.Flush()
	}
	if w, ok := w.(http.Hijacker); ok {
		names += "H"
		if _, _, err := w.Hijack(); err != nil {
			t.Error(err)
		}
	}
	if w, ok := w.(http.Pusher); ok {
		names += "P"
		if err := w.Push("/style.css", nil); err != nil {
			t.Error(err)
		}
	}
	if w, ok := w.(io.ReaderFrom); ok {
		names += "R"
		if _, err := w.ReadFrom(strings.NewReader("text")); err != nil {
			t.Error(err)
		}
	}
	return names
}

func TestWriterKeepsInterfaces(t *testing.T) {
	calls := map[rune]string{'F': "flush", 'H': "hijack", 'P': "push /style.css", 'R': "read from"}
	for want := range combinations(new(bare)) {
		t.Run("writer "+want, func(t *testing.T) {
			server := new(bare)
			x := response{ResponseWriter: combinations(server)[want]}
			if got := interfaces(t, x.writer()); got != want {
				t.Errorf("the writer of a request has %q, want %q", got, want)
			}
			var wantCalls []string
			for _, c := range want {
				wantCalls = append(wantCalls, calls[c])
			}
			if got, want := fmt.Sprint(server.calls), fmt.Sprint(wantCalls); got != want {
				t.Errorf("the writer of the server saw %s, want %s", got, want)
			}
		})
	}
}

func TestWriterAllocates(t *testing.T) {
	for name, server := range combinations(new(bare)) {
		x := response{ResponseWriter: server}
		if n := testing.AllocsPerRun(100, func() { _ = x.writer() }); n != 0 {
			t.Errorf("the writer %q costs %v allocations, want 0", name, n)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		want   int
	}{
		{"nothing", func(http.ResponseWriter) {}, 0},
		{"a status", func(w http.ResponseWriter) { w.WriteHeader(404) }, 404},
		{"two", func(w http.ResponseWriter) { w.WriteHeader(201); w.WriteHeader(500) }, 201},
		{"an announcement", func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(404) }, 404},
		{"another protocol", func(w http.ResponseWriter) { w.WriteHeader(101) }, 101},
		{"a body", func(w http.ResponseWriter) { _, _ = w.Write(nil); w.WriteHeader(500) }, 200},
		{"text", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x"); w.WriteHeader(500) }, 200},
		{"a flush", func(w http.ResponseWriter) { w.(http.Flusher).Flush(); w.WriteHeader(500) }, 200},
		{"a controller's flush", func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }, 200},
		{"a copy", func(w http.ResponseWriter) { _, _ = io.Copy(w, io.LimitReader(strings.NewReader("x"), 1)) }, 200},
		{"a taken connection", func(w http.ResponseWriter) { _, _, _ = w.(http.Hijacker).Hijack() }, 101},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := response{ResponseWriter: combinations(new(bare))["FHPR"]}
			test.answer(x.writer())
			if x.status != test.want {
				t.Errorf("status is %d, want %d", x.status, test.want)
			}
		})
	}
}

var errFlush = errors.New("connection is gone")

// failing is a writer as net/http has it: its Flusher hides an error.
type failing struct{ *bare }

func (failing) Flush()            {}
func (failing) FlushError() error { return errFlush }

func TestControllerReachesTheServer(t *testing.T) {
	x := response{ResponseWriter: failing{new(bare)}}
	if err := http.NewResponseController(x.writer()).Flush(); err != errFlush {
		t.Errorf("flushing: %v, want %v", err, errFlush)
	}

	var err error
	server := httptest.NewServer(Middleware()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		err = errors.Join(c.SetReadDeadline(time.Now().Add(time.Minute)), c.EnableFullDuplex())
	})))
	defer server.Close()
	resp, getErr := server.Client().Get(server.URL)
	if getErr != nil {
		t.Fatal(getErr)
	}
	_ = resp.Body.Close()
	if err != nil {
		t.Errorf("deadline and full duplex: %v, want nil", err)
	}
}
