package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	ph "github.com/phgen/phgen/runtime"
)

func TestEnvironment(t *testing.T) {
	for _, test := range []struct{ mode, port, want string }{
		{"v2", "0", `CAPTURE_MODE "v2": use v0 or v1`},
		{"v1", "65536", "opening PORT: "},
		{"", "x", "opening PORT: "},
	} {
		env := map[string]string{"CAPTURE_MODE": test.mode, "PORT": test.port}
		err := run(t.Context(), func(key string) string { return env[key] })
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("mode %q, port %q: got %v, want %s", test.mode, test.port, err, test.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ended, func(key string) string { return map[string]string{"PORT": "0"}[key] }); err != nil {
		t.Errorf("a free port: %v", err)
	}
}

// The signal to end does not wait for a flush that may take minutes.
func TestServeEnds(t *testing.T) {
	r := newRig(t, ph.V0)
	r.mock.Down(503)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, l, newAdapter(ph.V0)) }()
	post := func(path, body string) int {
		resp, err := http.Post("http://"+l.Addr().String()+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	post("/init", `{"api_key":"phc_test","max_retries":1000,"host":"`+r.mockURL+`"}`)
	post("/capture", captureBody)
	flushed := make(chan int, 1)
	go func() { flushed <- post("/flush", "") }()
	<-r.arrived
	cancel()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if got := <-flushed; got != 200 {
		t.Errorf("the flush: got status %d, want 200", got)
	}
	http.DefaultClient.CloseIdleConnections()
}
