package phsurvey

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

func TestNext(t *testing.T) {
	one := func(question string) *Survey {
		list, err := Parse([]byte(`{"surveys":[{"id":"1","name":"n","type":"api","questions":[` + question + `,{"type":"open"},{"type":"open"},{"type":"open"}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	const choices = `{"type":"single_choice","choices":["A","B","1","Other"],"hasOpenChoice":true,"branching":{"type":"response_based","responseValues":{"0":3,"B":"end","2":2,"3":"next","A":9}}}`
	rating := func(scale int, values string) string {
		return fmt.Sprintf(`{"type":"rating","scale":%d,"branching":{"type":"response_based","responseValues":{%s}}}`, scale, values)
	}
	const bipolar = `"negative":"end","neutral":2,"positive":3`
	const end = -1
	for _, tt := range []struct {
		question string
		answer   any
		want     int
	}{
		{`{"type":"open"}`, "x", 1},
		{`{"type":"open","branching":{"type":"next_question"}}`, nil, 1},
		{`{"type":"open","branching":{"type":"end"}}`, "x", end},
		{`{"type":"open","branching":{"type":"specific_question","index":3}}`, "x", 3},
		{`{"type":"open","branching":{"type":"specific_question","index":4}}`, "x", end},
		{`{"type":"open","branching":{"type":"specific_question","index":-4}}`, "x", 1},
		{`{"type":"open","branching":{"type":"specific_question","index":99999999999999999999}}`, "x", 1},
		{`{"type":"open","branching":{"type":"specific_question","index":"end"}}`, "x", end},
		{`{"type":"open","branching":{"type":"specific_question"}}`, "x", 1},
		{`{"type":"open","branching":{"type":"telepathy"}}`, "x", 1},
		{`{"type":"open","branching":{"type":"response_based","responseValues":{"x":3}}}`, "x", 1},
		{choices, "A", 3}, // its index comes first
		{choices, "B", end},
		{choices, "1", 2},
		{choices, "a text", 1},
		{choices, nil, 1},
		{choices, 5, 1},
		{rating(2, bipolar), 1, 3},
		{rating(2, bipolar), 2, end},
		{rating(3, bipolar), 1, end},
		{rating(3, bipolar), 2, 2},
		{rating(3, bipolar), 3, 3},
		{rating(5, bipolar), 2, end},
		{rating(5, bipolar), 3, 2},
		{rating(5, bipolar), json.Number("4"), 3},
		{rating(7, bipolar), 3, end},
		{rating(7, bipolar), 4, 2},
		{rating(7, bipolar), 5.0, 3},
		{rating(10, `"detractors":"end","passives":2,"promoters":3`), 6, end},
		{rating(10, `"detractors":"end","passives":2,"promoters":3`), 7, 2},
		{rating(10, `"detractors":"end","passives":2,"promoters":3`), 9, 3},
		{rating(10, `"detractors":"end","passives":2,"promoters":3`), 11, 1},
		{rating(10, `"0":3`), 0, 3},
		{rating(4, `"4":3`), 4, 3},
	} {
		got, ok := one(tt.question).Next(0, tt.answer)
		if want := max(tt.want, 0); got != want || ok != (tt.want != end) {
			t.Errorf("%s, %v: got %d, %v, want %d", tt.question, tt.answer, got, ok, tt.want)
		}
	}
	s := one(`{"type":"open"}`)
	for _, index := range []int{-1, 3, 4} {
		if next, ok := s.Next(index, nil); ok {
			t.Errorf("after question %d: got %d, want the end", index, next)
		}
	}
}

func TestRange(t *testing.T) {
	for q, want := range map[*Question]string{
		{Type: Rating, Scale: 10}:      "0 10 true",
		{Type: Rating, Scale: 7}:       "1 7 true",
		{Type: Rating, Scale: 2}:       "1 2 true",
		{Type: Rating}:                 "0 0 false",
		{Type: Rating, Scale: 1 << 30}: "0 0 false",
		{Type: Open, Scale: 10}:        "0 0 false",
	} {
		if got := fmt.Sprintln(q.Range()); got != want+"\n" {
			t.Errorf("%+v: got %s, want %s", q, got, want)
		}
	}
}

// Every rating that a scale takes, with what it amounts to, and those on either side of them.
func TestScales(t *testing.T) {
	const n, m, p = "negative", "neutral", "positive"
	const d, a, o = "detractors", "passives", "promoters"
	for _, tt := range []struct {
		display string
		scale   int
		low     int
		want    []string
	}{
		{"emoji", 2, 1, []string{p, n}}, // thumbs up comes first
		{"emoji", 3, 1, []string{n, m, p}},
		{"emoji", 5, 1, []string{n, n, m, p, p}},
		{"number", 5, 1, []string{n, n, m, p, p}},
		{"number", 7, 1, []string{n, n, n, m, p, p, p}},
		{"number", 10, 0, []string{d, d, d, d, d, d, d, a, a, o, o}}, // NPS
	} {
		list, err := Parse([]byte(fmt.Sprintf(`{"surveys":[{"id":"1","name":"n","type":"api","questions":[{"id":"q","type":"rating","display":%q,"scale":%d,
			"branching":{"type":"response_based","responseValues":{"negative":1,"neutral":2,"positive":3,"detractors":4,"passives":5,"promoters":6}}},
			{"type":"open"},{"type":"open"},{"type":"open"},{"type":"open"},{"type":"open"},{"type":"open"}]}]}`, tt.display, tt.scale)))
		if err != nil {
			t.Fatal(err)
		}
		s := list[0]
		step := map[string]int{n: 1, m: 2, p: 3, d: 4, a: 5, o: 6}
		for i, want := range tt.want {
			v := tt.low + i
			if _, err := s.checkAnswers(Answers{"q": v}, submitted); err != nil {
				t.Errorf("%s %d: %d: %v", tt.display, tt.scale, v, err)
			}
			if got, ok := s.Next(0, v); !ok || got != step[want] {
				t.Errorf("%s %d: %d leads to question %d, want %d: %s", tt.display, tt.scale, v, got, step[want], want)
			}
		}
		for v, rule := range map[int]string{tt.low - 1: "min", tt.low + len(tt.want): "max"} {
			var wrong *AnswerError
			if _, err := s.checkAnswers(Answers{"q": v}, submitted); !errors.As(err, &wrong) || wrong.Rule != rule {
				t.Errorf("%s %d: %d: got %v, want an error that names %s", tt.display, tt.scale, v, err, rule)
			}
			if got, ok := s.Next(0, v); !ok || got != 1 {
				t.Errorf("%s %d: %d leads to question %d, want the next", tt.display, tt.scale, v, got)
			}
		}
	}
}
