package phtest

import (
	"github.com/phgen/phgen/internal/flaganswer"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// SetDefinitions makes doc, PostHog's document for local evaluation, the definitions
// from now on, under an ETag of its own. Nil is a project without flags, as in the
// beginning. Requests for values are answered by evaluating doc, too: for a person
// who has the properties that kept events have set, and for groups that have none, but
// for those of the request, which win. A flag that depends on more than that, such as a
// static cohort, failed, unless [Server.SetFlag] sets it. A document that can not be
// evaluated fails the test at once; use [Server.Reply] with [On] and [Body] for one that a
// client must refuse.
func (s *Server) SetDefinitions(doc []byte) {
	s.t.Helper()
	if doc == nil {
		s.sink.SetDefinitions(nil)
		s.sink.AnswerFlags(nil)
		return
	}
	d, err := flags.Parse(doc)
	if err != nil {
		s.t.Fatalf("phtest: definitions: %v", err)
	}
	s.sink.SetDefinitions(doc)
	s.sink.AnswerFlags(func(r sink.FlagRequest) []sink.Flag { return flaganswer.Answer(d, r, s.people.of(r.DistinctID)) })
}
