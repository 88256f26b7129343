package runtime

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A thousand clients that failed together do not come back together.
func TestHerd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		first := true
		f := &far{status: func() int {
			if first {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}}
		var all []*Client
		for range clients {
			c, ctx := farClient(t, f, Config{FlushEvery: time.Second})
			Capture(ctx, "tick", nil)
			all = append(all, c)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if f.requests != clients {
			t.Fatalf("%d requests, want one of each client", f.requests)
		}
		failed := f.times[clients-1]
		f.mu.Lock()
		first = false
		f.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		slots := map[time.Duration]int{}
		most := 0
		for _, at := range f.times[clients:] {
			slot := at.Sub(failed) / (25 * time.Millisecond)
			slots[slot]++
			most = max(most, slots[slot])
		}
		if most > clients/20 || len(f.times) != 2*clients {
			t.Errorf("%d requests, %d in one slot of 25 ms, want %d and at most %d", len(f.times), most, 2*clients, clients/20)
		}
		t.Logf("%.1f %% of the first retries in the busiest slot of 25 ms, in %d slots", 100*float64(most)/clients, len(slots))
		for _, c := range all {
			_ = c.Close(t.Context())
		}
	})
}

// hung is an endpoint that accepts requests and never answers.
type hung struct{}

func (hung) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Five minutes of an endpoint that never answers, at 20,000 events a second, cost the
// memory that the bounds allow, a handful of goroutines, and no event unaccounted for.
func TestHungEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := goruntime.NumGoroutine()
		c, err := New(Config{APIKey: "phc_k", Transport: hung{}, QueueSize: 1 << 20, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := With(t.Context(), UseClient(c), User("u_1"))
		goroutines, heap := 0, uint64(0)
		for second := range 300 {
			for i := range 20_000 / patient {
				CaptureAttrs(ctx, "tick", String("text", text500), Int("i", int64(i)))
			}
			time.Sleep(time.Second)
			balance(t, c)
			goroutines = max(goroutines, goruntime.NumGoroutine()-before)
			if second%50 == 49 {
				goruntime.GC()
				var m goruntime.MemStats
				goruntime.ReadMemStats(&m)
				heap = max(heap, m.HeapAlloc)
			}
		}
		s := balance(t, c)
		if s.Accepted+s.Refused != 6_000_000/patient || s.RefusedBy["queue_full"] != s.Refused || s.Lost > 0 {
			t.Errorf("%+v, want %d accepted or refused", s, 6_000_000/patient)
		}
		if goroutines > 8 || heap > 48<<20 {
			t.Errorf("%d goroutines and %d MiB, want at most 8 and 48", goroutines, heap>>20)
		}
		t.Logf("%d accepted, %d goroutines, %.1f MiB", s.Accepted, goroutines, float64(heap)/(1<<20))
		ended, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var u *UndeliveredError
		if err := c.Close(ended); !errors.As(err, &u) || u.Events != int(s.Accepted) {
			t.Errorf("Close: %v, want all of %d undelivered", err, s.Accepted)
		}
	})
}

const exitEnv = "PHGEN_TEST_EXIT"

func init() {
	if host := os.Getenv(exitEnv); host != "" {
		exitFast(host)
	}
}

const exitPatience = 200 * time.Millisecond

// exitFast is a command-line program that ends while its endpoint is a black hole.
func exitFast(host string) {
	c, err := New(Config{APIKey: "phc_k", Host: host, FlushEvery: time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ctx := With(context.Background(), UseClient(c), User("u_1"))
	for range 50 {
		Capture(ctx, "tick", nil)
	}
	time.Sleep(20 * time.Millisecond) // so that a request is under way
	ctx, cancel := context.WithTimeout(ctx, exitPatience)
	defer cancel()
	fmt.Println("closing")
	err = c.Close(ctx)
	fmt.Println(err)
	os.Exit(0)
}

// A program ends when the context of Close does, whatever the endpoint: here it takes
// connections and never reads from them.
func TestExitOnTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	worst := time.Duration(0)
	for range 20 / min(patient, 10) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), exitEnv+"=http://"+l.Addr().String())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var closing time.Time
		said := ""
		for lines := bufio.NewScanner(out); lines.Scan(); said = lines.Text() {
			if lines.Text() == "closing" {
				closing = time.Now()
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
		worst = max(worst, time.Since(closing))
		if want := "ph: 50 events undelivered: 50 shutdown_deadline: context deadline exceeded"; !strings.HasPrefix(said, want) {
			t.Errorf("Close said %q, want %q", said, want)
		}
	}
	if worst < exitPatience || worst > exitPatience+10*time.Second {
		t.Errorf("the slowest program took %v from Close to its end", worst)
	}
	t.Logf("the slowest program ended %v after the deadline", worst-exitPatience)
}
