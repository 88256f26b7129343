package runtime

import (
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// String writes text: string, url, email, country, currency, locale.
func (w *Writer) String(p *Prop, v string) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = value.AppendString(w.buf, v)
	if p.Text == nil && p.Format == FormatNone && p.MaxBytes == 0 && !p.StripQuery &&
		uint8(p.PII)|p.Idempotent|uint8(w.marks) == 0 {
		return
	}
	w.text(p, v, start, at)
}

// text applies the rules of p to the text v, which is encoded at buf[at:].
func (w *Writer) text(p *Prop, v string, start, at int) {
	if w.marks&markRaw != 0 {
		return
	}
	w.checkText(p, v, at)
	if p.Idempotent != 0 {
		w.keep(p, w.buf[at:])
	}
	s := v
	if p.StripQuery {
		if i := strings.IndexAny(s, "?#"); i >= 0 {
			s = s[:i]
		}
	}
	if p.OnInvalid == Truncate && p.Text != nil && p.Text.MaxLength > 0 && len(s) > p.Text.MaxLength {
		s = firstRunes(s, p.Text.MaxLength)
	}
	if pii := w.pii(p); pii != nil {
		w.concealText(p, pii, s, at)
	} else if len(s) != len(v) {
		w.buf = value.AppendString(w.buf[:at], s)
	}
	w.cutOrKeep(p.Key, start)
}

func (w *Writer) checkText(p *Prop, v string, at int) {
	if r := p.Text; r != nil {
		if r.tooShort(v) {
			w.broken(p, "min_length", at)
		}
		if p.OnInvalid != Truncate && r.tooLong(v) {
			w.broken(p, "max_length", at)
		}
		if r.mismatches(v) {
			w.broken(p, "pattern", at)
		}
	}
	if p.Format != FormatNone && !p.Format.valid(v) {
		w.broken(p, p.Format.rule(), at)
	}
	if p.MaxBytes > 0 && len(w.buf)-at > p.MaxBytes {
		w.broken(p, "max_bytes", at)
	}
}

// Int writes an integer.
func (w *Writer) Int(p *Prop, v int64) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = value.AppendInt(w.buf, v)
	if rule := p.Ints.broken(v); rule != "" {
		w.broken(p, rule, at)
	}
	w.close(p, start, at)
}

// Float writes a number.
func (w *Writer) Float(p *Prop, v float64) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = value.AppendFloat(w.buf, v)
	if v-v != 0 {
		w.broken(p, "float", at)
	} else {
		w.bound(p, v, at)
		if w.truncates(p) {
			w.buf = appendCoarseFloat(w.buf[:at], v)
		}
	}
	w.close(p, start, at)
}

// bound checks a number.
func (w *Writer) bound(p *Prop, v float64, at int) {
	if r := p.Floats; r != nil {
		if v < r.Min {
			w.broken(p, "min", at)
		} else if v > r.Max {
			w.broken(p, "max", at)
		}
	}
}

// Bool writes a boolean.
func (w *Writer) Bool(p *Prop, v bool) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = appendBool(w.buf, v)
	w.close(p, start, at)
}

// Time writes a timestamp in RFC 3339, UTC.
func (w *Writer) Time(p *Prop, v time.Time) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	if v.IsZero() {
		w.unset(p, at)
	} else {
		dst, ok := value.AppendTime(w.buf, v)
		if w.buf = dst; !ok {
			w.broken(p, "timestamp", at)
		} else if w.truncates(p) {
			w.buf, _ = value.AppendTime(w.buf[:at], coarseTime(v))
		}
	}
	w.close(p, start, at)
}

// unset writes null for a value that nobody set.
func (w *Writer) unset(p *Prop, at int) {
	w.buf = append(w.buf, "null"...)
	w.broken(p, "unset", at)
}

// Date writes a calendar day.
func (w *Writer) Date(p *Prop, v Date) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	if v == (Date{}) {
		w.unset(p, at)
	} else {
		dst, ok := value.AppendDate(w.buf, v.Year, v.Month, v.Day)
		if w.buf = dst; !ok {
			w.broken(p, "date", at)
		}
		if w.truncates(p) && !isNull(w.buf[at:]) {
			w.buf, _ = value.AppendDate(w.buf[:at], v.Year, time.January, 1)
		}
	}
	w.close(p, start, at)
}

