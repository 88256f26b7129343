package phsurvey

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

// wholeDoc holds everything that a definition can say, as PostHog writes it.
const wholeDoc = `{"surveys":[{
	"id":"0190c8a4-9999-7222-8333-444455556666","name":"NPS","description":"Quarterly","type":"api","new_field":[1],
	"linked_flag_key":"beta","targeting_flag_key":null,"internal_targeting_flag_key":"survey-targeting-1",
	"feature_flag_keys":[{"key":"linked_flag_key","value":"beta"},{"key":"targeting_flag_key","value":null},{"key":"own"}],
	"questions":[
		{"id":"q1","type":"rating","question":"How likely?","display":"number","scale":10,"lowerBoundLabel":"no","upperBoundLabel":"yes",
			"branching":{"type":"response_based","responseValues":{"detractors":1,"passives":"end","promoters":2}}},
		{"id":"q2","type":"open","question":"Why?","description":"<b>Tell</b>","descriptionContentType":"html","optional":true,"buttonText":"Go",
			"validation":[{"type":"min_length","value":5,"errorMessage":"more"},{"type":"max_length","value":10}],
			"branching":{"type":"specific_question","index":3}},
		{"id":"q3","type":"multiple_choice","question":"What?","choices":["A","B","Other"],"hasOpenChoice":true,"shuffleOptions":true,"branching":null},
		{"id":"q4","type":"link","question":"Read","link":"https://example.com","translations":{"de":{"question":"Lies"}}}],
	"appearance":{"color":"#fff"},
	"conditions":{"url":"/pricing","urlMatchType":"icontains","selector":"#x","seenSurveyWaitPeriodInDays":7,"linkedFlagVariant":"any",
		"events":{"repeatedActivation":true,"values":[{"name":"order","propertyFilters":{"a":{"values":["b"]}}}]},
		"cancelEvents":{"values":[{"name":"quit"}]},"actions":{"values":[{"id":1}]},"deviceTypes":["Mobile"],"deviceTypesMatchType":"exact"},
	"start_date":"2026-01-02T03:04:05.678000Z","end_date":null,"archived":true,"current_iteration":2,"current_iteration_start_date":"2026-02-02T00:00:00+00:00",
	"schedule":"recurring","enable_partial_responses":true,"translations":{"de":{"name":"NPS"}}}],"survey_config":{}}`

func TestParse(t *testing.T) {
	got, err := Parse([]byte(wholeDoc))
	if err != nil {
		t.Fatal(err)
	}
	want := []*Survey{{
		ID: "0190c8a4-9999-7222-8333-444455556666", Name: "NPS", Description: "Quarterly", Type: TypeAPI,
		LinkedFlagKey: "beta", InternalTargetingFlagKey: "survey-targeting-1",
		FeatureFlagKeys: []FeatureKey{{"linked_flag_key", "beta"}, {"targeting_flag_key", ""}, {"own", ""}},
		Questions: []Question{
			{ID: "q1", Type: Rating, Question: "How likely?", Display: "number", Scale: 10, LowerBoundLabel: "no", UpperBoundLabel: "yes",
				Branching: Branching{Type: "response_based", Index: Next, ResponseValues: map[string]Step{"detractors": 1, "passives": End, "promoters": 2}}},
			{ID: "q2", Type: Open, Question: "Why?", Description: "<b>Tell</b>", DescriptionContentType: "html", Optional: true, ButtonText: "Go",
				Validation: []Validation{{"min_length", 5, "more"}, {"max_length", 10, ""}}, Branching: Branching{Type: "specific_question", Index: 3}},
			{ID: "q3", Type: MultipleChoice, Question: "What?", Choices: []string{"A", "B", "Other"}, HasOpenChoice: true, ShuffleOptions: true},
			{ID: "q4", Type: Link, Question: "Read", Link: "https://example.com", Translations: json.RawMessage(`{"de":{"question":"Lies"}}`)},
		},
		Appearance: json.RawMessage(`{"color":"#fff"}`),
		Conditions: Conditions{
			URL: "/pricing", URLMatchType: "icontains", Selector: "#x", WaitDays: 7, LinkedFlagVariant: "any",
			Events:       Events{RepeatedActivation: true, Values: []Event{{"order", json.RawMessage(`{"a":{"values":["b"]}}`)}}},
			CancelEvents: Events{Values: []Event{{Name: "quit"}}},
			Actions:      json.RawMessage(`{"values":[{"id":1}]}`),
			DeviceTypes:  []string{"Mobile"}, DeviceTypesMatchType: "exact",
		},
		StartDate: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), Archived: true, Iteration: 2, IterationStartDate: time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC),
		Schedule: ScheduleRecurring, EnablePartialResponse: true, Translations: json.RawMessage(`{"de":{"name":"NPS"}}`),
	}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A definition that is not right costs itself only.
