package phslog

import (
	"reflect"
	"runtime"
	"slices"
	"strings"

	ph "github.com/phgen/phgen/runtime"
)

// maxFrames is how far up a stack callers looks for the client.
const maxFrames = 512

var (
	client  = reflect.TypeFor[ph.Client]().PkgPath()
	capture = reflect.TypeFor[Handler]().PkgPath() + ".(*Handler).capture"
)

// callers returns the stack of the logging call whose program counter is pc: only that
// counter if the call was made on another goroutine, and the handler's own stack if there
// is none. It returns false if the client made the call, or code that the client called.
func callers(pc uintptr) (stack []uintptr, foreign bool) {
	const skip = 3 // runtime.Callers, callers and capture
	stack = make([]uintptr, 64)
	n := runtime.Callers(skip, stack)
	for n == len(stack) && n < maxFrames {
		stack = make([]uintptr, 2*n)
		n = runtime.Callers(skip, stack)
	}
	stack = stack[:n]
	frames := runtime.CallersFrames(stack)
	for more := n > 0; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.Function == capture || isLoop(f.Function) {
			return nil, false
		}
	}
	if pc == 0 {
		return stack, true
	}
	if f, _ := runtime.CallersFrames([]uintptr{pc}).Next(); strings.HasPrefix(f.Function, client+".") {
		return nil, false
	}
	if at := slices.Index(stack, pc); at >= 0 {
		return stack[at:], true
	}
	return []uintptr{pc}, true
}

// isLoop reports whether the function is one from which the client calls the user's code on
// goroutines of its own: callbacks, Config.Transport, Config.DefinitionCache.
func isLoop(function string) bool {
	return strings.HasPrefix(function, client+".(*observer).") || strings.HasPrefix(function, client+"/internal/")
}
