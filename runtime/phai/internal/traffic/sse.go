package traffic

import "bytes"

// A scanner reads server-sent events as they pass and calls event with the data of each.
// Data larger than limit is lost.
type scanner struct {
	limit int
	event func(data []byte)

	line    []byte // the start of a line whose end has not come
	data    []byte
	some    bool // the event has data
	long    bool // the event is larger than limit
	cr      bool // the last byte was a carriage return
	begun   bool // a byte order mark can not come any more
	strange bool // a line is of no event
	lost    int64
	spilled bool // the line is larger than limit: the rest of it is skipped
}

// maxKept is the largest buffer that is kept for the next event.
const maxKept = 64 << 10

var byteOrderMark = []byte("\xef\xbb\xbf")

// Write reads what comes next. It keeps nothing of p.
func (s *scanner) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if s.cr && p[0] == '\n' {
			s.cr, p = false, p[1:]
			continue
		}
		s.cr = false
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			s.hold(p)
			break
		}
		line := p[:i]
		if len(s.line) > 0 || s.spilled || len(line) > s.limit {
			s.hold(line)
			line = s.line
		}
		s.cr = p[i] == '\r'
		p = p[i+1:]
		s.endLine(line)
	}
	return n, nil
}

// hold keeps the start of a line.
func (s *scanner) hold(p []byte) {
	if s.spilled || len(s.line)+len(p) > s.limit {
		s.lost += int64(len(s.line)) + int64(len(p))
		s.spilled, s.long, s.line = true, true, nil
		return
	}
	s.line = append(s.line, p...)
}

// endLine takes a line. Only data counts: events say themselves what they are.
func (s *scanner) endLine(line []byte) {
	defer func() {
		s.spilled = false
		if s.line = s.line[:0]; cap(s.line) > maxKept {
			s.line = nil
		}
	}()
	if !s.begun {
		s.begun = true
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if s.spilled {
		return
	}
	if len(line) == 0 {
		s.dispatch()
		return
	}
	field, value, _ := bytes.Cut(line, []byte{':'})
	switch string(field) {
	case "data":
	case "", "event", "id", "retry":
		return
	default:
		s.strange = true
		return
	}
	value = bytes.TrimPrefix(value, []byte{' '})
	if len(s.data)+len(value) >= s.limit {
		s.lost += int64(len(s.data)) + int64(len(value))
		s.long, s.data = true, nil
		return
	}
	if s.some {
		s.data = append(s.data, '\n')
	}
	s.data, s.some = append(s.data, value...), true
}

// dispatch ends an event.
func (s *scanner) dispatch() {
	if s.some && !s.long {
		s.event(s.data)
	}
	s.some, s.long = false, false
	if s.data = s.data[:0]; cap(s.data) > maxKept {
		s.data = nil
	}
}

// end takes what has come of an event whose end never came.
func (s *scanner) end() {
	if len(s.line) > 0 {
		s.endLine(s.line)
	}
	s.dispatch()
}