func TestParseMalformed(t *testing.T) {
	const good = `{"id":"good","name":"n","type":"api","questions":[]}`
	for bad, want := range map[string]string{
		`null`:                               `survey 0 "": it has no id`,
		`5`:                                  `survey 0 "": it is no object`,
		`[]`:                                 `survey 0 "": it is no object`,
		`{"name":"n"}`:                       `survey 0 "": it has no id`,
		`{"id":7}`:                           `survey 0 "": id has the wrong type`,
		`{"id":"a"}`:                         `survey 0 "a": it has no name`,
		`{"id":"a","name":"n"}`:              `survey 0 "a": it has no type`,
		`{"id":"a","name":"n","type":"api"}`: `survey 0 "a": it has no questions`,
		`{"id":"a","name":"n","type":"api","questions":null}`:                                                `survey 0 "a": it has no questions`,
		`{"id":"a","name":"n","type":"api","questions":{}}`:                                                  `survey 0 "a": questions has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[{}]}`:                                                `survey 0 "a": question 0 has no type`,
		`{"id":"a","name":"n","type":"api","questions":[{"id":"q","type":"open"},{"id":"q","type":"open"}]}`: `survey 0 "a": question 1 has the id of another`,
		`{"id":"a","name":"n","type":"api","questions":[{"id":"q","type":"rating","scale":"secret"}]}`:       `survey 0 "a": questions.scale has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"start_date":"secret"}`:                            `survey 0 "a": a date is no RFC 3339 timestamp`,
		`{"id":"a","name":"n","type":"api","questions":[],"conditions":{"seenSurveyWaitPeriodInDays":7.5}}`:  `survey 0 "a": conditions.seenSurveyWaitPeriodInDays has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[5]}`:                                                 `survey 0 "a": questions has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[null]}`:                                              `survey 0 "a": question 0 has no type`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"open"},{"id":"0","type":"open"}]}`:          `survey 0 "a": question 1 has the id of another`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"open","branching":5}]}`:                     `survey 0 "a": questions.branching has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"open","branching":{"type":5}}]}`:            `survey 0 "a": questions.branching.type has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"open","branching":{"responseValues":5}}]}`:  `survey 0 "a": questions.branching.responseValues has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"single_choice","choices":[1]}]}`:            `survey 0 "a": questions.choices has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[{"type":"open","validation":{}}]}`:                   `survey 0 "a": questions.validation has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"conditions":"secret"}`:                            `survey 0 "a": conditions has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"conditions":{"events":{"values":["secret"]}}}`:    `survey 0 "a": conditions.events.values has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"feature_flag_keys":{"secret":1}}`:                 `survey 0 "a": feature_flag_keys has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"current_iteration":1.5}`:                          `survey 0 "a": current_iteration has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[],"start_date":5}`:                                   `survey 0 "a": a date is no RFC 3339 timestamp`,
		`{"id":"a","name":"n","type":"api","questions":[],"archived":"no"}`:                                  `survey 0 "a": archived has the wrong type`,
		`{"id":"a","name":"n","type":"api","questions":[` + strings.Repeat(`{},`, maxQuestions) + `{}]}`:     `survey 0 "a": it has 1001 questions, more than 1000`,
		`{"id":"` + strings.Repeat("ü", 300) + `","name":"n","type":"api"}`:                                  `survey 0 "` + strings.Repeat("ü", 200) + `…": it has no questions`,
	} {
		list, err := Parse([]byte(`{"surveys":[` + bad + `,` + good + `]}`))
		if len(list) != 1 || list[0].ID != "good" {
			t.Errorf("%.80s: got %v, want the other survey", bad, list)
		}
		if err == nil || err.Error() != "phsurvey: "+want {
			t.Errorf("%.80s: got %v, want %s", bad, err, want)
		}
	}
	list, err := Parse([]byte(`{"surveys":[` + good + `,` + good + `]}`))
	if len(list) != 1 || err == nil || err.Error() != `phsurvey: survey 1 "good": another survey has the same id` {
		t.Errorf("twice: got %d surveys, %v", len(list), err)
	}
	for doc, want := range map[string]string{
		"":                  "phsurvey: reading surveys: it is no JSON: byte 0",
		"<html>":            "phsurvey: reading surveys: it is no JSON: byte 1",
		`{}`:                "phsurvey: reading surveys: there is no list of them",
		`{"surveys":null}`:  "phsurvey: reading surveys: there is no list of them",
		`{"surveys":"all"}`: "phsurvey: reading surveys: surveys has the wrong type",
		`[]`:                "phsurvey: reading surveys: it is no object",
	} {
		if list, err := Parse([]byte(doc)); list != nil || err == nil || err.Error() != want {
			t.Errorf("%s: got %v, %v, want %s", doc, list, err, want)
		}
	}
}

