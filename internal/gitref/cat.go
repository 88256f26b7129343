package gitref

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// A cat is a running git cat-file, which answers hashes with what they stand for.
type cat struct {
	cmd *exec.Cmd
	ask io.WriteCloser
	out *bufio.Reader
}

func (r *Repository) startCat(ctx context.Context) (*cat, error) {
	cmd := exec.CommandContext(ctx, "git", "cat-file", "--batch")
	cmd.Dir = r.dir
	cmd.Env = environment()
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return &cat{cmd: cmd, ask: ask, out: bufio.NewReader(out)}, nil
}

// read is the content of e, which git must say is as long as its folder said.
func (c *cat) read(e entry) ([]byte, error) {
	if _, err := io.WriteString(c.ask, e.hash+"\n"); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	head, err := c.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	if want := e.hash + " blob " + strconv.FormatInt(e.size, 10) + "\n"; head != want {
		return nil, fmt.Errorf("git cat-file said %q", strings.TrimSpace(head))
	}
	data := make([]byte, e.size+1) // a line feed follows
	if _, err := io.ReadFull(c.out, data); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return data[:e.size], nil
}

func (c *cat) close() error {
	if err := c.ask.Close(); err != nil {
		return err
	}
	return c.cmd.Wait()
}
