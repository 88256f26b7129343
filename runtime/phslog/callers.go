package phslog

import (
	"reflect"
	"runtime"
	"slices"

	"github.com/phgen/phgen/runtime/internal/calls"
)

var capture = reflect.TypeFor[Handler]().PkgPath() + ".(*Handler).capture"

// callers returns the stack of the logging call whose program counter is pc: only that
// counter if the call was made on another goroutine, and the handler's own stack if there
// is none. It returns false if the client made the call, or code that the client called.
func callers(pc uintptr) (stack []uintptr, foreign bool) {
	stack = calls.Stack()
	frames := runtime.CallersFrames(stack)
	for more := len(stack) > 0; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.Function == capture || calls.OfLoop(f.Function) {
			return nil, false
		}
	}
	if pc == 0 {
		return stack, true
	}
	if f, _ := runtime.CallersFrames([]uintptr{pc}).Next(); calls.OfClient(f.Function) {
		return nil, false
	}
	if at := slices.Index(stack, pc); at >= 0 {
		return stack[at:], true
	}
	return []uintptr{pc}, true
}
