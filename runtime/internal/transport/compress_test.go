package transport

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// sample returns n events of about 500 bytes, in one piece each.
func sample(n int) [][]byte {
	pieces := make([][]byte, n)
	for i := range pieces {
		pieces[i] = fmt.Appendf(nil, `,{"uuid":"%v","event":"project created","distinct_id":"user_%06d","timestamp":"2026-08-01T10:00:%02d.%06dZ","properties":{`+
			`"$lib":"phgen-go","$lib_version":"0.1.0","$is_server":true,"$geoip_disable":true,"$os":"Linux","$go_version":"go1.26.8","$session_id":"%v",`+
			`"project_id":"%v","project_name":"Acme %d","members":%d,"referrer":"newsletter","plan":"team","region":"eu","route":"/orders","price":%d.5,"$groups":{"organization":"org_%d"}}}`,
			id(i), i*7919%1_000_000, i%60, i*104_729%1_000_000, id(i*31), id(i*17), i, i%13, i%97, i%7)
	}
	return pieces
}

// A compressed body is the plain one, also when several requests are compressed at once.
func TestCompress(t *testing.T) {
	for _, n := range []int{0, 1, 100, 10_000} {
		pieces := sample(n)
		want := bytes.Join(pieces, nil)
		for _, c := range []Compression{Gzip, Zstd, Deflate} {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					b := &body{pieces: pieces}
					b.compress(&codecs[c])
					var got bytes.Buffer
					_, _ = got.ReadFrom(b.reader())
					if !bytes.Equal(expand(t, codecs[c].name, got.Bytes()), want) {
						t.Errorf("%s of %d events: not what went in", codecs[c].name, n)
					}
					b.detach()
				})
			}
			wg.Wait()
		}
	}
}

// Deflate is zlib's frame, not the naked stream.
func TestDeflateFrame(t *testing.T) {
	b := &body{pieces: sample(1)}
	b.compress(&codecs[Deflate])
	if got := b.pieces[0][0]; got != 0x78 {
		t.Errorf("first byte %#x, want 0x78", got)
	}
}

// The writers that may be at work at once hold little, whatever the size of a body.
func TestCompressorsAreSmall(t *testing.T) {
	pieces := sample(10_000) // 5 MB
	for _, c := range []Compression{Gzip, Zstd, Deflate} {
		var before, after runtime.MemStats
		_ = codecs[c].writers.New() // what all of a kind share
		runtime.GC()
		runtime.ReadMemStats(&before)
		w := codecs[c].writers.New().(compressor)
		w.Reset(discard{})
		for _, p := range pieces {
			_, _ = w.Write(p)
		}
		_ = w.Close()
		runtime.GC()
		runtime.ReadMemStats(&after)
		size := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%s: %d KiB", codecs[c].name, size>>10)
		if size > 1<<20+1<<18 {
			t.Errorf("%s: a writer holds %d bytes, want at most 1.25 MiB", codecs[c].name, size)
		}
		runtime.KeepAlive(w)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkCompress(b *testing.B) {
	pieces := sample(100)
	plain := len(bytes.Join(pieces, nil))
	for _, c := range []Compression{Gzip, Zstd, Deflate} {
		b.Run(codecs[c].name, func(b *testing.B) {
			size := 0
			b.ReportAllocs()
			b.SetBytes(int64(plain))
			for b.Loop() {
				z := &body{pieces: pieces}
				z.compress(&codecs[c])
				size = 0
				for _, p := range z.pieces {
					size += len(p)
				}
				z.detach()
			}
			b.ReportMetric(float64(size), "wire-B")
		})
	}
}
