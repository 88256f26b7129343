package devserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/flagset"
)

type flagsDoc struct {
	Flags []dev.FlagRow `json:"flags"`
}

func (s *Server) flags(w http.ResponseWriter, _ *http.Request, _ *query) error {
	return reply(w, http.StatusOK, flagsDoc{s.config.Flags.Rows()})
}

// setFlag sets a flag; whoever asks for flags after the reply meets the new value.
func (s *Server) setFlag(w http.ResponseWriter, r *http.Request, _ *query) error {
	key := r.PathValue("key")
	var in struct {
		Value  json.RawMessage `json:"value"`
		Person string          `json:"person"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Value == nil {
		return refuse(http.StatusBadRequest, `the body has no "value"; give one, or null to take back what was set`)
	}
	var value any
	if err := json.Unmarshal(in.Value, &value); err != nil { // it was JSON a moment ago
		return fmt.Errorf("reading value: %w", err)
	}
	err := s.config.Flags.Set(key, value, in.Person)
	switch {
	case errors.Is(err, flagset.ErrUnknownFlag):
		return refuse(http.StatusNotFound, "%v", err)
	case err != nil:
		return refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	s.publishFlags()
	rows := s.config.Flags.Rows()
	i := slices.IndexFunc(rows, func(row dev.FlagRow) bool { return row.Key == key })
	if i < 0 {
		return refuse(http.StatusNotFound, "flag %.100q was taken out of the plan at this moment; /api/flags has those that there are", key)
	}
	return reply(w, http.StatusOK, rows[i])
}

// A faultDoc is the fault spec and what of it goes on.
type faultDoc struct {
	Spec   string      `json:"spec"`
	Active []faultPart `json:"active"`
}

type faultPart struct {
	Text string `json:"text"`
	Left int64  `json:"left_ms,omitempty"` // 0: until another spec is set
}

func (s *Server) faultState() faultDoc {
	doc := faultDoc{Spec: s.faults.Spec(), Active: []faultPart{}}
	for _, a := range s.faults.Active() {
		left := (a.Left + time.Millisecond - 1).Milliseconds() // 0 would be for ever
		doc.Active = append(doc.Active, faultPart{a.Text, left})
	}
	return doc
}

func (s *Server) fault(w http.ResponseWriter, _ *http.Request, _ *query) error {
	return reply(w, http.StatusOK, s.faultState())
}

func (s *Server) setFault(w http.ResponseWriter, r *http.Request, _ *query) error {
	var in struct {
		Spec *string `json:"spec"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Spec == nil {
		return refuse(http.StatusBadRequest, `the body has no "spec"; give one, or "" to end all faults`)
	}
	if err := s.faults.Set(*in.Spec); err != nil {
		return refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	select {
	case s.hub.poke <- struct{}{}:
	default: // it has been told and did not look yet
	}
	return reply(w, http.StatusOK, s.faultState())
}

// maxBody bounds the body of a request to the API.
const maxBody = 64 << 10

// readJSON reads a body that is one JSON object with no fields but those of v.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes; send less", maxBody)
	case err != nil:
		return refuse(http.StatusBadRequest, "reading the body: %v; send it again", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refuse(http.StatusBadRequest, "the body cannot be read (%.200v); /api/openapi.json tells what it must be", err)
	}
	if d.More() {
		return refuse(http.StatusBadRequest, "something follows the JSON of the body; send one object")
	}
	return nil
}
