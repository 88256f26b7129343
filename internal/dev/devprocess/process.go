// Package devprocess runs phgen dev as a process of its own, as its users do. Tests of the
// page and of real clients use it, and the benchmark.
package devprocess

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// Build compiles phgen into dir and returns the program. It needs the go command, and to be
// called in a folder of phgen's module or of one that has it replaced by a folder.
func Build(dir string) (program string, err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/phgen/phgen").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the module of phgen: %w", err)
	}
	program = filepath.Join(dir, "phgen")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", program, "./cmd/phgen")
	cmd.Dir = string(bytes.TrimSpace(root))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building phgen: %w\n%s", err, out)
	}
	return program, nil
}

// A Process is a phgen dev that serves.
type Process struct {
	URL   string
	Token string // for the calls that change something

	cmd  *exec.Cmd
	talk *log
	done chan struct{} // closed when the process has ended
	err  error         // of its end; to be read behind done
}

// announced is how phgen dev says that it serves.
var announced = regexp.MustCompile(`(?s)phgen: (http://\S+) is PostHog now.*PHGEN_DEV_TOKEN=(\S+)`)

// startWithin is how long a process may take until it serves.
const startWithin = 20 * time.Second

// Start runs "phgen dev" with args, which have no command for it to run, and returns as
// soon as it serves. dir is its working directory.
func Start(program, dir string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(program, append([]string{"dev"}, args...)...), talk: new(log), done: make(chan struct{})}
	p.cmd.Dir = dir
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting phgen dev: %w", err)
	}
	serves := make(chan []string, 1)
	go p.run(stderr, serves) // until the process ends
	select {
	case found := <-serves:
		p.URL, p.Token = found[1], found[2]
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("phgen dev ended at once: %w\n%s", errors.Join(p.err, errors.New("it did not serve")), p.Talk())
	case <-time.After(startWithin):
		return nil, errors.Join(fmt.Errorf("phgen dev does not serve after %s:\n%s", startWithin, p.Talk()), p.Kill())
	}
}

// run reads what the process says until its end.
func (p *Process) run(stderr io.Reader, serves chan<- []string) {
	defer close(p.done)
	lines := bufio.NewReader(io.TeeReader(stderr, p.talk))
	var said string
	for {
		line, err := lines.ReadString('\n')
		said += line
		if found := announced.FindStringSubmatch(said); found != nil {
			serves <- found
			break
		}
		if err != nil {
			break
		}
	}
	_, err := io.Copy(io.Discard, lines)
	p.err = errors.Join(err, p.cmd.Wait())
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Talk returns what the process said on standard error, as far as it is kept.
func (p *Process) Talk() string { return p.talk.String() }

// Stop ends the process as Ctrl-C does and returns an error unless it ends well.
func (p *Process) Stop() error {
	if runtime.GOOS == "windows" { // which has no such signal
		return p.Kill()
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(startWithin):
		return errors.Join(fmt.Errorf("phgen dev does not end %s after an interrupt:\n%s", startWithin, p.Talk()), p.Kill())
	}
}

// Kill ends the process at once.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	<-p.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// A log keeps what was written last.
type log struct {
	mu   sync.Mutex
	text []byte
}

// maxLog is how much of it.
const maxLog = 64 << 10

// Write never fails.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if extra := len(l.text) - maxLog; extra > 0 {
		l.text = bytes.Clone(l.text[extra:])
	}
	return len(p), nil
}

// String returns what is kept.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
