package calls

import (
	"runtime"
	"strings"
	"testing"
)

//go:noinline
func capture() []uintptr { return callers() }

//go:noinline
func callers() []uintptr { return Stack() }

//go:noinline
func deep(n int) []uintptr {
	if n == 0 {
		return capture()
	}
	return deep(n - 1)
}

func TestStack(t *testing.T) {
	for depth, want := range map[int]int{1: 5, 50: 54, 62: 66, 500: 504, 600: maxFrames, 5000: maxFrames} {
		stack := deep(depth)
		f, _ := runtime.CallersFrames(stack[:1]).Next()
		if got, want := f.Function, client+"/internal/calls.deep"; got != want {
			t.Errorf("depth %d: the first call is of %s, want %s", depth, got, want)
		}
		if got := len(stack); got != want {
			t.Errorf("depth %d: got %d calls, want %d", depth, got, want)
		}
	}
}

func TestWhose(t *testing.T) {
	if !strings.HasSuffix(client, "/phgen/runtime") {
		t.Fatalf("the client's package is %q", client)
	}
	for function, want := range map[string]struct{ ofClient, ofLoop bool }{
		"New":                              {true, false},
		"(*Client).Flush":                  {true, false},
		"(*observer).tell":                 {true, true},
		"/internal/queue.(*Queue).deliver": {false, true},
		"/phslog.(*Handler).Handle":        {false, false},
	} {
		name := client + "." + function
		if strings.HasPrefix(function, "/") {
			name = client + function
		}
		if got := OfClient(name); got != want.ofClient {
			t.Errorf("OfClient(%q): got %t", name, got)
		}
		if got := OfLoop(name); got != want.ofLoop {
			t.Errorf("OfLoop(%q): got %t", name, got)
		}
	}
	if OfClient("main.main") || OfLoop("main.main") {
		t.Error("main.main is the client's")
	}
}
