package phtest

import (
	"bytes"
	"encoding/json"
	"net/url"
)

// SetSurveys makes doc, PostHog's document of surveys or the list in it, what requests
// for surveys get from now on. Nil is a project without surveys, as in the beginning.
// What is no JSON fails the test at once; use [Server.Reply] with [On] and [Body] for an
// answer that a client must refuse.
func (s *Server) SetSurveys(doc []byte) {
	s.t.Helper()
	if doc = bytes.TrimSpace(doc); len(doc) == 0 {
		s.sink.SetSurveys(nil)
		return
	}
	if !json.Valid(doc) {
		s.t.Fatalf("phtest: surveys: the document is no JSON")
	}
	if doc[0] == '[' {
		doc = append(append([]byte(`{"surveys":`), doc...), '}')
	}
	s.sink.SetSurveys(doc)
}

// A SurveyRequest is one request for surveys.
type SurveyRequest struct {
	Token  string // the project key
	Status int    // of the reply; 0 if there was none
}

// SurveyRequests returns the requests for surveys, refused ones included, in the order
// of arrival: the last 10,000.
func (s *Server) SurveyRequests() []SurveyRequest {
	asked := s.sink.SurveyRequests()
	requests := make([]SurveyRequest, len(asked))
	for i, r := range asked {
		q, _ := url.ParseQuery(r.Query) // what is wrong with a query leaves the rest of it readable
		requests[i] = SurveyRequest{Token: q.Get("token"), Status: r.Status}
	}
	return requests
}
