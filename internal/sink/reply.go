package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A reply is what an endpoint says before a fault distorts it.
type reply struct {
	status      int
	text        []byte
	contentType string
	header      http.Header // nil: nothing but what every reply has
}

const (
	isJSON   = "application/json"
	isText   = "text/plain; charset=utf-8"
	isScript = "text/javascript; charset=utf-8"
)

// compose puts an answer together: what the endpoint says, and what the fault makes
// of it.
func (s *Sink) compose(r *http.Request, f Fault, says reply) answer {
	a := answer{status: says.status, delay: f.Delay, header: says.header}
	if a.header == nil {
		a.header = http.Header{}
	}
	text, contentType := says.text, says.contentType
	if f.Body != nil {
		text, contentType = f.Body, f.ContentType
	}
	times := int64(1)
	if f.Bomb > 0 {
		text, times = bombMember(), (f.Bomb+bombMemberBytes-1)/bombMemberBytes
		a.header.Set("Content-Encoding", "gzip")
	}
	bodyless := a.status == http.StatusNoContent || a.status == http.StatusNotModified
	if bodyless {
		text, contentType = nil, ""
	}
	a.length = times * int64(len(text))
	a.body = &stream{ctx: r.Context(), sink: s, chunk: text, left: a.length, drip: f.Drip, ending: f.Reply}
	switch {
	case f.Endless && len(text) > 0:
		a.body.left, a.length = math.MaxInt64, -1
	case !bodyless:
		a.header.Set("Content-Length", strconv.FormatInt(a.length, 10))
	}
	if f.Reply != Whole {
		a.body.left = min(a.body.left, max(f.ReplyBytes, 0))
	}
	if contentType != "" {
		a.header.Set("Content-Type", contentType)
	}
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	if f.Location != "" {
		a.header.Set("Location", f.Location)
	}
	return a
}

// reply is what a capture endpoint says with that status. cause, if there is one, is
// why the batch was refused.
func (b batch) reply(e endpoint, status int, cause error) reply {
	r := reply{status: status, contentType: isJSON}
	switch {
	case status/100 == 2 && e.v1:
		r.text = b.results()
	case status/100 == 2:
		r.text = []byte(`{"status":1}`)
	case e.v1:
		r.text = errorText(status, cause)
	case cause != nil:
		r.text, r.contentType = []byte(cause.Error()+"\n"), isText
	default:
		r.text, r.contentType = []byte(http.StatusText(status)+"\n"), isText
	}
	if status/100 == 2 && b.again() {
		r.header = http.Header{"Retry-After": {"1"}}
	}
	return r
}

// errorText is a v1 error: a code for programs, a description for people.
func errorText(status int, cause error) []byte {
	reply := struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{codeOf(status, cause), http.StatusText(status)}
	if cause != nil {
		reply.Description = cause.Error()
	}
	text, err := json.Marshal(reply)
	if err != nil { // strings do not fail
		return nil
	}
	return text
}

// codeOf is the code of a refusal, or the status's own text as one.
func codeOf(status int, cause error) string {
	if r := refusalOf(cause); r != nil && r.code != "" {
		return r.code
	}
	if text := http.StatusText(status); text != "" {
		return strings.ReplaceAll(strings.ToLower(text), " ", "_")
	}
	return "status_" + strconv.Itoa(status)
}

// results is the body of a v1 reply. Its keys are in the order of the batch.
func (b batch) results() []byte {
	text := make([]byte, 0, 16+64*len(b.events))
	text = append(text, `{"results":{`...)
	for i, v := range b.verdicts {
		if v.Result == Unmentioned {
			continue
		}
		if text[len(text)-1] != '{' {
			text = append(text, ',')
		}
		text = append(text, '"')
		text = append(text, b.events[i].UUID...)
		text = append(text, `":`...)
		object, err := json.Marshal(v)
		if err != nil { // strings do not fail
			return nil
		}
		text = append(text, object...)
	}
	return append(text, "}}"...)
}

// again reports whether the sender is asked to send an event again.
func (b batch) again() bool {
	for _, v := range b.verdicts {
		if v.Result == "retry" {
			return true
		}
	}
	return false
}

// bombMemberBytes is how much a bombMember holds.
const bombMemberBytes = 1 << 20

// bombMember is a gzip stream of blanks, a thousandth of their size. A gzip file may
// be any number of them.
var bombMember = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(bytes.Repeat([]byte{' '}, bombMemberBytes)) // writing to memory can not fail
	_ = z.Close()
	return out.Bytes()
})

// A stream is the body of a reply with whatever is wrong with it: chunk again and
// again until left bytes were read, then the ending.
type stream struct {
	ctx    context.Context
	sink   *Sink
	chunk  []byte
	at     int // in chunk
	left   int64
	drip   time.Duration
	ending Ending
}

// Read reads the body as a client of a real connection would.
func (b *stream) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, b.end()
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.drip > 0 {
		p = p[:1]
	}
	if err := b.sink.pause(b.ctx, b.drip); err != nil {
		return 0, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n := copy(p, b.chunk[b.at:])
	b.at = (b.at + n) % len(b.chunk)
	b.left -= int64(n)
	return n, nil
}

// end is the error at the end of the stream.
func (b *stream) end() error {
	switch b.ending {
	case Hung:
		return b.sink.hold(b.ctx)
	case Closed:
		return io.ErrUnexpectedEOF
	case Reset:
		return errReset
	}
	return io.EOF
}

// Close does nothing: the stream holds nothing.
func (b *stream) Close() error { return nil }

// send writes the stream. An error means that the reply is not whole.
func (b *stream) send(w http.ResponseWriter) error {
	out := http.NewResponseController(w)
	buffer := make([]byte, min(32<<10, max(len(b.chunk), 1)))
	for b.left > 0 {
		n, err := b.Read(buffer)
		if err != nil {
			return err
		}
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		if b.drip > 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	if b.ending == Whole {
		return nil
	}
	if err := out.Flush(); err != nil { // or the part before the break would never leave
		return err
	}
	return io.ErrUnexpectedEOF
}
