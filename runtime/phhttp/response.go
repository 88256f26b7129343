package phhttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A response is an http.ResponseWriter that remembers the status.
type response struct {
	http.ResponseWriter
	status int // 0 until the answer has one
}

func (w *response) WriteHeader(status int) {
	// A status of 1xx announces another one, but for the last of its connection.
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.settle(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	w.settle(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// WriteString saves io.WriteString a copy.
func (w *response) WriteString(s string) (int, error) {
	w.settle(http.StatusOK)
	return io.WriteString(w.ResponseWriter, s)
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// settle remembers the first status, which is the one that counts.
func (w *response) settle(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) flush() {
	w.settle(http.StatusOK)
	w.ResponseWriter.(http.Flusher).Flush()
}

// flushError is flush for http.ResponseController, which would else take a Flusher at its
// word and miss the error.
func (w *response) flushError() error {
	w.settle(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		w.settle(http.StatusSwitchingProtocols)
	}
	return conn, rw, err
}

func (w *response) push(target string, opts *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, opts)
}

func (w *response) readFrom(src io.Reader) (int64, error) {
	w.settle(http.StatusOK)
	return w.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
}

// writer returns w with those of four optional interfaces that the server's own writer
// has. Each combination is a type, made of a smaller one and one method more; all are one
// pointer wide and so cost no allocation.
func (w *response) writer() http.ResponseWriter {
	const (
		flusher = 1 << iota
		hijacker
		pusher
		readerFrom
	)
	var has int
	if _, ok := w.ResponseWriter.(http.Flusher); ok {
		has |= flusher
	}
	if _, ok := w.ResponseWriter.(http.Hijacker); ok {
		has |= hijacker
	}
	if _, ok := w.ResponseWriter.(http.Pusher); ok {
		has |= pusher
	}
	if _, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		has |= readerFrom
	}
	switch has {
	case flusher:
		return wF{w}
	case hijacker:
		return wH{w}
	case pusher:
		return wP{w}
	case readerFrom:
		return wR{w}
	case flusher | hijacker:
		return wFH{wF{w}}
	case flusher | pusher:
		return wFP{wF{w}}
	case flusher | readerFrom:
		return wFR{wF{w}}
	case hijacker | pusher:
		return wHP{wH{w}}
	case hijacker | readerFrom:
		return wHR{wH{w}}
	case pusher | readerFrom:
		return wPR{wP{w}}
	case flusher | hijacker | pusher:
		return wFHP{wFH{wF{w}}}
	case flusher | hijacker | readerFrom:
		return wFHR{wFH{wF{w}}}
	case flusher | pusher | readerFrom:
		return wFPR{wFP{wF{w}}}
	case hijacker | pusher | readerFrom:
		return wHPR{wHP{wH{w}}}
	case flusher | hijacker | pusher | readerFrom:
		return wFHPR{wFHP{wFH{wF{w}}}}
	}
	return w
}

type (
	wF struct{ *response }
	wH struct{ *response }
	wP struct{ *response }
	wR struct{ *response }

	wFH struct{ wF }
	wFP struct{ wF }
	wFR struct{ wF }
	wHP struct{ wH }
	wHR struct{ wH }
	wPR struct{ wP }

	wFHP struct{ wFH }
	wFHR struct{ wFH }
	wFPR struct{ wFP }
	wHPR struct{ wHP }

	wFHPR struct{ wFHP }
)

func (w wF) Flush()            { w.flush() }
func (w wF) FlushError() error { return w.flushError() }

func (w wH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w wFH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w wP) Push(target string, opts *http.PushOptions) error   { return w.push(target, opts) }
func (w wFP) Push(target string, opts *http.PushOptions) error  { return w.push(target, opts) }
func (w wHP) Push(target string, opts *http.PushOptions) error  { return w.push(target, opts) }
func (w wFHP) Push(target string, opts *http.PushOptions) error { return w.push(target, opts) }

func (w wR) ReadFrom(src io.Reader) (int64, error)    { return w.readFrom(src) }
func (w wFR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w wHR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w wPR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w wFHR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w wFPR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w wHPR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w wFHPR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }
