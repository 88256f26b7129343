package surveydoc

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phsurvey"
	"github.com/phgen/phgen/schema"
)

const text = `
phgen: 1
plan: {name: x}
surveys:
  nps:
    id: 0190c8a4-9999-7222-8333-444455556666
    name: NPS
    questions:
      - {id: q1, key: score, question: "How likely?", type: rating, min: 0, max: 10, required: true}
      - {id: q2, key: reason, question: "Why?", type: open, max_length: 200}
      - {id: q3, key: use, question: "What for?", type: multiple_choice, choices: [work, fun], open_choice: true}
`

// What the document says is what the library for surveys reads.
func TestDocument(t *testing.T) {
	p, found := schema.Parse("plan.yaml", []byte(text))
	if p == nil || found.HasErrors() {
		t.Fatal(found)
	}
	server := sink.New(sink.Config{})
	server.SetSurveys(Document(p))
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: "http://surveys.localhost", Transport: server})
	if err != nil {
		t.Fatal(err)
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u1"))
	due, err := phsurvey.New(client).For(ctx)
	if err != nil || len(due) != 1 {
		t.Fatalf("got %v and %v, want the one survey", due, err)
	}
	s := due[0]
	if s.ID != "0190c8a4-9999-7222-8333-444455556666" || s.Name != "NPS" || s.Schedule != phsurvey.ScheduleOnce {
		t.Errorf("got %+v", s)
	}
	low, high, _ := s.Questions[0].Range()
	got := []any{low, high, s.Questions[0].Optional, s.Questions[1].Optional, s.Questions[1].Validation, s.Questions[2].Choices, s.Questions[2].HasOpenChoice}
	want := []any{int64(0), int64(10), false, true, []phsurvey.Validation{{Type: "max_length", Value: 200}}, []string{"work", "fun", "Other"}, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNoPlan(t *testing.T) {
	if got, want := string(Document(nil)), `{"surveys":[]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
