package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	version    = 1
	headerSize = 40
	frameSize  = 18                // of a record in front of its payload
	lengthSize = 4                 // of its payload's length, which it begins with
	minPayload = 16 + 8 + 2        // an event without name and data
	maxName    = 1<<16 - 1         // of an event
	maxData    = 32 << 20          // of an event
	maxNumber  = 1<<numberBits - 1 // of a log
	maxPayload = minPayload + maxName + maxData
	minRecord  = frameSize + minPayload
)

var (
	magic      = [6]byte{'p', 'h', 's', 'p', 'o', 'l'}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	le         = binary.LittleEndian
)

// What a segment's header may be beyond good.
var (
	errFuture = errors.New("written by a later version")
	errHeader = errors.New("no segment of this log")
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// A header is the beginning of a segment.
type header struct {
	created time.Time
	first   uint64
	log     uint64
}

func (h header) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, magic[:]...)
	dst = le.AppendUint16(dst, version)
	dst = le.AppendUint32(dst, checksum(dst[start:]))
	dst = le.AppendUint64(dst, uint64(h.created.UnixMicro()))
	dst = le.AppendUint64(dst, h.first)
	dst = le.AppendUint64(dst, h.log)
	return le.AppendUint32(dst, checksum(dst[start+12:]))
}

// parseHeader reads the header of a segment. Its version has a checksum of its own, which
// stays the same in all versions: a flipped bit does not make a segment of the future.
func parseHeader(b []byte, log uint64) (header, error) {
	if len(b) < 12 || !bytes.Equal(b[:6], magic[:]) || le.Uint32(b[8:]) != checksum(b[:8]) {
		return header{}, errHeader
	}
	if le.Uint16(b[6:]) > version {
		return header{}, errFuture
	}
	if len(b) < headerSize || le.Uint32(b[36:]) != checksum(b[12:36]) {
		return header{}, errHeader
	}
	h := header{time.UnixMicro(int64(le.Uint64(b[12:]))), le.Uint64(b[20:]), le.Uint64(b[28:])}
	if h.log != log || h.first == 0 || h.first > maxNumber {
		return header{}, errHeader
	}
	return h, nil
}

// segmentName is the file name of the n-th segment.
func segmentName(n uint32, first uint64) string { return fmt.Sprintf("%08x-%016x.seg", n, first) }

func parseSegmentName(name string) (n uint32, first uint64, ok bool) {
	digits, isSegment := strings.CutSuffix(name, ".seg")
	a, b, _ := strings.Cut(digits, "-")
	x, errN := strconv.ParseUint(a, 16, 32)
	first, errFirst := strconv.ParseUint(b, 16, 64)
	n = uint32(x)
	return n, first, isSegment && errN == nil && errFirst == nil && name == segmentName(n, first)
}

// seedOf makes the checksums of a log's records its own.
func seedOf(log uint64) uint32 { return checksum(le.AppendUint64(nil, log)) }

// check is never zero for a length of zero, as a block of zeros is no record.
func check(length uint32) uint16 { return uint16((length^0x5bd1e995)*0x9e3779b1>>16) | 1 }

// appendRecord appends e, whose name and data are within bounds, as a record.
func appendRecord(dst []byte, seed uint32, number uint64, e *Event) []byte {
	start := len(dst)
	length := uint32(minPayload + len(e.Name) + len(e.Data))
	dst = le.AppendUint32(dst, length)
	dst = le.AppendUint16(dst, check(length))
	dst = append(dst, 0, 0, 0, 0)
	dst = le.AppendUint64(dst, number)
	dst = append(dst, e.UUID[:]...)
	dst = le.AppendUint64(dst, uint64(e.At.UnixMicro()))
	dst = le.AppendUint16(dst, uint16(len(e.Name)))
	dst = append(dst, e.Name...)
	dst = append(dst, e.Data...)
	le.PutUint32(dst[start+6:], crc32.Update(seed, castagnoli, dst[start+10:]))
	return dst
}

// A record is an event as it was read. Name and data are valid until the next is read.
type record struct {
	number uint64
	uuid   [16]byte
	at     time.Time
	name   []byte
	data   []byte
	offset int64 // where it begins
}

// frame reads the frame in b. The length of a payload that is sound is positive.
func frame(b []byte) (length int64) {
	n := le.Uint32(b)
	if le.Uint16(b[4:]) != check(n) || n < minPayload || n > maxPayload {
		return 0
	}
	return int64(n)
}

