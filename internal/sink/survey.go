package sink

import (
	"net/http"
	"net/url"
	"slices"
)

// noSurveys is the document of a project without surveys.
var noSurveys = []byte(`{"surveys":[]}`)

// SetSurveys makes doc what a request for surveys gets from now on, whatever it
// holds. Nil is the document of a project without surveys, as in the beginning.
func (s *Sink) SetSurveys(doc []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.surveys = slices.Clone(doc)
}

// surveysReply has the definitions of all surveys, which are public: the project key
// is enough.
func (s *Sink) surveysReply(req Request, c conditions) (reply, error) {
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(req.Query)
	if q.Get("token") == "" {
		return reply{}, refuse(http.StatusUnauthorized, "the query has no token")
	}
	if err := c.authorize(q.Get("token")); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	doc := s.surveys
	s.mu.Unlock()
	if doc == nil {
		doc = noSurveys
	}
	return reply{status: http.StatusOK, text: doc, contentType: isJSON}, nil
}

// SurveyRequests returns the last 10,000 requests for surveys, oldest first, refused
// ones included.
func (s *Sink) SurveyRequests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.surveyed.all()
}
