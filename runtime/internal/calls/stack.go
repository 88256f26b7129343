// Package calls tells those who capture what they are told by others, a log handler say,
// who called them, and whether that was the client itself: each capture would cause the next.
package calls

import (
	"path"
	"reflect"
	"runtime"
	"strings"
)

// maxFrames is how far up a stack Stack looks.
const maxFrames = 512

// Stack returns the program counters of the stack, from the caller of its caller's caller on.
func Stack() []uintptr {
	const skip = 4 // runtime.Callers, Stack, its caller and that one's
	stack := make([]uintptr, 64)
	n := runtime.Callers(skip, stack)
	for n == len(stack) && n < maxFrames {
		stack = make([]uintptr, 2*n)
		n = runtime.Callers(skip, stack)
	}
	return stack[:n]
}

// client is the package of the client.
var client = path.Dir(path.Dir(reflect.TypeFor[anchor]().PkgPath()))

type anchor struct{}

// OfClient reports whether a function, named as runtime.Frame names it, is the client's own.
func OfClient(function string) bool { return strings.HasPrefix(function, client+".") }

// OfLoop reports whether a function is one from which the client calls the user's code on
// goroutines of its own: callbacks, Config.Transport, Config.DefinitionCache.
func OfLoop(function string) bool {
	return strings.HasPrefix(function, client+".(*observer).") || strings.HasPrefix(function, client+"/internal/")
}
