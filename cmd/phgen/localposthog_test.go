package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

// Two PostHogs that forward to each other would do so for ever.
func TestForwardLoop(t *testing.T) {
	t.Setenv(forwardKey, "phc_real")
	serve := func(s serving) (*localPostHog, *dev.Store) {
		t.Helper()
		store := dev.NewStore(dev.Config{})
		l, err := s.open(io.Discard, store, nil, func(sink.Exchange, []dev.Row) {})
		if err != nil {
			t.Fatal(err)
		}
		return l, store
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	one, oneStore := serve(serving{listen: "127.0.0.1:0", forward: "http://" + address})
	other, otherStore := serve(serving{listen: address, forward: one.url})
	reply, err := http.Post(one.url+"/capture/", "application/json", strings.NewReader(`{"api_key":"k","event":"a","distinct_id":"u"}`))
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	one.endForward(10 * time.Second)
	one.forward = nil
	other.close()
	one.close()
	if got, want := [2]uint64{oneStore.Summary().Counts.OK, otherStore.Summary().Counts.OK}, [2]uint64{1, 1}; got != want {
		t.Errorf("they have %v events, want %v", got, want)
	}
}

// A request that is under way when the server closes is told of, and none behind that.
func TestCloseWaits(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	calls := 0
	arrived := func(sink.Exchange, []dev.Row) {
		calls++
		close(entered)
		<-release
	}
	l, err := (&serving{listen: "127.0.0.1:0"}).open(io.Discard, dev.NewStore(dev.Config{}), nil, arrived)
	if err != nil {
		t.Fatal(err)
	}
	go l.take(sink.Exchange{}, nil) // until release
	<-entered
	closed := make(chan struct{})
	go func() { // until release
		l.close()
		close(closed)
	}()
	<-l.serving
	select {
	case <-closed:
		t.Error("closed while a request was under way")
	default:
	}
	close(release)
	<-closed
	l.take(sink.Exchange{}, nil)
	if calls != 1 {
		t.Errorf("told of %d requests, want 1", calls)
	}
}

func TestLocate(t *testing.T) {
	tests := []struct {
		addr, url string
		warned    bool
		host      string // one of the names that are let in
	}{
		{"127.0.0.1:8010", "http://127.0.0.1:8010", false, ""},
		{"[::1]:8010", "http://[::1]:8010", false, ""},
		{"192.168.1.5:8010", "http://192.168.1.5:8010", true, "192.168.1.5"},
		{"0.0.0.0:8010", "http://127.0.0.1:8010", true, "127.0.0.1"},
	}
	for _, tt := range tests {
		addr, err := net.ResolveTCPAddr("tcp", tt.addr)
		if err != nil {
			t.Fatal(err)
		}
		var talk strings.Builder
		l := &localPostHog{talk: &talk}
		hosts := strings.Join(l.locate(addr), " ")
		if l.url != tt.url || (talk.Len() > 0) != tt.warned || !strings.Contains(" "+hosts+" ", tt.host) || tt.host == "" && hosts != "" {
			t.Errorf("%s: got %s, hosts %q and %q; want %s, %q and a warning: %t", tt.addr, l.url, hosts, &talk, tt.url, tt.host, tt.warned)
		}
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]string{"1000000": "1000000", "64MiB": "64MiB", "1024KiB": "1MiB", "1GiB": "1GiB", "1073741824": "1GiB"} {
		var b byteSize
		if err := b.Set(text); err != nil || b.String() != want {
			t.Errorf("%q: got %s and %v, want %s", text, b.String(), err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "0", "1.5MiB", "1MB", "9223372036854775807KiB"} {
		if b := byteSize(7); b.Set(text) == nil || b != 7 {
			t.Errorf("%q was taken for %d", text, b)
		}
	}
}