// parseRecord reads a whole record, and reports whether it is undamaged.
func parseRecord(b []byte, seed uint32) (record, bool) {
	if crc32.Update(seed, castagnoli, b[10:]) != le.Uint32(b[6:]) {
		return record{}, false
	}
	r := record{number: le.Uint64(b[10:]), at: time.UnixMicro(int64(le.Uint64(b[34:]))).UTC()}
	copy(r.uuid[:], b[18:])
	name, rest := int(le.Uint16(b[42:])), b[44:]
	if name > len(rest) {
		return record{}, false
	}
	r.name, r.data = rest[:name], rest[name:]
	return r, true
}

// A scanner reads the records of a segment in the order of the file.
type scanner struct {
	src   io.ReaderAt
	seed  uint32
	limit int64 // the segment's size; it may grow

	offset int64 // of the next record
	buf    []byte
	base   int64 // the offset of buf

	effort   int64  // bytes summed in vain while looking for a whole record, at most maxEffort
	trailing uint64 // records with a sound length, but damaged, behind the last whole one
	tail     int64  // where the last of all those ends
}

const (
	readSize  = 64 << 10
	maxEffort = 64 << 20 // bounds what data made to look like records can cost
)

func newScanner(src io.ReaderAt, seed uint32, limit int64) *scanner {
	return &scanner{src: src, seed: seed, limit: limit, offset: headerSize}
}

// next returns the next undamaged record. Without one, the offset stays behind the last.
func (s *scanner) next() (r record, ok bool, err error) {
	s.trailing, s.tail = 0, s.offset
	chained := true // every length since the last whole record was sound
	for at := s.offset; s.limit-at >= minRecord && s.effort <= maxEffort; {
		n, r, whole, err := s.record(at)
		if err != nil {
			return record{}, false, err
		}
		if whole {
			s.offset, s.trailing, s.tail = at+n, 0, at+n
			return r, true, nil
		}
		if chained && n > 0 {
			s.trailing++
			at += n
			s.tail = at
			continue
		}
		if chained { // look at every byte from the last whole record on
			chained, at = false, s.offset
		} else {
			s.effort += n
		}
		at = s.skipZeros(at + 1)
	}
	return record{}, false, nil
}

// skipZeros returns the first offset from at on, as far as the buffer reaches, at which a
// record can begin: no length is zero. Most of a pad is empty.
func (s *scanner) skipZeros(at int64) int64 {
	if at < s.base || at >= s.base+int64(len(s.buf)) {
		return at
	}
	b := s.buf[at-s.base:]
	n := 0
	for ; len(b)-n >= 8 && le.Uint64(b[n:]) == 0; n += 8 {
	}
	for ; n < len(b) && b[n] == 0; n++ {
	}
	return at + int64(max(n-lengthSize+1, 0)) // the last zeros may be the first bytes of a length
}

// record reads the record at an offset. n is its size, 0 if its length is unsound or leads
// beyond the end.
func (s *scanner) record(at int64) (n int64, r record, whole bool, err error) {
	b, err := s.bytes(at, frameSize)
	if b == nil {
		return 0, record{}, false, err
	}
	length := frame(b)
	if length == 0 || at+frameSize+length > s.limit {
		return 0, record{}, false, nil
	}
	n = frameSize + length
	if b, err = s.bytes(at, n); b == nil {
		return 0, record{}, false, err
	}
	r, whole = parseRecord(b, s.seed)
	r.offset = at
	return n, r, whole, nil
}

// bytes returns n bytes at an offset, which are before the limit; nil if they are not there.
func (s *scanner) bytes(at, n int64) ([]byte, error) {
	if at >= s.base && at+n <= s.base+int64(len(s.buf)) {
		return s.buf[at-s.base:][:n], nil
	}
	size := min(max(n, readSize), s.limit-at)
	if int64(cap(s.buf)) < size {
		s.buf = make([]byte, size)
	}
	k, err := s.src.ReadAt(s.buf[:size], at)
	s.buf, s.base = s.buf[:k], at
	if int64(k) < size {
		if err != nil && !errors.Is(err, io.EOF) {
			s.buf = s.buf[:0]
			return nil, err
		}
		s.limit = at + int64(k) // the file is shorter than it was
	}
	if int64(k) < n {
		return nil, nil
	}
	return s.buf[:n], nil
}
