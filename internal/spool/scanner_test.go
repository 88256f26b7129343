package spool

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// padOf is what a pad holds: records with so many bytes of data, zeros of those lengths in
// front of each and behind the last, and where the records begin.
func padOf(seed uint32, zeros, data []int) (pad []byte, begin []int64) {
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	pad = header{at, 1, 1}.append(nil)
	for i, n := range data {
		pad = append(pad, make([]byte, zeros[i])...)
		begin = append(begin, int64(len(pad)))
		pad = appendRecord(pad, seed, uint64(i+1), &Event{Name: "e", At: at, Data: bytes.Repeat([]byte{'a'}, n)})
	}
	return append(pad, make([]byte, zeros[len(data)])...), begin
}

// Records are found behind any number of zeros, those whose length begins with zeros too.
func TestScannerSkipsZeros(t *testing.T) {
	seed := seedOf(1)
	short := minPayload + len("e") // without data
	for gap := range 70 {
		sizes := []int{0, 7, 256 - short, 512 - short, 65536 - short, 1, 256 - short}
		zeros := []int{gap, 0, gap, 1, gap, gap + readSize, gap, 3 * gap}
		pad, want := padOf(seed, zeros, sizes)
		all, err := landingsOf(bytes.NewReader(pad), seed, int64(len(pad)))
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, l := range all {
			got = append(got, l.offset)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d zeros (-want +got):\n%s", gap, diff)
		}
	}
}

// A process that died early leaves an almost empty pad.
func BenchmarkEmptyPad(b *testing.B) {
	pad, _ := padOf(seedOf(1), []int{0, 0, 512 << 10}, []int{400, 400})
	src := bytes.NewReader(slices.Clip(pad))
	b.SetBytes(int64(len(pad)))
	for b.Loop() {
		if all, err := landingsOf(src, seedOf(1), int64(len(pad))); err != nil || len(all) != 2 {
			b.Fatal(len(all), err)
		}
	}
}
