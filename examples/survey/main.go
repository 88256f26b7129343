// Survey asks people what they think, in an application that shows PostHog's surveys itself:
//
//	go run ./examples/survey
//
// Everybody comes twice. The definitions are fetched once, PostHog's own flag says who has not
// been asked yet, answers are sent as they come, and whoever has answered or does not want to is
// not asked again. One definition is broken and one answer does not fit: both are reported, and
// nothing else suffers. The exit status is 0 only if exactly that was delivered.
//
// It needs no account: PostHog is an endpoint inside the program.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	nps "github.com/phgen/phgen/examples/generated/surveys"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phsurvey"
)

//go:embed surveys.json
var definitions []byte

const deadline = time.Minute

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	err := run(ctx, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "survey:", err)
		os.Exit(1)
	}
}

// A person answers the questions by their IDs, or closes the survey.
type person struct {
	name    string
	answers phsurvey.Answers // nil: closes it
}

var people = []person{
	{"ada", phsurvey.Answers{"q1": 7, "q2": "A dark mode"}},
	{"bob", nil},
	{"cleo", phsurvey.Answers{"q1": 10}},
	{"dan", phsurvey.Answers{"q1": 11}},
}

func run(ctx context.Context, stdout io.Writer) error {
	posthog := sink.New(sink.Config{})
	defer posthog.Close()
	posthog.SetSurveys(definitions)
	posthog.AnswerFlags(func(r sink.FlagRequest) []sink.Flag { return target(posthog.Events(), r.DistinctID) })

	client, err := ph.New(ph.Config{APIKey: "phc_survey", Host: "http://posthog.localhost", Transport: posthog})
	if err != nil {
		return err
	}
	desk := desk{client: client, surveys: phsurvey.New(client), out: stdout}
	for range 2 {
		for _, p := range people {
			desk.visit(ph.With(ctx, ph.UseClient(client), ph.User(p.name)), p)
		}
		if err := client.Flush(ctx); err != nil {
			return err
		}
	}
	if err := client.Close(ctx); err != nil {
		return err
	}
	return show(stdout, posthog.Events())
}

// A desk is where people are asked.
type desk struct {
	client  *ph.Client
	surveys *phsurvey.Surveys
	out     io.Writer
}

// visit asks p whatever there is to ask.
func (d desk) visit(ctx context.Context, p person) {
	list, err := d.surveys.For(ctx)
	if err != nil {
		fmt.Fprintf(d.out, "%s: %v\n", p.name, err) // the list is good all the same
	}
	for _, survey := range list {
		if survey.Type != phsurvey.TypeAPI {
			continue // posthog-js shows it
		}
		if err := ask(ctx, survey, p); err != nil {
			fmt.Fprintf(d.out, "%s: %v\n", p.name, err)
		}
	}
}

// ask shows a survey to p, question by question, and sends each answer as it comes.
func ask(ctx context.Context, survey *phsurvey.Survey, p person) error {
	response := phsurvey.Response{SubmissionID: uuid.New(), Answers: phsurvey.Answers{}, Partial: true}
	if _, err := phsurvey.Shown(ctx, survey, response); err != nil {
		return err
	}
	if p.answers == nil {
		// The plan knows this survey, so there are functions for it.
		_, err := nps.NPSDismissed().WithSubmissionID(response.SubmissionID).TryCapture(ctx)
		return err
	}
	for i, more := 0, len(survey.Questions) > 0; more; {
		id := survey.Questions[i].ID
		response.Answers[id] = p.answers[id]
		i, more = survey.Next(i, p.answers[id])
		response.Partial = more
		if _, err := phsurvey.Sent(ctx, survey, response); err != nil {
			return err
		}
	}
	return nil
}

// target is the flag that PostHog keeps for the survey, by the events that it has.
func target(events []sink.Event, distinctID string) []sink.Flag {
	const id = "0190c8a4-9999-7222-8333-444455556666"
	on := true
	for _, e := range events {
		set, _ := e.Properties["$set"].(map[string]any)
		if e.DistinctID == distinctID && (set["$survey_responded/"+id] == true || set["$survey_dismissed/"+id] == true) {
			on = false
		}
	}
	return []sink.Flag{{Key: "survey-targeting-nps", Enabled: on, Condition: -1}}
}

// show prints what arrived, and says whether it is what was expected.
func show(w io.Writer, events []sink.Event) error {
	counts := map[string]int{}
	for _, e := range events {
		counts[e.Name]++
		answer, ok := e.Properties["$survey_response_q1"]
		if !ok {
			answer = "-"
		}
		fmt.Fprintf(w, "%-5s %-17s %v\n", e.DistinctID, e.Name, answer)
	}
	// Dan, whose answer does not fit, is asked again.
	if counts["survey shown"] != 5 || counts["survey sent"] != 3 || counts["survey dismissed"] != 1 || len(events) != 9 {
		return errors.New("other events arrived than expected")
	}
	return nil
}
