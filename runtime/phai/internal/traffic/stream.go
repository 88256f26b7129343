package traffic

// maxPieces bounds the choices, blocks and tool calls that are told apart in one stream.
const maxPieces = 1024

// A Stream reads the server-sent events of one answer as they pass, and joins what they say.
type Stream struct {
	api     API
	keep    bool
	left    int // bytes of content that may still be kept
	scanner scanner
	started bool
	events  int

	response Response
	chat     chatStream
	items    itemStream
	blocks   blockStream
}

// NewStream returns a Stream that keeps at most limit bytes of content, and none without
// keep.
func (a API) NewStream(limit int, keep bool) *Stream {
	s := &Stream{api: a, keep: keep, left: limit}
	s.scanner = scanner{limit: limit, event: s.event}
	return s
}

// Write reads what comes next. It keeps nothing of p.
func (s *Stream) Write(p []byte) (int, error) {
	if s.response.Complete {
		return len(p), nil
	}
	return s.scanner.Write(p)
}

// Started reports whether the model has said anything.
func (s *Stream) Started() bool { return s.started }

// Complete reports whether the answer has come to its end, before which a stream may break
// off.
func (s *Stream) Complete() bool { return s.response.Complete }

// Response returns what has been read. Nothing can be written after it.
func (s *Stream) Response() Response {
	malformed := s.response.Malformed
	s.scanner.end()
	s.response.Malformed = malformed // an event that broke off says nothing of the others
	r := s.response
	r.Omitted += s.scanner.lost
	if s.events == 0 && s.scanner.strange {
		r.Malformed = true
	}
	if !s.keep {
		return r
	}
	switch s.api {
	case Chat:
		r.Output = s.chat.output()
	case Responses:
		if r.Output == nil {
			r.Output = s.items.output()
		}
	case Messages:
		r.Output = s.blocks.output()
	}
	return r
}

func (s *Stream) event(data []byte) {
	if s.response.Complete {
		return
	}
	s.events++
	var known bool // None has no events
	switch s.api {
	case Chat:
		known = s.chatEvent(data)
	case Responses:
		known = s.responsesEvent(data)
	case Messages:
		known = s.messagesEvent(data)
	}
	if !known {
		s.response.Malformed = true
	}
}

// A text is content of which the pieces are joined.
type text []byte

// add joins a piece, unless the content is as large as it may be.
func (s *Stream) add(t *text, piece string) {
	if piece == "" {
		return
	}
	s.started = true
	if !s.keep {
		return
	}
	if len(piece) > s.left {
		s.left = 0
		s.response.Omitted += int64(len(piece))
		return
	}
	s.left -= len(piece)
	*t = append(*t, piece...)
}

// raw keeps JSON of a part that is not joined of pieces.
func (s *Stream) raw(t *text, raw []byte) {
	*t = (*t)[:0]
	s.add(t, string(raw))
}

// identify notes what an event says of the whole answer.
func (s *Stream) identify(id, model string) {
	if id != "" {
		s.response.ID = name(id)
	}
	if model != "" {
		s.response.Model = name(model)
	}
}

// A place in a stream is found by the index that the provider gave it.
type indexed[T any] struct {
	places []int
	values []*T
}

// at returns the value at an index, new if there is none; nil if there are too many.
func (x *indexed[T]) at(index int) *T {
	for i := len(x.places) - 1; i >= 0; i-- {
		if x.places[i] == index {
			return x.values[i]
		}
	}
	if len(x.places) == maxPieces {
		return nil
	}
	v := new(T)
	x.places, x.values = append(x.places, index), append(x.values, v)
	return v
}
