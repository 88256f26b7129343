package runtime

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

var kills = flag.Int("kills", 100, "how often TestKill kills a capturing process")

// killedEnv makes the test binary the process that TestKill kills: it names the spool and
// the endpoint.
const killedEnv = "PHGEN_TEST_KILLED"

func init() {
	if dir, host, ok := strings.Cut(os.Getenv(killedEnv), "|"); ok {
		captureUntilKilled(dir, host)
	}
}

func killConfig(dir, host string) Config {
	return Config{
		APIKey: "phc_kill", Host: host, SpoolDir: dir, OnFull: Spill,
		QueueSize: 50, BatchSize: 20, FlushEvery: 2 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
	}
}

// killText is the property of event n by which an altered payload is recognised.
func killText(n int64) string { return strings.Repeat(fmt.Sprint("<", n, ">"), int(n%40)) }

// captureUntilKilled says of every accepted event which it was.
func captureUntilKilled(dir, host string) {
	c, err := New(killConfig(dir, host))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ctx := With(context.Background(), UseClient(c), User("u"))
	for p := range 3 {
		go func() {
			for i := 0; ; i++ {
				n := int64(os.Getpid())*1_000_000 + int64(p)*300_000 + int64(i)
				if id, err := TryCapture(ctx, "killed", Props{"n": n, "text": killText(n)}); err == nil {
					fmt.Printf("%s %d.\n", id, n)
				}
				if i%50 == 49 {
					time.Sleep(time.Millisecond)
				}
			}
		}()
	}
	select {}
}

// A ledger is what arrived at an endpoint.
type killLedger struct {
	mu      sync.Mutex
	arrived map[string]string // "n text" by uuid
	altered []string
	twice   int
}

func (l *killLedger) judge(e sink.Event) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	what := fmt.Sprint(e.Properties["n"], " ", e.Properties["text"])
	if was, ok := l.arrived[e.UUID]; ok {
		l.twice++
		if was != what {
			l.altered = append(l.altered, e.UUID)
		}
	}
	l.arrived[e.UUID] = what
	return nil
}

// killAtOnce is how many processes share the spool while they are killed, and killRound
// how many are killed before it is drained, since it is bounded.
const (
	killAtOnce = 4
	killRound  = 100
)

// Processes that capture into one spool are killed at random moments while the endpoint
// fails now and then. Every event that one of them said was accepted arrives, unaltered, and twice only
// under its one uuid.
func TestKill(t *testing.T) {
	var draining atomic.Bool // the endpoint is healthy at last
	ledger := &killLedger{arrived: map[string]string{}}
	in := sink.New(sink.Config{Judge: ledger.judge, MaxEvents: 1})
	defer in.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := rand.IntN(5)
		if draining.Load() {
			fault = -1
		}
		switch fault {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			in.ServeHTTP(httptest.NewRecorder(), r) // taken, and nobody learns it
			w.WriteHeader(http.StatusInternalServerError)
		default:
			in.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	accepted := &killedEvents{byID: map[string]int64{}}
	for left := *kills; left > 0; left -= killRound {
		draining.Store(false)
		accepted.killMany(t, min(left, killRound), dir, server.URL)
		draining.Store(true)
		drain(t, dir, server.URL)
	}

	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	lost := 0
	for id, n := range accepted.byID {
		if got, ok := ledger.arrived[id]; !ok {
			lost++
		} else if want := fmt.Sprint(n, " ", killText(n)); got != want {
			t.Errorf("event %s arrived as %q, want %q", id, got, want)
		}
	}
	if lost > 0 || len(ledger.altered) > 0 {
		t.Errorf("%d of %d accepted events lost, %d altered", lost, len(accepted.byID), len(ledger.altered))
	}
	t.Logf("%d kills: %d events accepted, %d arrived, %d of them more than once", *kills, len(accepted.byID), len(ledger.arrived), ledger.twice)
}

// drain delivers what is in the spool, until nothing is left of it.
func drain(t *testing.T, dir, host string) {
	t.Helper()
	c, err := New(killConfig(dir, host))
	if err != nil {
		t.Fatal(err)
	}
	for deadline, quiet := time.Now().Add(time.Minute), 0; quiet < 20; time.Sleep(5 * time.Millisecond) {
		s := c.Stats()
		if s.Accepted != s.Sent+s.Lost+s.Queued+s.InFlight+s.Spooled {
			t.Fatalf("stats do not add up: %+v", s)
		}
		if quiet++; s.Spooled+s.Queued+s.InFlight > 0 {
			quiet = 0
		}
		if s.Lost > 0 || time.Now().After(deadline) {
			t.Fatalf("events are lost, or the spool is never empty: %+v", s)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if files := logsIn(dir); len(files) > 0 {
		t.Errorf("still there: %d, %v …", len(files), files[0])
	}
}

// logsIn lists what is left of logs.
func logsIn(dir string) (files []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && strings.HasSuffix(path, ".seg") {
			files = append(files, path)
		}
		return nil
	})
	return files
}

// killedEvents are those that processes said were accepted: their numbers by uuid.
type killedEvents struct {
	mu   sync.Mutex
	byID map[string]int64
}

// killMany runs and kills n processes, some at once.
func (a *killedEvents) killMany(t *testing.T, n int, dir, host string) {
	t.Helper()
	var wg sync.WaitGroup
	defer wg.Wait()
	var begun atomic.Int64
	for range killAtOnce {
		wg.Go(func() {
			for begun.Add(1) <= int64(n) {
				if err := a.killOne(dir, host, time.Duration(rand.IntN(20_000))*time.Microsecond); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
}

// killOne runs a capturing process, kills it some time after its first event, and notes
// what it said was accepted.
func (a *killedEvents) killOne(dir, host string, after time.Duration) error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedEnv+"="+dir+"|"+host)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return err
	}
	var kill *time.Timer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if kill == nil {
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		a.note(lines.Text())
	}
	_ = cmd.Wait() // it was killed
	if kill == nil {
		return fmt.Errorf("a process captured nothing, and said %q", said.String())
	}
	return nil
}

// note takes a line, unless it is the one that the process was killed in.
func (a *killedEvents) note(line string) {
	id, rest, _ := strings.Cut(line, " ")
	n, whole := strings.CutSuffix(rest, ".")
	number, err := strconv.ParseInt(n, 10, 64)
	if err != nil || !whole {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byID[id] = number
}