// Huge lists are read as far as they are sane, and so are the errors about them.
func TestParseHuge(t *testing.T) {
	list, err := Parse([]byte(`{"surveys":[` + strings.Repeat(`{},`, 20_000) + `{}]}`))
	if list == nil || len(list) != 0 || err == nil {
		t.Fatalf("got %v, %v", list, err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxErrors || lines[0] != "phsurvey: of 20001 surveys the first 10000 are read" {
		t.Errorf("got %d errors, the first %q", len(lines), lines[0])
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(wholeDoc))
	f.Add([]byte(`{"surveys":[{"id":"a","name":"n","type":"api","questions":[{"id":"1","type":"rating","scale":10},{"type":"open"}]},null,5]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, err := Parse(doc)
		if list == nil && err == nil {
			t.Fatal("neither a list nor an error")
		}
		again, _ := Parse(doc)
		if !reflect.DeepEqual(list, again) {
			t.Fatal("read twice, two lists")
		}
		for _, s := range list {
			answers := Answers{}
			for i := range s.Questions {
				for _, v := range []any{nil, "", int64(3), []string{"A"}} {
					if next, ok := s.Next(i, v); ok && (next < 0 || next >= len(s.Questions)) {
						t.Fatalf("question %d leads to %d", i, next)
					}
				}
				answers[s.questionID(i)] = "A"
			}
			for _, strict := range []strictness{unfinished, submitted, complete} {
				if _, err := s.checkAnswers(answers, strict); err != nil {
					_ = err.Error()
				}
			}
			s.Running(time.Now())
			s.waited(time.Unix(0, 0), time.Now())
		}
	})
}

// Whatever JSON an answer is, it is refused, or of its question's type and in range.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(wholeDoc), []byte(`{"q1":9,"q2":"a text","q3":["A","mine"],"q4":"followed"}`))
	f.Add([]byte(wholeDoc), []byte(`{"q1":1e1,"q2":"","q3":[],"q4":null}`))
	f.Add([]byte(wholeDoc), []byte(`{"q1":"9","q2":["x"],"q3":[1,{}],"q4":true,"q5":-0.0,"0":1}`))
	f.Add([]byte(`{"surveys":[{"id":"a","name":"n","type":"api","questions":[{"type":"rating"},{"type":"single_choice","choices":["A"]},{"type":"quiz"}]}]}`), []byte(`{"0":-9e99,"1":"A","2":"x"}`))
	f.Fuzz(func(t *testing.T, doc, given []byte) {
		var answers Answers
		if json.Unmarshal(given, &answers) != nil {
			return
		}
		list, _ := Parse(doc)
		for _, s := range list {
			values, err := s.checkAnswers(answers, submitted)
			if err != nil {
				if !errors.Is(err, ph.ErrInvalid) {
					t.Fatalf("got %v, want ErrInvalid", err)
				}
				continue
			}
			for i := range s.Questions {
				q, fits := &s.Questions[i], false
				switch v := values[i].(type) {
				case nil:
					fits = answers[s.questionID(i)] == nil
				case int64:
					low, high, ok := q.Range()
					fits = q.Type == Rating && (!ok || low <= v && v <= high)
				case string:
					fits = q.Type != Rating && q.Type != MultipleChoice && (q.Type != SingleChoice || q.HasOpenChoice || slices.Contains(q.Choices, v))
				case []string:
					fits = q.Type == MultipleChoice && len(v) <= len(q.Choices)+1
				}
				if !fits {
					t.Fatalf("question %d of type %q takes %v", i, q.Type, values[i])
				}
			}
			if _, _, err := answered(t.Context(), s, Response{Answers: answers}, submitted); err != nil {
				t.Fatal(err)
			}
		}
	})
}
