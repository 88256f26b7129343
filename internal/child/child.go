// Package child runs a command on behalf of this program: with its standard streams, the
// signals that it gets, and the exit status that the command ends with.
package child

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

// grace is how long a command may take to end once its context has.
const grace = 10 * time.Second

// A Command is what to run.
type Command struct {
	Args   []string  // the program, looked up in PATH, and its arguments
	Env    []string  // "KEY=value" on top of this process's environment
	Stdin  io.Reader // a terminal is read here and copied: the command runs in the background of it
	Stdout io.Writer
	Stderr io.Writer
}

// Run runs c to its end and returns its exit status: 128 and the number of the signal if one
// killed it. An error says that it could not be started.
//
// On Unix the command and whatever it starts are a process group of their own, to which
// Run passes the signals that this process gets. The second that asks it to end kills the
// group. Behind such a signal Run also waits for the rest of the group, because "go run"
// may end before its program. Elsewhere the console tells the command of Ctrl-C itself, and
// the second one kills it.
//
// When ctx ends the command is told to terminate, and killed ten seconds later.
func Run(ctx context.Context, c Command) (status int, err error) {
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	cmd.WaitDelay = grace // for what the command left running with a pipe of ours
	isolate(cmd)
	feed, err := input(cmd, c.Stdin)
	if err != nil {
		return 0, fmt.Errorf("starting %q: %w", c.Args[0], err)
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passed...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("starting %q: %w", c.Args[0], err)
	}
	feed()
	p := process{Process: cmd.Process, signals: signals}
	ended := make(chan struct{})
	go func() { // until the command ends
		_ = cmd.Wait() // the state has what matters
		close(ended)
	}()
	p.accompany(ctx, ended)
	return exitStatus(cmd.ProcessState), nil
}

// A process is a command that runs.
type process struct {
	*os.Process
	signals <-chan os.Signal
	asked   bool // to end
}

// accompany passes signals until the process has ended, and for as long as Run says
// behind that.
func (p *process) accompany(ctx context.Context, ended <-chan struct{}) {
	over := ctx.Done()
	var poll, late <-chan time.Time
	for {
		select {
		case <-ended:
			if !p.asked || !p.survived() {
				return
			}
			ended, poll, late = nil, time.Tick(groupPoll), time.After(grace)
		case <-poll:
			if !p.survived() {
				return
			}
		case s := <-p.signals:
			if ends(s) && p.asked {
				p.killGroup()
				continue
			}
			p.asked = p.asked || ends(s)
			p.pass(s)
		case <-over:
			over, late = nil, time.After(grace)
			p.asked = true
			p.terminate()
		case <-late:
			p.killGroup()
			if ended == nil {
				return
			}
		}
	}
}

// groupPoll is how often the rest of a group is looked for.
const groupPoll = 20 * time.Millisecond
