package phsurvey

import (
	"encoding/json"
	"errors"
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
			{"internal off, always", started + `,"schedule":"always","internal_targeting_flag_key":"survey-targeting-off"`, true, nil},
			{"internal off, repeated", started + `,"conditions":{"events":{"repeatedActivation":true,"values":[{"name":"e"}]}},"internal_targeting_flag_key":"survey-targeting-off"`, true, nil},
			{"internal off, repeated by nothing", started + `,"conditions":{"events":{"repeatedActivation":true,"values":[]}},"internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"internal off, recurring", started + `,"schedule":"recurring","internal_targeting_flag_key":"survey-targeting-off"`, false, nil},
			{"flags", started + `,"feature_flag_keys":[{"key":"linked_flag_key","value":"on"},{"key":"targeting_flag_key","value":null},{"key":"on"}]`, true, []string{"on"}},
			{"a flag by value", started + `,"feature_flag_keys":[{"key":"on","value":"off"}]`, false, []string{"off"}},
			{"a flag by key", started + `,"feature_flag_keys":[{"key":"off"}]`, false, []string{"off"}},
			{"internal among them, always", started + `,"schedule":"always","internal_targeting_flag_key":"survey-targeting-off","feature_flag_keys":[{"key":"internal_targeting_flag_key","value":"survey-targeting-off"}]`, true, nil},
			{"waited long enough", started + `,"conditions":{"seenSurveyWaitPeriodInDays":2}`, true, nil},
			{"waited not enough", started + `,"conditions":{"seenSurveyWaitPeriodInDays":3}`, false, nil},
			{"waits for ever", started + `,"conditions":{"seenSurveyWaitPeriodInDays":9000000000000000000}`, false, nil},
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
			if !slices.Equal(exposed, tt.exposed) {
				t.Errorf("%s: got $feature_flag_called for %v, want %v", tt.name, exposed, tt.exposed)
			}
		}
	})
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
