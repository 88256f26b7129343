package flagset

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

func called(key, answer any) sink.Event {
	return sink.Event{Name: "$feature_flag_called", Properties: map[string]any{"$feature_flag": key, "$feature_flag_response": answer}}
}

func TestCalled(t *testing.T) {
	s := planned(t)
	for _, answer := range []any{true, true, false, "short", `"`, nil, json.Number("7"), []any{1}, map[string]any{}, strings.Repeat("x", maxText)} {
		s.Called(called("banner", answer))
	}
	s.Called(called("later", true)) // no flag yet
	for _, key := range []any{nil, 7, "", strings.Repeat("k", maxText+1)} {
		s.Called(called(key, true))
	}
	e := called("banner", true)
	e.Name = "seen"
	s.Called(e)

	row := s.Rows()[0]
	if row.Called != 10 {
		t.Errorf("called: got %d, want 10", row.Called)
	}
	check(t, "answers", row.Answers, map[string]int{`true`: 2, `false`: 1, `"short"`: 1, `"\""`: 1, `null`: 1, `7`: 1})

	s.SetPlan(load(t, strings.Replace(plan, "banner:", "later:", 1)))
	if got := s.Rows()[0]; got.Called != 1 || got.Answers["true"] != 1 {
		t.Errorf("a flag that came later: got %d, %v", got.Called, got.Answers)
	}
	s.Reset()
	if got := s.Rows()[0]; got.Called != 0 || got.Answers != nil {
		t.Errorf("after the reset: got %d, %v", got.Called, got.Answers)
	}
}

func TestCalledIsBounded(t *testing.T) {
	s := planned(t)
	for i := range maxAnswers + 10 {
		s.Called(called("banner", fmt.Sprint(i)))
	}
	s.Called(called("banner", "0"))
	row := s.Rows()[0]
	if got, want := row.Called, uint64(maxAnswers+11); got != want {
		t.Errorf("called: got %d, want %d", got, want)
	}
	if len(row.Answers) != maxAnswers || row.Answers[`"0"`] != 2 {
		t.Errorf("answers: got %v", row.Answers)
	}
	for i := range maxCalled + 10 {
		s.Called(called(fmt.Sprint("flag", i), true))
	}
	if got := len(s.calls); got != maxCalled {
		t.Errorf("flags: got %d, want %d", got, maxCalled)
	}
	s.Called(called("banner", true))
	if got, want := s.Rows()[0].Called, row.Called+1; got != want {
		t.Errorf("a flag that was counted before: got %d, want %d", got, want)
	}
}
