package exception

import (
	"runtime"
	"strconv"

	"github.com/phgen/phgen/runtime/value"
)

const (
	maxFrames = 64  // of one stack, the innermost
	maxName   = 500 // characters of a path or the name of a function
)

// A Frame is one call of a stack.
type Frame struct {
	function, file string
	line           int

	address uintptr // to which the call returns; the same for a function and what is inlined into it
	entry   uintptr // of the function
	inline  bool
	native  bool // address and entry are known, and the function is one of the main image
}

// resolve names the calls of pcs, as runtime.Callers returns them.
func resolve(pcs []uintptr) []Frame {
	if len(pcs) == 0 {
		return nil
	}
	var frames []Frame
	calls := runtime.CallersFrames(pcs)
	for {
		f, more := calls.Next()
		if f.PC != 0 || f.Function != "" {
			frames = append(frames, Frame{
				function: f.Function, file: f.File, line: f.Line,
				address: f.PC + 1, entry: f.Entry, inline: f.Func == nil,
			})
		}
		if !more {
			break
		}
	}
	group(frames, executable())
	return frames
}

// group gives what is inlined into a function the address of that function's call, and finds
// out which frames the image has. A function whose own frame is missing is not native.
func group(frames []Frame, image *Image) {
	if image == nil {
		return
	}
	for start := 0; start < len(frames); {
		end := start
		for end < len(frames) && frames[end].inline && frames[end].entry != 0 && frames[end].entry == frames[start].entry {
			end++
		}
		if end == len(frames) || frames[end].inline || end > start && frames[end].entry != frames[start].entry {
			start = max(end, start+1)
			continue
		}
		address := frames[start].address
		for ; start <= end; start++ {
			f := &frames[start]
			f.address, f.native = address, image.has(address)
		}
	}
}

// innermost returns as many frames as one stack may have. It does not part what is inlined from
// the function that has it.
func innermost(frames []Frame) []Frame {
	n := len(frames)
	if n <= maxFrames {
		return frames
	}
	for n = maxFrames; n > 1 && frames[n-1].inline; {
		n--
	}
	return frames[:n]
}

// append appends the JSON of f.
func (f *Frame) append(dst []byte) []byte {
	platform := "go"
	if f.native {
		platform = "native"
	}
	dst = append(append(append(dst, `{"platform":"`...), platform...), `","filename":`...)
	dst = value.AppendString(dst, orUnknown(f.file))
	dst = append(dst, `,"lineno":`...)
	dst = strconv.AppendInt(dst, int64(max(f.line, 0)), 10)
	dst = append(dst, `,"function":`...)
	dst = value.AppendString(dst, orUnknown(f.function))
	dst = append(dst, `,"in_app":`...)
	dst = strconv.AppendBool(dst, self().inApp(f.function, f.file))
	dst = append(dst, `,"synthetic":false`...)
	if f.native {
		dst = append(dst, `,"lang":"go"`...)
		dst = appendAddress(append(dst, `,"instruction_addr":`...), uint64(f.address))
		dst = appendAddress(append(dst, `,"symbol_addr":`...), uint64(f.entry))
		dst = appendAddress(append(dst, `,"image_addr":`...), executable().start)
		dst = append(dst, `,"client_resolved":true`...)
		if f.inline {
			dst = append(dst, `,"inline":true`...)
		}
	}
	return append(dst, '}')
}

// orUnknown stands for a name that the program does not have. PostHog insists on one.
func orUnknown(name string) string {
	if name == "" {
		return "unknown"
	}
	return cut(name, maxName)
}

func appendAddress(dst []byte, address uint64) []byte {
	dst = strconv.AppendUint(append(dst, `"0x`...), address, 16)
	return append(dst, '"')
}
