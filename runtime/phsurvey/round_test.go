package phsurvey

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/phtest"
)

// targeting is the flag that PostHog makes for a survey: it is on for whoever has neither
// answered nor dismissed it.
const targeting = `{"flags":[{"id":1,"key":"survey-targeting-s","active":true,"filters":{"groups":[{"rollout_percentage":100,"properties":[
	{"key":"$survey_responded/s/2","value":"is_not_set","operator":"is_not_set","type":"person"},
	{"key":"$survey_dismissed/s/2","value":"is_not_set","operator":"is_not_set","type":"person"}]}]}}],"group_type_mapping":{},"cohorts":{}}`

// A survey round over HTTP: fetched, targeted, shown, partially answered, sent, and not
// shown again, because the server's own flag looks at the person property that came with
// the answers.
func TestRound(t *testing.T) {
	server := phtest.NewServer(t)
	server.APIKey("phc_x")
	server.SetDefinitions([]byte(targeting))
	server.SetSurveys([]byte(`[{"id":"s","name":"NPS","type":"api","start_date":"2001-01-01T00:00:00Z","current_iteration":2,
		"internal_targeting_flag_key":"survey-targeting-s","enable_partial_responses":true,"questions":[
		{"id":"score","type":"rating","question":"How likely?","scale":10},{"id":"why","type":"open","question":"Why?"}]}]`))
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	surveys := New(client)

	// sees returns the surveys that a user sees in a request of their own.
	sees := func(user string) []*Survey {
		t.Helper()
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := surveys.For(ph.With(t.Context(), ph.UseClient(client), ph.User(user)))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	must := func(id uuid.UUID, err error) {
		t.Helper()
		if id == uuid.Nil || err != nil {
			t.Fatalf("got %v, %v", id, err)
		}
	}
	list := sees("ann")
	if got := ids(list); !slices.Equal(got, []string{"s"}) {
		t.Fatalf("ann sees %v, want s", got)
	}
	ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))
	response := Response{SubmissionID: uuid.New(), Answers: Answers{}}
	must(Shown(ctx, list[0], response))
	if got := ids(sees("ann")); !slices.Equal(got, []string{"s"}) {
		t.Errorf("ann, who has not answered, sees %v, want s", got)
	}

	response.Answers["score"], response.Partial = 9, true
	must(Sent(ctx, list[0], response))
	next, ok := list[0].Next(0, 9)
	if !ok || next != 1 {
		t.Fatalf("got %d, %v, want question 1", next, ok)
	}
	response.Answers["why"], response.Partial = "Fast", false
	must(Sent(ctx, list[0], response))
	if got := ids(sees("ann")); len(got) != 0 {
		t.Errorf("ann, who has answered, sees %v, want none", got)
	}
	if got := ids(sees("bob")); !slices.Equal(got, []string{"s"}) {
		t.Errorf("bob sees %v, want s", got)
	}
	must(Dismissed(ph.With(ctx, ph.User("bob")), list[0], Response{}))
	if got := ids(sees("bob")); len(got) != 0 {
		t.Errorf("bob, who does not want it, sees %v, want none", got)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range server.Events() {
		got = append(got, e.DistinctID()+": "+e.Event())
		if v, ok := e.Value("$survey_submission_id"); e.DistinctID() == "ann" && (!ok || v.UUID() != response.SubmissionID) {
			t.Errorf("%s: got submission %v, want %v", e.Event(), v, response.SubmissionID)
		}
	}
	want := []string{"ann: survey shown", "ann: survey sent", "ann: survey sent", "bob: survey dismissed"}
	if !slices.Equal(got, want) {
		t.Errorf("got events %v, want %v", got, want)
	}
	if got := len(server.SurveyRequests()); got != 1 {
		t.Errorf("got %d requests for surveys, want 1", got)
	}
}

// Who has answered sees the survey again in its next iteration, or at once if its schedule is
// always.
func TestSeenAgain(t *testing.T) {
	server := phtest.NewServer(t)
	iteration := func(n int, schedule string) {
		of := strconv.Itoa(n)
		server.SetDefinitions([]byte(strings.ReplaceAll(targeting, "s/2", "s/"+of)))
		server.SetSurveys([]byte(`[{"id":"s","name":"NPS","type":"api","start_date":"2001-01-01T00:00:00Z","current_iteration":` + of + `,
			"schedule":"` + schedule + `","internal_targeting_flag_key":"survey-targeting-s","questions":[{"id":"why","type":"open"}]}]`))
	}
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	for _, tt := range []struct {
		n        int
		schedule string
		want     []string // once answered
	}{
		{1, "recurring", []string{}},
		{2, "recurring", []string{}},
		{3, "once", []string{}},
		{4, "always", []string{"s"}},
	} {
		iteration(tt.n, tt.schedule)
		surveys := New(client) // whose definitions are new
		sees := func() []*Survey {
			t.Helper()
			list, err := surveys.For(ph.With(t.Context(), ph.UseClient(client), ph.User("ann")))
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		list := sees()
		if got := ids(list); !slices.Equal(got, []string{"s"}) {
			t.Fatalf("iteration %d: got %v, want s", tt.n, got)
		}
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))
		if _, err := Sent(ctx, list[0], Response{Answers: Answers{"why": "x"}}); err != nil {
			t.Fatal(err)
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ids(sees()); !slices.Equal(got, tt.want) {
			t.Errorf("iteration %d, answered: got %v, want %v", tt.n, got, tt.want)
		}
	}
}

// The same flag evaluated in this process, by what the application knows of the person.
func TestTargetedLocally(t *testing.T) {
	server := phtest.NewServer(t)
	server.SetDefinitions([]byte(targeting))
	server.SetSurveys([]byte(`[{"id":"s","name":"NPS","type":"api","start_date":"2001-01-01T00:00:00Z","current_iteration":2,"internal_targeting_flag_key":"survey-targeting-s","questions":[]}]`))
	client, err := ph.New(ph.Config{APIKey: "phc_x", SecretKey: "phs_x", Host: server.URL, FlagPollEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	if !client.FlagsReady(t.Context()) {
		t.Fatal("there are no definitions")
	}
	surveys := New(client)
	survey, err := surveys.Find(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	absent := ph.Props{survey.RespondedProperty(): flags.Unset, survey.DismissedProperty(): flags.Unset}
	for _, tt := range []struct {
		props ph.Props
		want  int
	}{
		{absent, 1},
		{ph.Props{survey.RespondedProperty(): true, survey.DismissedProperty(): flags.Unset}, 0},
	} {
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"), ph.OnlyLocally(), ph.PersonFlagProperties(tt.props))
		if list, err := surveys.For(ctx); len(list) != tt.want || err != nil {
			t.Errorf("%v: got %v, %v, want %d", tt.props, ids(list), err, tt.want)
		}
	}
	if got := len(server.FlagRequests()); got != 0 {
		t.Errorf("got %d requests for flags, want none", got)
	}
}
