//go:build !unix

package child

import (
	"io"
	"os"
	"os/exec"
)

var passed = []os.Signal{os.Interrupt}

func ends(os.Signal) bool { return true }

func isolate(*exec.Cmd) {}

func input(cmd *exec.Cmd, in io.Reader) (feed func(), err error) {
	cmd.Stdin = in
	return func() {}, nil
}

// pass does nothing: the console has told the command of Ctrl-C as it told this process.
func (p *process) pass(os.Signal) {}

// terminate kills: there is no way to ask.
func (p *process) terminate()     { p.killGroup() }
func (p *process) killGroup()     { _ = p.Kill() } // it may have ended
func (p *process) survived() bool { return false }

func exitStatus(s *os.ProcessState) int { return s.ExitCode() }
