package value

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// AppendUUID appends u as a string of 36 lower-case characters.
func AppendUUID(dst []byte, u [16]byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 38)[:at+38]
	dst[at], dst[at+37] = '"', '"'
	PutUUID(dst[at+1:at+37], u)
	return dst
}

// PutUUID writes the 36 characters of u into dst.
func PutUUID(dst []byte, u [16]byte) {
	d := (*[36]byte)(dst)
	put(d[0:2], u[0])
	put(d[2:4], u[1])
	put(d[4:6], u[2])
	put(d[6:8], u[3])
	d[8] = '-'
	put(d[9:11], u[4])
	put(d[11:13], u[5])
	d[13] = '-'
	put(d[14:16], u[6])
	put(d[16:18], u[7])
	d[18] = '-'
	put(d[19:21], u[8])
	put(d[21:23], u[9])
	d[23] = '-'
	put(d[24:26], u[10])
	put(d[26:28], u[11])
	put(d[28:30], u[12])
	put(d[30:32], u[13])
	put(d[32:34], u[14])
	put(d[34:36], u[15])
}

// put writes the two hexadecimal digits of b.
func put(dst []byte, b byte) {
	binary.LittleEndian.PutUint16(dst, hexPairs[b])
}

// hexPairs holds the two hexadecimal digits of every byte, first digit low.
var hexPairs = func() (pairs [256]uint16) {
	for i := range pairs {
		pairs[i] = uint16(hex[i>>4]) | uint16(hex[i&15])<<8
	}
	return pairs
}()

// AppendIP appends the canonical text of a: an IPv4 address inside IPv6 as IPv4,
// and no zone. The zero Addr becomes null.
func AppendIP(dst []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = a.Unmap().WithZone("").AppendTo(dst)
	return append(dst, '"')
}

// AppendTime appends t in RFC 3339 with zone Z and as many decimals as it needs.
// It appends null and returns false for a year outside 1 to 9999.
func AppendTime(dst []byte, t time.Time) ([]byte, bool) {
	sec := t.Unix()
	if sec < minUnix || sec > maxUnix {
		return append(dst, "null"...), false
	}
	dst = append(dst, '"')
	dst = AppendUnix(dst, sec, t.Nanosecond())
	return append(dst, '"'), true
}

// The seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const (
	minUnix = -62135596800
	maxUnix = 253402300799
)

// AppendUnix appends the moment sec seconds and nsec nanoseconds after 1970 as RFC
// 3339 without quotes. The year must lie between 1 and 9999.
func AppendUnix(dst []byte, sec int64, nsec int) []byte {
	sec -= minUnix // from here on nothing is negative
	days, rest := int(sec/86400), int(sec%86400)
	year, month, day := civil(days)
	start := len(dst)
	dst = slices.Grow(dst, 30)
	text := dst[start : start+30]
	putDate(text[:10], year, month, day)
	text[10] = 'T'
	put2(text[11:13], rest/3600)
	text[13] = ':'
	put2(text[14:16], rest/60%60)
	text[16] = ':'
	put2(text[17:19], rest%60)
	n := 19
	if nsec != 0 {
		text[19] = '.'
		digits := 9
		for nsec%10 == 0 {
			nsec /= 10
			digits--
		}
		for i := 19 + digits; i > 19; i-- {
			text[i] = byte('0' + nsec%10)
			nsec /= 10
		}
		n = 20 + digits
	}
	text[n] = 'Z'
	return dst[:start+n+1]
}

// AppendDate appends a calendar day as "2006-01-02". It returns false if there is no
// such day or its year lies outside 1 to 9999, and appends null if that form has no room
// for it.
func AppendDate(dst []byte, year int, month time.Month, day int) ([]byte, bool) {
	if year < 0 || year > 9999 || month < 0 || month > 99 || day < 0 || day > 99 {
		return append(dst, "null"...), false
	}
	start := len(dst)
	dst = slices.Grow(dst, 12)[:start+12]
	dst[start], dst[start+11] = '"', '"'
	putDate(dst[start+1:start+11], year, int(month), day)
	return dst, year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, int(month))
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// civil turns days since 0001-01-01 into a date of the Gregorian calendar. Years
// are counted from March, so that the leap day is a year's last.
func civil(days int) (year, month, day int) {
	days += 306 // to 0000-03-01
	era := days / 146097
	day = days % 146097
	y := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*y + y/4 - y/100
	m := (5*day + 2) / 153
	day -= (153*m+2)/5 - 1
	year = era*400 + y
	if month = m + 3; month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func putDate(dst []byte, year, month, day int) {
	_ = dst[9]
	put2(dst[0:2], year/100)
	put2(dst[2:4], year%100)
	dst[4] = '-'
	put2(dst[5:7], month)
	dst[7] = '-'
	put2(dst[8:10], day)
}

func put2(dst []byte, v int) {
	_ = dst[1]
	dst[0], dst[1] = byte('0'+v/10), byte('0'+v%10)
}
