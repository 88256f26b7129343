package phsurvey

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// Each survey of the table alone, for a person for whom the flags on and v (variant a) are
// on, off and survey-targeting-off are off, and survey-targeting-on is on.
func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock starts at 2000-01-01
		r := newRig(t)
		r.server.SetFlag("on", true)
		r.server.SetFlag("v", "a")
		r.server.SetFlag("off", false)
		r.server.SetFlag("survey-targeting-on", true)
		r.server.SetFlag("survey-targeting-off", false)
		const started = `"start_date":"1999-12-31T23:00:00Z"`
		for _, tt := range []struct {
			name, survey string
			want         bool
			exposed      []string
		}{
			{"draft", `"start_date":null`, false, nil},
			{"running", started, true, nil},
			{"not yet", `"start_date":"2000-01-01T00:00:01Z"`, false, nil},
			{"ended", started + `,"end_date":"1999-12-31T23:30:00Z"`, false, nil},
			{"ended, but for its flags", started + `,"end_date":"1999-12-31T23:30:00Z","linked_flag_key":"on"`, false, nil},
			{"to end", started + `,"end_date":"2000-01-01T01:00:00Z"`, false, nil}, // as posthog-js has it
			{"archived", started + `,"archived":true`, false, nil},
			{"not archived", started + `,"archived":false`, true, nil},
			{"linked", started + `,"linked_flag_key":"on"`, true, []string{"on"}},
			{"linked off", started + `,"linked_flag_key":"off"`, false, []string{"off"}},
			{"linked unknown", started + `,"linked_flag_key":"gone"`, false, []string{"gone"}},
			{"variant", started + `,"linked_flag_key":"v","conditions":{"linkedFlagVariant":"a"}`, true, []string{"v"}},
			{"other variant", started + `,"linked_flag_key":"v","conditions":{"linkedFlagVariant":"b"}`, false, []string{"v"}},
			{"any variant", started + `,"linked_flag_key":"v","conditions":{"linkedFlagVariant":"any"}`, true, []string{"v"}},
			{"null variant", started + `,"linked_flag_key":"v","conditions":{"linkedFlagVariant":null}`, true, []string{"v"}},
			{"any variant of a flag that is off", started + `,"linked_flag_key":"off","conditions":{"linkedFlagVariant":"any"}`, false, []string{"off"}},
			{"variant of a flag without", started + `,"linked_flag_key":"on","conditions":{"linkedFlagVariant":"a"}`, false, []string{"on"}},
			{"targeting", started + `,"targeting_flag_key":"survey-targeting-on"`, true, nil},
			{"targeting off", started + `,"targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal", started + `,"internal_targeting_flag_key":"survey-targeting-on"`, true, nil},
			{"internal off", started + `,"internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal off, once", started + `,"schedule":"once","internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal off, a new schedule", started + `,"schedule":"hourly","internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal unknown", started + `,"internal_targeting_flag_key":"survey-targeting-gone"`, false, nil},
			{"internal off, always", started + `,"schedule":"always","internal_targeting_flag_key":"survey-targeting-off"`, true, nil},
			{"internal off, repeated", started + `,"conditions":{"events":{"repeatedActivation":true,"values":[{"name":"e"}]}},"internal_targeting_flag_key":"survey-targeting-off"`, true, nil},
			{"internal off, repeated by nothing", started + `,"conditions":{"events":{"repeatedActivation":true,"values":[]}},"internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"linked off, always", started + `,"schedule":"always","linked_flag_key":"off"`, false, []string{"off"}},
			{"targeting off, always", started + `,"schedule":"always","targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal off, recurring", started + `,"schedule":"recurring","internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"flags", started + `,"feature_flag_keys":[{"key":"linked_flag_key","value":"on"},{"key":"targeting_flag_key","value":null},{"key":"on"}]`, true, []string{"on"}},
			{"flags of null", started + `,"feature_flag_keys":null`, true, nil},
			{"no flags", started + `,"feature_flag_keys":[null,{},{"key":"internal_targeting_flag_key"}]`, true, nil},
			{"a flag with a variant", started + `,"feature_flag_keys":[{"key":"linked_flag_key","value":"v"}]`, true, []string{"v"}},
			{"one flag of two", started + `,"feature_flag_keys":[{"key":"on"},{"key":"off"}]`, false, []string{"off", "on"}},
			{"a flag by value", started + `,"feature_flag_keys":[{"key":"on","value":"off"}]`, false, []string{"off"}},
			{"a flag by key", started + `,"feature_flag_keys":[{"key":"off"}]`, false, []string{"off"}},
			{"internal among them, always", started + `,"schedule":"always","internal_targeting_flag_key":"survey-targeting-off","feature_flag_keys":[{"key":"internal_targeting_flag_key","value":"survey-targeting-off"}]`, true, nil},
			{"waited long enough", started + `,"conditions":{"seenSurveyWaitPeriodInDays":2}`, true, nil},
			{"waited not enough", started + `,"conditions":{"seenSurveyWaitPeriodInDays":3}`, false, nil},
			{"waits for ever", started + `,"conditions":{"seenSurveyWaitPeriodInDays":9000000000000000000}`, false, nil},
			{"waited not enough, always", started + `,"schedule":"always","conditions":{"seenSurveyWaitPeriodInDays":3}`, false, nil},
			{"waits for null days", started + `,"conditions":{"seenSurveyWaitPeriodInDays":null}`, true, nil},
			{"of the page", started + `,"conditions":{"url":"/x","urlMatchType":"exact","selector":"#x","deviceTypes":["Mobile"],"events":{"values":[{"name":"e"}]},"cancelEvents":{"values":[{"name":"e"}]},"actions":{"values":[]}}`, true, nil},
			{"null conditions", started + `,"conditions":null`, true, nil},
			{"does not wait", started + `,"conditions":{"seenSurveyWaitPeriodInDays":0}`, true, nil},
		} {
			r.server.SetSurveys([]byte(`[{"id":"1","name":"n","type":"api","questions":[],` + tt.survey + `}]`))
			before := len(r.events("$feature_flag_called"))
			user := ph.With(r.ctx, ph.User(tt.name)) // somebody new, so that every flag is read for the first time
			list, err := New(r.client).For(WithLastSeen(user, time.Now().Add(-60*time.Hour)))
			if got := len(list) == 1; got != tt.want || err != nil {
				t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
			}
			var exposed []string
			for _, e := range r.events("$feature_flag_called")[before:] {
				exposed = append(exposed, e["$feature_flag"].(string))
			}
			slices.Sort(exposed)
			if !slices.Equal(exposed, tt.exposed) {
				t.Errorf("%s: got $feature_flag_called for %v, want %v", tt.name, exposed, tt.exposed)
			}
		}
	})
}

func TestWaited(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		days int64
		seen time.Time
		want bool
	}{
		{7, time.Time{}, true}, // never
		{7, now, false},
		{7, now.Add(-7 * day), false}, // it must be more
		{7, now.Add(-7*day - time.Second), true},
		{7, now.Add(8 * day), true}, // a clock that is off, as posthog-js has it
		{7, now.Add(6 * day), false},
		{0, now, true},
		{-1, now, true},
		{math.MaxInt64, time.Unix(0, 0), false},
		{106_000, time.Time{}.Add(1), true}, // 2025 years are longer than a Duration
	} {
		s := &Survey{Conditions: Conditions{WaitDays: tt.days}}
		if got := s.waited(tt.seen, now); got != tt.want {
			t.Errorf("%d days since %v: got %v, want %v", tt.days, tt.seen, got, tt.want)
		}
	}
}

// The flags of all surveys are one request, and what is known is told though it fails.
func TestForRequests(t *testing.T) {
	r := newRig(t)
	var surveys []map[string]any
	for _, key := range []string{"", "b", "a", "b", "survey-targeting-c"} {
		surveys = append(surveys, map[string]any{"id": string(rune('0' + len(surveys))), "name": "n", "type": "api", "questions": []any{},
			"start_date": "2001-01-01T00:00:00Z", "linked_flag_key": key})
	}
	doc, err := json.Marshal(surveys)
	if err != nil {
		t.Fatal(err)
	}
	r.server.SetSurveys(doc)
	r.server.SetFlag("a", true)
	r.server.SetFlag("survey-targeting-c", true)
	s := New(r.client)
	list, err := s.For(r.ctx)
	if got, want := ids(list), []string{"0", "2", "4"}; !slices.Equal(got, want) || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	requests := r.server.FlagRequests()
	if len(requests) != 1 || !slices.Equal(requests[0].Keys, []string{"a", "b", "survey-targeting-c"}) {
		t.Errorf("got requests %+v, want one for three flags", requests)
	}
	r.server.Down(500)
	list, err = s.For(ph.With(r.ctx, ph.User("bob")))
	var flag *ph.FlagError
	if got, want := ids(list), []string{"0"}; !slices.Equal(got, want) || !errors.As(err, &flag) {
		t.Errorf("down: got %v, %v, want %v and a FlagError", got, err, want)
	}
	if all, _ := s.All(r.ctx); len(all) != 5 {
		t.Errorf("got %d surveys from the cache, want 5", len(all))
	}
	r.server.Up()
}
