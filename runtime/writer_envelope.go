package runtime

import (
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/value"
)

// head writes everything before the first property.
func (w *Writer) head() {
	b := append(w.buf, `,{"event":`...)
	b = value.AppendString(b, w.name)
	w.nameEnd = len(b)
	if w.late == notLate {
		b = append(b, `,"distinct_id":`...)
		switch {
		case w.distinctID != "":
			b = value.AppendString(b, w.distinctID)
		case w.randomSet:
			b = value.AppendUUID(b, w.random)
		default:
			b = append(b, w.view.distinctID...)
		}
	}
	b = append(b, `,"uuid":`...)
	w.idAt = len(b) + 1
	b = value.AppendUUID(b, w.id)
	b = append(b, `,"timestamp":`...)
	if w.at.IsZero() {
		b = w.appendStamp(b)
	} else {
		b, _ = value.AppendTime(b, w.at)
	}
	w.buf = append(b, `,"properties":{`...)
}

// appendStamp appends w.micros as value.AppendTime would. The events of a second share
// all but their decimals, so the rest is kept.
func (w *Writer) appendStamp(b []byte) []byte {
	second, rest := w.micros/1e6, w.micros%1e6
	if second != w.stampSecond || second == 0 {
		var fresh [40]byte
		text, ok := value.AppendTime(fresh[:0], time.Unix(second, 0))
		if !ok {
			return append(b, text...) // a clock of the year 10000
		}
		w.stampSecond = second
		copy(w.stampText[:], text)
	}
	b = append(b, w.stampText[:]...)
	if rest > 0 {
		decimals := [...]byte{'.', 0, 0, 0, 0, 0, 0}
		for i := 6; i > 0; i-- {
			decimals[i] = byte('0' + rest%10)
			rest /= 10
		}
		n := len(decimals)
		for decimals[n-1] == '0' {
			n--
		}
		b = append(b, decimals[:n]...)
	}
	return append(b, 'Z', '"')
}

// twin appends the event a second time under its other name.
func (w *Writer) twin() {
	id := w.derivedUUID(w.id, w.spec.Twin)
	if w.spec.Idempotent > 0 && !w.idGiven {
		id = w.idempotentUUID(w.spec.Twin)
	}
	end := len(w.buf)
	b := append(w.buf, `,{"event":`...)
	b = value.AppendString(b, w.spec.Twin)
	at := len(b) + w.idAt - w.nameEnd
	b = append(b, b[w.nameEnd:end]...)
	value.PutUUID(b[at:], id)
	w.buf = b
	w.entries[1] = queue.Entry{UUID: id, Name: w.spec.Twin, End: len(b)}
}
