package phai

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// How an exchange may end before the answer does.
var (
	errClosed    = errors.New("phai: the answer was closed before its end")
	errTruncated = errors.New("phai: the answer broke off")
	errMalformed = errors.New("phai: the answer is none of its API")
)

// An exchange is one request that passes through a transport, and its answer.
type exchange struct {
	api   traffic.API
	ctx   context.Context
	node  *node
	keep  bool // contents
	host  string
	url   string
	keys  []string
	start time.Time

	mu      sync.Mutex // guards what follows until ended
	request *traffic.Object
	answer  answer
	status  int
	first   time.Duration
	stop    func() bool // ends the wait for ctx
	ended   bool
}

// An answer reads what a model answers as it passes.
type answer interface {
	io.Writer
	Complete() bool // it has come to its end, whatever follows
	Started() bool  // the model has said something
	Response() traffic.Response
}

// sent takes what is read of the request.
func (x *exchange) sent(p []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.ended {
		_, _ = x.request.Write(p) // it has no errors
	}
}

// receive watches the body of resp, unless the request was no call, or this is no answer.
func (x *exchange) receive(resp *http.Response) {
	x.mu.Lock()
	defer x.mu.Unlock()
	noCall := x.request.Ended() && !x.api.IsRequest(x.request)
	if noCall || resp.Body == nil || resp.StatusCode/100 == 1 || resp.StatusCode/100 == 3 {
		x.ended = true
		return
	}
	x.status, x.answer = resp.StatusCode, x.newAnswer(resp)
	if x.ctx.Done() != nil {
		x.stop = context.AfterFunc(x.ctx, func() { x.end(x.ctx.Err()) })
	}
	resp.Body = &responseBody{resp.Body, x}
}

// newAnswer returns what reads the body of resp.
func (x *exchange) newAnswer(resp *http.Response) (a answer) {
	switch {
	case resp.StatusCode >= http.StatusBadRequest:
		a = failedAnswer{traffic.NewFailure(maxContent)}
	case isStream(resp.Header.Get("Content-Type")):
		a = x.api.NewStream(maxContent, x.keep)
	default:
		a = wholeAnswer{x.api.NewResponse(maxContent), x.api, x.keep}
	}
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return &packedAnswer{answer: a, encoding: encoding}
	}
	return a
}

// isStream reports whether a content type is that of server-sent events.
func isStream(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/event-stream")
}

// received takes what is read of the answer.
func (x *exchange) received(p []byte, err error) {
	x.mu.Lock()
	if x.ended {
		x.mu.Unlock()
		return
	}
	_, _ = x.answer.Write(p) // it has no errors
	if x.first == 0 && x.answer.Started() {
		x.first = elapsed(x.start)
	}
	complete := x.answer.Complete()
	x.mu.Unlock()
	switch {
	case complete:
		x.end(nil)
	case err != nil:
		x.end(err)
	}
}

// end captures the exchange, once. err is why nothing follows; nil or io.EOF if it need not.
func (x *exchange) end(err error) {
	x.mu.Lock()
	if x.ended {
		x.mu.Unlock()
		return
	}
	x.ended = true
	stop := x.stop
	x.mu.Unlock()
	if stop != nil {
		stop()
	}
	if x.api.IsRequest(x.request) {
		x.capture(err)
	}
}

// A wholeAnswer is an answer that is one object.
type wholeAnswer struct {
	*traffic.Object
	api  traffic.API
	keep bool
}

func (wholeAnswer) Started() bool { return false }

func (a wholeAnswer) Response() traffic.Response { return a.api.Response(a.Object, a.keep) }

// A failedAnswer is one whose status is that of an error.
type failedAnswer struct{ *traffic.Object }

func (failedAnswer) Started() bool { return false }

func (a failedAnswer) Response() traffic.Response {
	return traffic.Response{Failure: traffic.ReadFailure(a.Object), Complete: true}
}
