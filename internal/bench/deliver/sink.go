//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// sinkDelay, in the environment, makes this program the sink.
const sinkDelay = "PHGEN_BENCH_SINK_DELAY"

// A tally is what a sink received.
type tally struct{ Requests, Bytes, Conns int64 }

// runSink answers every request after delay, and GET with the tally. It prints its
// address and ends with its standard input.
func runSink(delay time.Duration) error {
	var got struct{ requests, bytes, conns atomic.Int64 }
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				_ = json.NewEncoder(w).Encode(tally{got.requests.Load(), got.bytes.Load(), got.conns.Load() - 1})
				return
			}
			n, _ := io.Copy(io.Discard, r.Body)
			got.bytes.Add(n)
			got.requests.Add(1)
			time.Sleep(delay)
			_, _ = io.WriteString(w, `{"status":1}`)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				got.conns.Add(1)
			}
		},
	}
	fmt.Println(ln.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(ln); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// startSink runs this program again as a sink and returns its URL. stop ends it.
func startSink(delay time.Duration) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), sinkDelay+"="+delay.String())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the sink: %w", err)
	}
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		return "", nil, fmt.Errorf("reading the sink's address: %w", err)
	}
	stop = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	return "http://" + strings.TrimSpace(addr), stop, nil
}

// received asks the sink at url what it got.
func received(url string) (tally, error) {
	res, err := http.Get(url)
	if err != nil {
		return tally{}, err
	}
	defer res.Body.Close()
	var t tally
	return t, json.NewDecoder(res.Body).Decode(&t)
}
