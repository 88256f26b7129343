package runtime

import (
	"bytes"
	"crypto/sha256"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

// pii returns the row whose action hides the value of p: its own, or that of the array
// or map it is an item of. Nil if it may be seen.
func (w *Writer) pii(p *Prop) *Prop {
	if p.PII != PIIAllow {
		return p
	}
	if p.Key == "" && w.marks&markPII != 0 {
		return w.listPII()
	}
	return nil
}

// listPII returns the row of the innermost frame if that is an array or map whose
// items are hidden.
func (w *Writer) listPII() *Prop {
	if n := len(w.frames); n > 0 {
		f := &w.frames[n-1]
		if (f.kind == frameArray || f.kind == frameMap) && f.prop.PII != PIIAllow {
			return f.prop
		}
	}
	return nil
}

// truncates reports whether the value of p is to be made coarser.
func (w *Writer) truncates(p *Prop) bool {
	if p.PII != PIITruncate && w.marks&markPII == 0 || w.marks&markRaw != 0 {
		return false
	}
	pii := w.pii(p)
	return pii != nil && pii.PII == PIITruncate
}

// conceal hides the scalar at buf[at:], which is no text. Null stays null. Truncation
// was done where the value was encoded.
func (w *Writer) conceal(p *Prop, at int) {
	pii := w.pii(p)
	if pii == nil {
		return
	}
	switch pii.PII {
	case PIIDrop:
		w.marks |= markCut
	case PIIHash:
		if json := w.buf[at:]; !isNull(json) {
			w.hash(pii, bytes.Trim(json, `"`), at)
		}
	case PIIMask: // of no type but text, so nothing may be shown
		if !isNull(w.buf[at:]) {
			w.buf = append(w.buf[:at], `"***"`...)
		}
	}
}

// concealText hides the text s of p, which is encoded at buf[at:], as pii says.
func (w *Writer) concealText(p, pii *Prop, s string, at int) {
	s = value.Clean(s)
	switch pii.PII {
	case PIIDrop:
		w.marks |= markCut
	case PIIHash:
		w.side = append(w.side, s...)
		text := w.side[len(w.side)-len(s):]
		if p.Format == FormatEmail || pii.PIIKind == "email" {
			lower(text)
		}
		w.side = w.side[:len(w.side)-len(s)]
		w.hash(pii, text, at)
	case PIIMask:
		w.buf = appendMasked(w.buf[:at], s, p.Format == FormatEmail)
	case PIITruncate:
		keep := pii.Keep
		if keep <= 0 {
			keep = 3
		}
		w.buf = value.AppendString(w.buf[:at], firstRunes(s, keep))
	}
}

// lower lower-cases ASCII.
func lower(text []byte) {
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			text[i] = c | 0x20
		}
	}
}

// hash replaces buf[at:] by the first half of HMAC-SHA-256(PIIKey, kind NUL text).
// Without a key the value is left out: an unkeyed hash of an address is a guess away
// from the address.
func (w *Writer) hash(pii *Prop, text []byte, at int) {
	if w.client == nil && w.mode != modeContext {
		return // checking, not sending
	}
	var key []byte
	if w.client != nil {
		key = w.client.cfg.PIIKey
	}
	if len(key) == 0 {
		w.record(violation{Violation: Violation{w.name, w.path(pii), rulePIIKey}})
		if pii.Key == "" || w.listPII() == pii {
			w.dropTop = true
		}
		w.marks |= markCut
		return
	}
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var inner, outer [sha256.BlockSize]byte
	for i := range inner {
		inner[i], outer[i] = 0x36, 0x5c
	}
	for i, b := range key {
		inner[i] ^= b
		outer[i] ^= b
	}
	// text may lie right behind side, where b grows: so b begins behind it.
	start := len(w.side) + len(text)
	b := append(w.side, text...)
	b = append(b, inner[:]...)
	b = append(b, pii.PIIKind...)
	b = append(b, 0)
	b = append(b, b[start-len(text):start]...)
	sum := sha256.Sum256(b[start:])
	b = append(b[:start], outer[:]...)
	b = append(b, sum[:]...)
	sum = sha256.Sum256(b[start:])
	w.side = b[:start-len(text)]
	w.buf = append(w.buf[:at], '"')
	for _, c := range sum[:16] {
		w.buf = append(w.buf, hexDigits[c>>4], hexDigits[c&15])
	}
	w.buf = append(w.buf, '"')
}

const hexDigits = "0123456789abcdef"

// appendMasked appends an e-mail address as its first character, *** and its domain;
// any other text as *** and its last four characters, if it has eight.
func appendMasked(dst []byte, s string, email bool) []byte {
	shown := "***"
	if email {
		if i := strings.LastIndexByte(s, '@'); i >= 0 {
			_, first := utf8.DecodeRuneInString(s[:i])
			shown = s[:first] + "***" + s[i:]
		}
	} else if utf8.RuneCountInString(s) >= 8 {
		shown = "***" + lastRunes(s, 4)
	}
	return value.AppendString(dst, shown)
}

// lastRunes returns the last n code points of s.
func lastRunes(s string, n int) string {
	at := len(s)
	for ; n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return s[at:]
}

// coarseIP returns the network of a: /24, or /48 for IPv6.
func coarseIP(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	network, err := a.Prefix(bits)
	if err != nil {
		return netip.Addr{}
	}
	return network.Addr()
}

// coarseTime returns the first moment of t's year in UTC.
func coarseTime(t time.Time) time.Time {
	return time.Date(t.UTC().Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
}

// appendCoarseFloat appends v cut to one decimal. It cuts the decimal digits, since
// the product of v and ten may round up to the next.
func appendCoarseFloat(dst []byte, v float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	point := bytes.IndexByte(dst[start:], '.')
	if point < 0 {
		return value.AppendFloat(dst[:start], v)
	}
	end := start + point + 2
	if dst[end-1] == '0' {
		end -= 2
	}
	dst = dst[:end]
	if string(dst[start:]) == "-0" {
		return append(dst[:start], '0')
	}
	return dst
}
