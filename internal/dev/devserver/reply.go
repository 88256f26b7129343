package devserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A refusal is an error with a status of HTTP. Its text says what to do about it.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

// An errorBody is the JSON of every error.
type errorBody struct {
	Error string `json:"error"`
}

// statusOf returns that of a refusal, or 500.
func statusOf(err error) int {
	var r *refusal
	if errors.As(err, &r) {
		return r.status
	}
	return http.StatusInternalServerError
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	protect(w.Header())
	_ = reply(w, statusOf(err), errorBody{err.Error()}) // text always has its JSON
}

// reply answers with the JSON of v. An error means that v has none, and that nothing was
// sent.
func reply(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, status, "application/json", append(body, '\n'))
	return nil
}

// send answers with a body, which its reader must have taken within writeWithin.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	out := &timedWriter{ResponseWriter: w}
	w.WriteHeader(status)
	_, _ = out.Write(body) // whoever has gone needs no answer, and HEAD has none
	out.done()
}

// protect sets what every reply of the server's own paths has.
func protect(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// A timedWriter gives each write a deadline of its own. Without a connection, as in tests,
// there is none.
type timedWriter struct {
	http.ResponseWriter
}

// Write writes within writeWithin.
func (w *timedWriter) Write(p []byte) (int, error) {
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(writeWithin))
	return w.ResponseWriter.Write(p)
}

// done sends what was written and leaves the connection without a deadline: the next reply
// on it may be the sink's, which a fault delays.
func (w *timedWriter) done() {
	conn := http.NewResponseController(w.ResponseWriter)
	_ = conn.Flush() // its error is that of the connection, which ends by it
	_ = conn.SetWriteDeadline(time.Time{})
}
