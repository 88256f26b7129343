package exception

import (
	"bufio"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	noteBuildID = 3       // NT_GNU_BUILD_ID
	maxNotes    = 1 << 16 // bytes of notes that are read
)

// readImage reads the executable's identity. The linker gives it one by default.
func readImage() *Image {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil
	}
	defer maps.Close()
	i := &Image{file: strings.TrimSuffix(file, " (deleted)")}
	if i.start, i.end = mapped(maps, file); i.end == 0 {
		return nil
	}
	// This link is the file that was started, even if another one has its name now.
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // it is only read
	i.big = f.ByteOrder == binary.BigEndian
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			i.linked = p.Vaddr
			break
		}
	}
	if i.buildID = buildID(f); i.buildID == nil {
		return nil
	}
	return i
}

// mapped returns which addresses a file has, by the text of /proc/self/maps.
func mapped(maps io.Reader, file string) (start, end uint64) {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		line := lines.Text()
		slash := strings.IndexByte(line, '/')
		if slash < 0 || line[slash:] != file {
			continue
		}
		from, rest, _ := strings.Cut(line, "-")
		to, _, _ := strings.Cut(rest, " ")
		first, err := strconv.ParseUint(from, 16, 64)
		if err != nil {
			continue
		}
		last, err := strconv.ParseUint(to, 16, 64)
		if err != nil {
			continue
		}
		if end == 0 || first < start {
			start = first
		}
		end = max(end, last)
	}
	return start, end
}

// buildID returns the GNU build ID of f, or nil. Other linkers put it in a segment of notes;
// that of Go has one for its own alone.
func buildID(f *elf.File) []byte {
	for _, p := range f.Progs {
		if p.Type == elf.PT_NOTE {
			if id := buildIDNote(readNotes(p.ReaderAt, p.Filesz), f.ByteOrder); len(id) > 0 {
				return id
			}
		}
	}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_NOTE {
			if id := buildIDNote(readNotes(s.ReaderAt, s.Size), f.ByteOrder); len(id) > 0 {
				return id
			}
		}
	}
	return nil
}

func readNotes(r io.ReaderAt, size uint64) []byte {
	notes := make([]byte, min(size, maxNotes))
	n, _ := r.ReadAt(notes, 0) // what can be read may do
	return notes[:n]
}

// buildIDNote finds the build ID in a segment of notes.
func buildIDNote(notes []byte, order binary.ByteOrder) []byte {
	for len(notes) >= 12 {
		name, desc, kind := uint64(order.Uint32(notes)), uint64(order.Uint32(notes[4:])), order.Uint32(notes[8:])
		notes = notes[12:]
		descAt := (name + 3) &^ 3
		next := descAt + (desc+3)&^3
		if descAt+desc > uint64(len(notes)) {
			return nil
		}
		if kind == noteBuildID && string(notes[:name]) == "GNU\x00" {
			return notes[descAt : descAt+desc]
		}
		notes = notes[min(next, uint64(len(notes))):]
	}
	return nil
}
