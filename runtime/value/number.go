package value

import (
	"math"
	"math/bits"
	"strconv"
	"time"
)

// AppendInt appends v.
func AppendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// AppendFloat appends v as encoding/json does: the shortest decimal that reads
// back as v, with an exponent below 1e-6 and from 1e21 on. NaN and the infinities,
// which JSON lacks, become null.
func AppendFloat(dst []byte, v float64) []byte {
	// Most numbers have at most three decimals. A decimal of at most 15 digits is the
	// only one of that length that reads back as its float64, and dividing two exact
	// integers rounds as reading does; so the digits are right without a search.
	if scaled := v * 1000; scaled > -1e15 && scaled < 1e15 {
		n := int64(math.RoundToEven(scaled))
		if float64(n)/1000 == v && (n != 0 || !math.Signbit(v)) {
			return appendDecimal(dst, n, 3, true)
		}
	}
	return appendFloat(dst, v, 64)
}

func appendFloat(dst []byte, v float64, size int) []byte {
	abs := math.Abs(v)
	if abs > math.MaxFloat64 || v != v {
		return append(dst, "null"...)
	}
	if abs == 0 || size == 64 && abs >= 1e-6 && abs < 1e21 || size == 32 && float32(abs) >= 1e-6 && float32(abs) < 1e21 {
		return strconv.AppendFloat(dst, v, 'f', -1, size)
	}
	dst = strconv.AppendFloat(dst, v, 'e', -1, size)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 to e-9
		dst = dst[:n-1]
	}
	return dst
}

// appendDecimal appends n / 10^digits, exactly. With trim it leaves out zeros that
// end the fraction.
func appendDecimal(dst []byte, n int64, digits int, trim bool) []byte {
	m := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		m = -m
	}
	whole, fraction := m, uint64(0)
	if digits > 0 {
		whole, fraction = m/powers[digits], m%powers[digits]
	}
	dst = strconv.AppendUint(dst, whole, 10)
	for trim && digits > 0 && fraction%10 == 0 {
		fraction /= 10
		digits--
	}
	if digits == 0 {
		return dst
	}
	var text [10]byte
	text[0] = '.'
	for i := digits; i > 0; i-- {
		text[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	return append(dst, text[:digits+1]...)
}

var powers = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// AppendDuration appends d as a number of units. Up to a unit of one second, which
// must be a power of ten nanoseconds, the number is exact; beyond, it is the nearest
// float64.
func AppendDuration(dst []byte, d, unit time.Duration) []byte {
	switch unit {
	case time.Nanosecond:
		return AppendInt(dst, int64(d))
	case time.Microsecond:
		return appendDecimal(dst, int64(d), 3, true)
	case time.Millisecond:
		return appendDecimal(dst, int64(d), 6, true)
	case time.Second:
		return appendDecimal(dst, int64(d), 9, true)
	}
	return AppendFloat(dst, Quotient(int64(d), int64(unit)))
}

// Quotient returns the float64 nearest to n/d; d is positive.
func Quotient(n, d int64) float64 {
	m := uint64(n)
	if n < 0 {
		m = -m
	}
	q := float64(m) / float64(d) // both exact up to 2^53, so rounded once
	if m > 1<<53 {
		// A quotient of 63 bits, the last of which also stands for any rest, is
		// rounded to the nearest float64 by the conversion alone.
		shift := bits.LeadingZeros64(m) + bits.Len64(uint64(d)) - 1
		hi, lo := m>>max(64-shift, 0), m<<shift
		if shift > 64 {
			hi = m << (shift - 64)
		}
		quo, rest := bits.Div64(hi, lo, uint64(d))
		if rest != 0 {
			quo |= 1
		}
		q = math.Ldexp(float64(quo), -shift)
	}
	if n < 0 {
		return -q
	}
	return q
}

// AppendMoney appends an amount of minor units (cents) as a decimal number of major
// units with the digits that ISO 4217 gives the currency, two if it is unknown.
func AppendMoney(dst []byte, minor int64, currency string) []byte {
	return appendDecimal(dst, minor, MinorDigits(currency), false)
}

// MinorDigits returns the number of decimals of an ISO 4217 currency: 2 if unknown.
func MinorDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
		"UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}
