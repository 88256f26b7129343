package exception

import (
	"encoding/hex"
	"runtime"
	"slices"
	"sync"

	"github.com/phgen/phgen/runtime/value"
)

// An Image is the executable in memory, and the identity under which its symbols may be
// uploaded to PostHog.
type Image struct {
	buildID []byte
	big     bool   // its byte order
	start   uint64 // address of its first byte
	end     uint64
	linked  uint64 // where the linker wanted it to start
	file    string
}

// executable is the running program's, nil if it has no identity.
var executable = sync.OnceValue(readImage)

func (i *Image) has(address uintptr) bool {
	return i.start <= uint64(address) && uint64(address) < i.end
}

// HasImages reports whether a frame refers to an image, once AppendList has appended all.
func (r *Report) HasImages() bool { return r.native }

// AppendImages appends the JSON of $debug_images.
func (r *Report) AppendImages(dst []byte) []byte { return executable().append(dst) }

func (i *Image) append(dst []byte) []byte {
	dst = append(dst, `[{"type":"elf","debug_id":`...)
	dst = value.AppendUUID(dst, i.debugID())
	dst = append(dst, `,"code_id":"`...)
	dst = hex.AppendEncode(dst, i.buildID)
	dst = appendAddress(append(dst, `","image_addr":`...), i.start)
	dst = append(dst, `,"image_size":`...)
	dst = value.AppendInt(dst, int64(i.end-i.start))
	dst = appendAddress(append(dst, `,"image_vmaddr":`...), i.linked)
	dst = append(dst, `,"code_file":`...)
	dst = value.AppendString(dst, cut(i.file, maxName))
	dst = append(dst, `,"arch":"`...)
	return append(append(dst, arch()...), `"}]`...)
}

// debugID returns the first 16 bytes of the build ID as a GUID, whose first three fields are
// numbers.
func (i *Image) debugID() (id [16]byte) {
	copy(id[:], i.buildID)
	if !i.big {
		slices.Reverse(id[0:4])
		slices.Reverse(id[4:6])
		slices.Reverse(id[6:8])
	}
	return id
}

func arch() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "386":
		return "x86"
	}
	return runtime.GOARCH
}
