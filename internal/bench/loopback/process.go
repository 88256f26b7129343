//go:build linux

// Package loopback is what the benchmarks share: a server in a process of its own on
// 127.0.0.1, so that its work is not counted as the client's, and the resources that
// this process used. It needs Linux.
package loopback

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
)

// Serve answers requests with server on a port of 127.0.0.1. It prints the address on
// standard output, where [Start] reads it, and ends with standard input.
func Serve(server *http.Server) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // any end of it is the end
		_ = server.Close()
	}()
	if err := server.Serve(ln); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// Start runs this program again with args, which must make it call [Serve], and
// returns the URL of that server. stop ends it and waits for its end.
func Start(args ...string) (url string, stop func(), err error) {
	cmd, err := Self(args...)
	if err != nil {
		return "", nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the server: %w", err)
	}
	stop = func() {
		_ = in.Close()
		_ = cmd.Wait() // what it served is known by now
	}
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		stop()
		return "", nil, fmt.Errorf("reading the server's address: %w", err)
	}
	return "http://" + addr, stop, nil
}

// Self is the command that runs this program again with args.
func Self(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	return cmd, nil
}
