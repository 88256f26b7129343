package phredis_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/phredis"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// No test may leave a goroutine behind.
func TestMain(m *testing.M) {
	redis.SetLogger(silent{}) // of outages there is no news in a test
	goleak.VerifyTestMain(m)
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

const (
	apiKey = "phc_project"

	patience = 20 * time.Second // with a busy machine; no test takes as long
	pause    = 2 * time.Millisecond
)

// A redisServer is a real redis-server that a test may kill and start again. It keeps
// nothing on disk.
type redisServer struct {
	t    testing.TB
	addr string
	path string
	cmd  *exec.Cmd
}

// startRedis starts a server on a free port and skips the test if there is none to start.
func startRedis(t testing.TB) *redisServer {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs a real Redis: there is no redis-server in PATH (Debian: apt-get install redis-server)")
	}
	s := &redisServer{t: t, addr: freeAddr(t), path: path}
	t.Cleanup(s.kill)
	s.start()
	return s
}

// freeAddr returns an address on which nobody listens.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the server, empty, and waits until it answers.
func (s *redisServer) start() {
	s.t.Helper()
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(s.path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", s.t.TempDir())
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := connect(s.addr)
	defer client.Close()
	until(s.t, "redis-server answers", func(ctx context.Context) bool { return client.Ping(ctx).Err() == nil })
}

// kill ends the server as a power failure would.
func (s *redisServer) kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// connect returns a Redis client that does not retry, and waits for an answer as long as
// the calls on it do.
func connect(addr string) *redis.Client {
	return redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, DialerRetries: 1, ReadTimeout: time.Hour})
}

// client returns a Redis client that is closed when the test ends.
func (s *redisServer) client() *redis.Client {
	client := connect(s.addr)
	s.t.Cleanup(func() { client.Close() })
	return client
}

// cache returns a cache with a Redis client of its own, as another process has. It is
// closed when the test ends.
func (s *redisServer) cache(opts ...phredis.Option) *phredis.Cache {
	return newCache(s.t, s.client(), opts...)
}

func newCache(t testing.TB, client redis.UniversalClient, opts ...phredis.Option) *phredis.Cache {
	c := phredis.New(client, apiKey, opts...)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c.Close(ctx) // the server may be gone
	})
	return c
}

// until waits for what others do.
func until(t testing.TB, what string, holds func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for !holds(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}

// wantFetch fails the test unless ShouldFetch answers want.
func wantFetch(t testing.TB, name string, c *phredis.Cache, want bool) {
	t.Helper()
	got, err := c.ShouldFetch(t.Context())
	if got != want || err != nil {
		t.Fatalf("%s: ShouldFetch = %t, %v, want %t, <nil>", name, got, err, want)
	}
}

// wantLoad fails the test unless Load answers want; "" stands for nothing.
func wantLoad(t testing.TB, name string, c *phredis.Cache, want string) {
	t.Helper()
	got, err := c.Load(t.Context())
	if string(got) != want || err != nil || (got == nil) != (want == "") {
		t.Fatalf("%s: Load = %q, %v, want %q, <nil>", name, got, err, want)
	}
}

func mustStore(t testing.TB, c *phredis.Cache, definitions string) {
	t.Helper()
	if err := c.Store(t.Context(), []byte(definitions)); err != nil {
		t.Fatalf("Store(%q) = %v", definitions, err)
	}
}

func mustClose(t testing.TB, c *phredis.Cache) {
	t.Helper()
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("Close = %v", err)
	}
}

// muteServer returns the address of a server that takes connections and never answers.
func muteServer(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // until the listener is closed
		defer close(ended)
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				defer conn.Close()
			}
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return l.Addr().String()
}

func errorText(err error) string { return fmt.Sprint(err) }