// Duration writes a number in p.Unit.
func (w *Writer) Duration(p *Prop, v time.Duration) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	unit := p.Unit.duration()
	w.buf = value.AppendDuration(w.buf, v, unit)
	if p.Floats != nil {
		w.bound(p, value.Quotient(int64(v), int64(unit)), at)
	}
	w.close(p, start, at)
}

// UUID writes a UUID.
func (w *Writer) UUID(p *Prop, v uuid.UUID) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	if v == (uuid.UUID{}) {
		w.unset(p, at)
	} else {
		w.buf = value.AppendUUID(w.buf, v)
	}
	w.close(p, start, at)
}

// IP writes an address.
func (w *Writer) IP(p *Prop, v netip.Addr) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	if !v.IsValid() {
		w.unset(p, at)
	} else {
		if w.truncates(p) {
			v = coarseIP(v)
		}
		w.buf = value.AppendIP(w.buf, v)
	}
	w.close(p, start, at)
}

// Money writes two keys: the amount in major units and the currency.
func (w *Writer) Money(p *Prop, v Money) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	if v.Currency == "" {
		w.unset(p, at)
	} else {
		w.buf = value.AppendMoney(w.buf, v.Minor, v.Currency)
		if !isCode(v.Currency, 3) {
			w.broken(p, "currency", at)
		}
	}
	if w.moneyCut(p, start, at) {
		return
	}
	start = w.second(p)
	if v.Currency == "" {
		w.buf = append(w.buf, "null"...)
	} else {
		w.buf = value.AppendString(w.buf, v.Currency)
	}
	w.cutOrKeep(p.Currency, start)
}

// moneyCut ends the amount of a money property and reports whether both of its keys
// are left out.
func (w *Writer) moneyCut(p *Prop, start, at int) bool {
	w.conceal(p, at)
	both := w.marks&markCut != 0
	w.cutOrKeep(p.Key, start)
	return both
}

// second begins the currency of a money property.
func (w *Writer) second(p *Prop) int {
	start := len(w.buf)
	w.key(p.Currency)
	if w.track && len(w.frames) == 0 {
		w.note(p.Currency, start)
	}
	return start
}

// JSON writes v as it is, white space removed.
func (w *Writer) JSON(p *Prop, v JSON) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	dst, ok := value.AppendJSON(w.buf, v)
	if w.buf = dst; !ok {
		w.buf = append(w.buf, "null"...)
		w.broken(p, "json", at)
	} else if p.MaxBytes > 0 && len(w.buf)-at > p.MaxBytes {
		w.broken(p, "max_bytes", at)
	}
	w.close(p, start, at)
}

// Enum writes value v of p.Enum; 0 is unset.
func (w *Writer) Enum(p *Prop, v uint8) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	switch {
	case v == 0:
		w.unset(p, at)
	case p.Enum == nil || int(v) > len(p.Enum.Values):
		w.buf = append(w.buf, "null"...)
		w.broken(p, "enum", at)
	default:
		w.buf = value.AppendString(w.buf, p.Enum.Values[v-1])
	}
	w.close(p, start, at)
}

// Const writes p.Const.
func (w *Writer) Const(p *Prop) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = append(w.buf, p.Const...)
	w.close(p, start, at)
}

// Null writes an explicit null.
func (w *Writer) Null(p *Prop) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.buf = append(w.buf, "null"...)
	if p.Currency == "" {
		w.close(p, start, at)
		return
	}
	if !w.moneyCut(p, start, at) {
		start = w.second(p)
		w.buf = append(w.buf, "null"...)
		w.cutOrKeep(p.Currency, start)
	}
}

// Unset writes a union of no variant: a violation, and null.
func (w *Writer) Unset(p *Prop) {
	if w.off {
		return
	}
	start := w.open(p)
	at := len(w.buf)
	w.unset(p, at)
	w.close(p, start, at)
}
