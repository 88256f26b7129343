package exception

import (
	"reflect"
	"runtime"
	"strings"
)

// maxCallers is how many calls are looked at for those of a stack: frames of ours, and of
// the runtime's between a panic and its recovery, come on top.
const maxCallers = 2 * maxFrames

// Callers returns the calls that led here, from the first that is the program's own.
func Callers() []Frame { return Stack(callers()) }

// Stack names the calls of pcs, as runtime.Callers returns them. Those of this library and of
// log/slog, through which it is called, are left out at the top.
func Stack(pcs []uintptr) []Frame {
	frames := resolve(pcs[:min(len(pcs), maxCallers)])
	for i := range frames {
		if f := &frames[i]; !f.ours() && packageOf(f.function) != "log/slog" {
			return frames[i:]
		}
	}
	return frames
}

// A Raiser is who raised a panic.
type Raiser uint8

// The raisers.
const (
	Nobody  Raiser = iota // there is no panic
	Program               // with no other panic under way
	Again                 // a deferred function, while another panic was under way, maybe with the same value
	Runtime               // package runtime, as it does with what it has captured
)

// PanicCallers returns the calls that led to the panic that is being recovered from, and who
// raised it. If this library did, to a panic of the program's, they are those that led to that
// one. Without a panic they are those that led here.
func PanicCallers() (frames []Frame, raiser Raiser) {
	all := resolve(callers())
	for i := range all {
		if all[i].function != "runtime.gopanic" {
			continue
		}
		if frames != nil {
			return frames, max(raiser, Again)
		}
		at := i + 1
		for at < len(all) && isRuntime(all[at].function) {
			at++
		}
		switch {
		case at == len(all):
		case !all[at].ours():
			frames, raiser = all[at:], max(raiser, Program)
		case packageOf(all[at].function) == library:
			raiser = Runtime
		default:
			raiser = max(raiser, Again)
		}
	}
	if frames == nil {
		return Stack(callers()), raiser
	}
	return frames, raiser
}

func callers() []uintptr {
	pcs := make([]uintptr, maxCallers)
	return pcs[:runtime.Callers(3, pcs)]
}

// ours reports whether f is a function of this library, and none of its tests.
func (f *Frame) ours() bool {
	return isLibrary(packageOf(f.function)) && !strings.HasSuffix(f.file, "_test.go")
}

// isRuntime reports whether a function is one that Go puts between a mistake and its panic.
func isRuntime(function string) bool {
	pkg := packageOf(function)
	return pkg == "runtime" || strings.HasPrefix(pkg, "internal/runtime/")
}

// carried returns the stack that err itself carries, as the errors of many packages do.
func carried(err error) (frames []Frame) {
	defer func() {
		if recover() != nil {
			frames = nil
		}
	}()
	switch err := err.(type) { //nolint:errorlint // its own stack
	case interface{ Callers() []uintptr }:
		return resolve(bounded(err.Callers()))
	case interface{ StackFrames() []uintptr }:
		return resolve(bounded(err.StackFrames()))
	case interface{ StackFrames() []runtime.Frame }:
		return named(err.StackFrames())
	}
	// The slice that StackTrace returns is of a type of the error's package. The name is a
	// constant, for else the linker would keep every method of the program.
	method := reflect.ValueOf(err).MethodByName("StackTrace")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return nil
	}
	out := method.Type().Out(0)
	if out.Kind() != reflect.Slice {
		return nil
	}
	if out == reflect.TypeFor[[]runtime.Frame]() {
		return named(method.Call(nil)[0].Interface().([]runtime.Frame))
	}
	if out.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	stack := method.Call(nil)[0]
	pcs := make([]uintptr, min(stack.Len(), maxFrames))
	for i := range pcs {
		pcs[i] = uintptr(stack.Index(i).Uint())
	}
	return resolve(pcs)
}

func bounded(pcs []uintptr) []uintptr { return pcs[:min(len(pcs), maxFrames)] }

// named takes frames that have their names already.
func named(calls []runtime.Frame) []Frame {
	var frames []Frame
	for _, f := range calls[:min(len(calls), maxFrames)] {
		frames = append(frames, Frame{function: f.Function, file: f.File, line: f.Line})
	}
	return frames
}
