package exception

import (
	"encoding/hex"
	"testing"

	"github.com/google/uuid"
)

func TestDebugImage(t *testing.T) {
	id, err := hex.DecodeString("0ddffb0abb08b98c3b85da75e6260488f5c18fc9")
	if err != nil {
		t.Fatal(err)
	}
	i := Image{buildID: id, start: 0x400000, end: 0x500000, linked: 0x1000, file: `/srv/"shop"`}
	want := `[{"type":"elf","debug_id":"0afbdf0d-08bb-8cb9-3b85-da75e6260488","code_id":"0ddffb0abb08b98c3b85da75e6260488f5c18fc9",` +
		`"image_addr":"0x400000","image_size":1048576,"image_vmaddr":"0x1000","code_file":"/srv/\"shop\"","arch":"` + arch() + `"}]`
	if got := string(i.append(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDebugID(t *testing.T) {
	for _, tt := range []struct {
		buildID []byte
		big     bool
		want    string
	}{
		{[]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, false, "04030201-0605-0807-090a-0b0c0d0e0f10"},
		{[]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, true, "01020304-0506-0708-090a-0b0c0d0e0f10"},
		{[]byte{1, 2}, false, "00000201-0000-0000-0000-000000000000"},
	} {
		i := Image{buildID: tt.buildID, big: tt.big}
		if got := uuid.UUID(i.debugID()).String(); got != tt.want {
			t.Errorf("%v, big-endian %v: got %s, want %s", tt.buildID, tt.big, got, tt.want)
		}
	}
}
