//go:build unix

package child

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func shell(script string) Command {
	return Command{Args: []string{"sh", "-c", script}, Stdout: io.Discard, Stderr: io.Discard}
}

func TestExitStatus(t *testing.T) {
	for script, want := range map[string]int{
		"true":          0,
		"exit 3":        3,
		"kill -TERM $$": 128 + 15,
		"kill -KILL $$": 128 + 9,
	} {
		got, err := Run(t.Context(), shell(script))
		if err != nil || got != want {
			t.Errorf("%s: got %d and %v, want %d", script, got, err, want)
		}
	}
}

func TestStreams(t *testing.T) {
	t.Setenv("CHILD_A", "from outside")
	t.Setenv("CHILD_B", "from outside")
	var stdout, stderr bytes.Buffer
	c := shell(`cat; echo "$CHILD_A, $CHILD_B" >&2`)
	c.Env, c.Stdin, c.Stdout, c.Stderr = []string{"CHILD_B=from here"}, strings.NewReader("in\n"), &stdout, &stderr
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, want := stdout.String(), "in\n"; got != want {
		t.Errorf("stdout: got %q, want %q", got, want)
	}
	if got, want := stderr.String(), "from outside, from here\n"; got != want {
		t.Errorf("stderr: got %q, want %q", got, want)
	}
}

// A device, such as a terminal, is copied.
func TestDevice(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var stdout bytes.Buffer
	c := shell("test -p /dev/stdin && echo pipe; cat")
	c.Stdin, c.Stdout = null, &stdout
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, want := stdout.String(), "pipe\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNotFound(t *testing.T) {
	_, err := Run(t.Context(), Command{Args: []string{"no-such-program"}})
	if want := `starting "no-such-program": exec: "no-such-program": executable file not found in $PATH`; !errors.Is(err, exec.ErrNotFound) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// started runs a command that says "ready" when it is, and returns what it says behind
// that and its exit status.
func started(ctx context.Context, t *testing.T, script string) (said <-chan string, status <-chan int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := shell(script)
	c.Stdout = w
	ended := make(chan int, 1)
	go func() { // until the command ends
		got, err := Run(ctx, c)
		if err != nil {
			t.Error(err)
		}
		_ = w.Close()
		ended <- got
	}()
	ready := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(r, ready); err != nil {
		t.Fatal(err)
	}
	rest := make(chan string, 1)
	go func() { // until the command and all that it started have ended
		text, _ := io.ReadAll(r)
		_ = r.Close()
		rest <- string(text)
	}()
	return rest, ended
}

func raise(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}

func TestSignalIsPassed(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGWINCH} {
		number := strconv.Itoa(int(s))
		said, status := started(t.Context(), t, "trap 'echo got "+number+"; exit 7' "+number+"; echo ready; while :; do sleep 0.01; done")
		raise(t, s)
		if got, want := <-said, "got "+number+"\n"; got != want {
			t.Errorf("%v: the command said %q, want %q", s, got, want)
		}
		if got := <-status; got != 7 {
			t.Errorf("%v: status %d, want 7", s, got)
		}
	}
}

func TestSecondSignalKills(t *testing.T) {
	said, status := started(t.Context(), t, "trap 'echo no' INT; echo ready; while :; do sleep 0.01; done")
	raise(t, syscall.SIGINT)
	deadline := time.After(20 * time.Second)
	for again := time.Tick(100 * time.Millisecond); ; {
		select {
		case got := <-status:
			if got != 128+9 {
				t.Errorf("status %d, want 137", got)
			}
			if text := <-said; !strings.HasPrefix(text, "no\n") {
				t.Errorf("the command said %q, want that it got the first signal", text)
			}
			return
		case <-again:
			raise(t, syscall.SIGINT)
		case <-deadline:
			t.Fatal("it still runs")
		}
	}
}

// "go run" dies of a signal at once, and its program cleans up behind it.
func TestRestOfTheGroup(t *testing.T) {
	const script = `sh -c 'trap "sleep 0.3; echo clean; exit" TERM; echo ready; while :; do sleep 0.01; done' & wait`
	said, status := started(t.Context(), t, script)
	raise(t, syscall.SIGTERM)
	if got := <-status; got != 128+15 {
		t.Errorf("status %d, want 143", got)
	}
	select {
	case got := <-said:
		if got != "clean\n" {
			t.Errorf("the program behind it said %q, want %q", got, "clean\n")
		}
	case <-time.After(10 * time.Second):
		t.Error("the program behind it still runs")
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, status := started(ctx, t, "echo ready; while :; do sleep 0.01; done")
	cancel()
	if got := <-status; got != 128+15 {
		t.Errorf("status %d, want 143", got)
	}
}
