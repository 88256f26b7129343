//go:build unix

package child

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
)

// passed are the signals that go on to the command. SIGPIPE is among them only so that
// whoever writes to a pipe that nobody reads gets an error and can end the command.
var passed = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGPIPE,
}

// ends reports whether s asks a program to end.
func ends(s os.Signal) bool {
	return slices.Contains([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, s)
}

// isolate makes cmd the leader of a process group.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// input gives cmd its standard input. feed is to be called when it runs.
//
// A process group in the background must not read from its terminal, so this process does
// it, as long as it is in the foreground itself. Whoever types the next line when the
// command has ended loses it to the goroutine that reads, which ends with this process.
func input(cmd *exec.Cmd, in io.Reader) (feed func(), err error) {
	f, ok := in.(*os.File)
	if !ok || !isDevice(f) {
		cmd.Stdin = in
		return func() {}, nil
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return func() {
		signal.Ignore(syscall.SIGTTIN) // which would stop this process in the background
		go func() {
			_, _ = io.Copy(pipe, f) // the command has ended, or the terminal has
			_ = pipe.Close()
		}()
	}, nil
}

func isDevice(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// pass sends s to the whole group.
func (p *process) pass(s os.Signal) {
	number, ok := s.(syscall.Signal)
	if !ok || number == syscall.SIGPIPE {
		return
	}
	_ = syscall.Kill(-p.Pid, number) // the group may have ended
}

func (p *process) terminate() { p.pass(syscall.SIGTERM) }
func (p *process) killGroup() { p.pass(syscall.SIGKILL) }

// survived reports whether anything of the group still runs.
func (p *process) survived() bool { return syscall.Kill(-p.Pid, 0) == nil }

func exitStatus(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
