package exception

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestMapped(t *testing.T) {
	const maps = `00400000-00b16000 r-xp 00000000 fe:00 247026                     /srv/my app/shop
00b16000-01278000 r--p 00716000 fe:00 247026                     /srv/my app/shop
01278000-012ea000 rw-p 00e78000 fe:00 247026                     /srv/my app/shop
012ea000-03336000 rw-p 00000000 00:00 0
c000000000-c000400000 rw-p 00000000 00:00 0
zz-zz rw-p 00000000 00:00 0 /srv/my app/shop
00000000 /srv/my app/shop
7f0000000000-7f0000001000 r-xp 00000000 fe:00 1                  /lib/libc.so.6
7f0000002000-7f0000003000 r-xp 00000000 fe:00 2                  /srv/old (deleted)
`
	for _, tt := range []struct {
		file       string
		start, end uint64
	}{
		{"/srv/my app/shop", 0x400000, 0x12ea000},
		{"/lib/libc.so.6", 0x7f0000000000, 0x7f0000001000},
		{"/srv/old (deleted)", 0x7f0000002000, 0x7f0000003000},
		{"/srv/other", 0, 0},
	} {
		if start, end := mapped(strings.NewReader(maps), tt.file); start != tt.start || end != tt.end {
			t.Errorf("%s: got %#x to %#x, want %#x to %#x", tt.file, start, end, tt.start, tt.end)
		}
	}
}

// note encodes one note.
func note(order binary.AppendByteOrder, name, desc string, kind uint32) []byte {
	b := order.AppendUint32(nil, uint32(len(name)))
	b = order.AppendUint32(b, uint32(len(desc)))
	b = order.AppendUint32(b, kind)
	pad := func(s string) string { return s + strings.Repeat("\x00", -len(s)&3) }
	return append(append(b, pad(name)...), pad(desc)...)
}

func TestBuildIDNote(t *testing.T) {
	goID := note(binary.LittleEndian, "Go\x00\x00", "abc/def", 4)
	gnu := note(binary.LittleEndian, "GNU\x00", "12345", 3)
	for _, tt := range []struct {
		name  string
		notes []byte
		order binary.ByteOrder
		want  string
	}{
		{"alone", gnu, binary.LittleEndian, "12345"},
		{"behind another", append(append([]byte{}, goID...), gnu...), binary.LittleEndian, "12345"},
		{"big-endian", note(binary.BigEndian, "GNU\x00", "12345", 3), binary.BigEndian, "12345"},
		{"of another kind", note(binary.LittleEndian, "GNU\x00", "12345", 1), binary.LittleEndian, ""},
		{"of another owner", goID, binary.LittleEndian, ""},
		{"cut off", gnu[:len(gnu)-4], binary.LittleEndian, ""},
		{"without its padding", gnu[:len(gnu)-3], binary.LittleEndian, "12345"},
		{"of a monstrous size", append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0}, gnu...), binary.LittleEndian, ""},
		{"none", nil, binary.LittleEndian, ""},
	} {
		if got := string(buildIDNote(tt.notes, tt.order)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzBuildIDNote(f *testing.F) {
	f.Add(note(binary.LittleEndian, "GNU\x00", "12345", 3))
	f.Fuzz(func(t *testing.T, notes []byte) {
		buildIDNote(notes, binary.LittleEndian)
		buildIDNote(notes, binary.BigEndian)
	})
}
