package spool_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/spool"
)

var kills = flag.Int("spool.kills", 100, "processes that TestKill kills")

// child is what the test's own binary does as another process: it appends events to the
// spool of a directory until it is killed, and says of each that it was accepted and, of
// some, that they are settled. It reads what others left and settles that, too.
func child(dir string) {
	from, _ := strconv.Atoi(os.Getenv("PHGEN_SPOOL_FROM"))
	s, err := spool.OpenPad(spool.Config{Dir: dir, SegmentBytes: 4_000}, time.Millisecond<<(from/1_000_000%8), 4_000, 1_500)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	say := func(line string) { _, _ = io.WriteString(os.Stdout, line) }
	var c spool.Chunk
	for n := from; ; n++ {
		ticket, err := s.Append(events(n, n+1), n%5 == 0)
		if err != nil {
			say(fmt.Sprintln("error", err))
			return
		}
		say(fmt.Sprintln("accepted", n))
		if n%3 == 0 {
			say(fmt.Sprintln("settling", n)) // before: it may be killed in between
			s.Settle(ticket)
		}
		if n%8 == 7 {
			if _, err := s.Next(&c, 20, 1_000); err != nil || c.Lost != (spool.Lost{}) {
				say(fmt.Sprintln("error", err, c.Lost))
				return
			}
			for _, e := range c.Events {
				if n, err := number(e.Event); err != nil {
					say(fmt.Sprintln("error", err))
				} else if n%2 == 0 {
					say(fmt.Sprintln("settling", n))
					s.Settle(e.Ticket)
				}
			}
		}
	}
}

func startChild(t *testing.T, dir string, from int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "PHGEN_SPOOL_CHILD="+dir, "PHGEN_SPOOL_FROM="+strconv.Itoa(from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// Every event whose Append returned is there after SIGKILL, in however many processes at
// once, unless somebody settled it.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	dir := t.TempDir()
	accepted, settled := map[int]bool{}, map[int]bool{}
	var mu sync.Mutex
	life := func(from, lines int) {
		cmd, out := startChild(t, dir, from)
		for n := 0; out.Scan(); n++ {
			word, number, _ := strings.Cut(out.Text(), " ")
			id, _ := strconv.Atoi(number)
			mu.Lock()
			switch word {
			case "accepted":
				accepted[id] = true
			case "settling":
				settled[id] = true
			default:
				t.Errorf("a child says %q", out.Text())
			}
			mu.Unlock()
			if n == lines {
				_ = cmd.Process.Kill() // what it wrote meanwhile is read as well
			}
		}
		_ = cmd.Wait()
	}
	for round := 0; round < *kills; round += 2 { // two at a time
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() { life((round+i)*1_000_000, 20+(round*37+i*11)%300) })
		}
		both.Wait()
	}

	s := open(t, spool.Config{Dir: dir})
	got, tickets, lost := numbers(t, s.Spool)
	for { // more logs than are adopted at a time
		s.Settle(tickets...)
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		n, err := s.Adopt()
		if err != nil {
			t.Fatal(err)
		}
		more, next, l := numbers(t, s.Spool)
		got, tickets = append(got, more...), next
		lost.Corrupt += l.Corrupt
		if n == 0 && len(more) == 0 {
			break
		}
	}
	found := map[int]bool{}
	for _, n := range got {
		found[n] = true
	}
	for n := range accepted {
		if !found[n] && !settled[n] {
			t.Errorf("event %d was accepted and is lost", n)
		}
	}
	if lost != (spool.Lost{}) {
		t.Errorf("lost %+v", lost)
	}
	t.Logf("%d kills: %d events accepted, %d settled, %d found", *kills, len(accepted), len(settled), len(got))
	s.close(t)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A log is adopted only when its process has ended, also one started by exec.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	cmd, out := startChild(t, dir, 0)
	if !out.Scan() {
		t.Fatal("the child says nothing")
	}
	s := open(t, spool.Config{Dir: dir})
	if n, err := s.Adopt(); n != 0 || err != nil {
		t.Errorf("adopted %d of a living process, %v", n, err)
	}
	sleep := exec.Command("sleep", "60") // must not inherit the lock of this process
	if err := sleep.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { _ = sleep.Process.Kill(); _ = sleep.Wait() }()
	s.put(t, events(1_000_000, 1_000_003), true)
	s.close(t)
	s = open(t, spool.Config{Dir: dir})
	if n, err := s.Adopt(); n != 3 || err != nil {
		t.Errorf("adopted %d, %v; want the 3 of the log whose process has a child", n, err)
	}
	_ = cmd.Process.Kill()
	for out.Scan() {
	}
	_ = cmd.Wait()
	if n, err := s.Adopt(); n == 0 || err != nil {
		t.Errorf("adopted %d of a dead process, %v", n, err)
	}
}
