package phopenfeature_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phopenfeature"
	"github.com/phgen/phgen/runtime/phtest"
)

func TestTrack(t *testing.T) {
	type event struct {
		Name, DistinctID  string
		Value, Unit, Plan any
		Groups, Device    any
	}
	plan := map[string]any{"plan": "pro"} // of the person, not of the event
	tests := []struct {
		name    string
		who     openfeature.EvaluationContext
		details openfeature.TrackingEventDetails
		want    event
	}{
		{"nothing", openfeature.NewEvaluationContext("ann", plan), openfeature.TrackingEventDetails{}, event{}},
		{"zero", openfeature.NewEvaluationContext("ann", plan), openfeature.NewTrackingEventDetails(0), event{}},
		{"number", openfeature.NewEvaluationContext("ann", nil), openfeature.NewTrackingEventDetails(9.5), event{Value: 9.5}},
		{"number and attributes", openfeature.NewEvaluationContext("ann", nil), openfeature.NewTrackingEventDetails(9.5).Add("unit", "EUR"), event{Value: 9.5, Unit: "EUR"}},
		{"attribute of that name", openfeature.NewEvaluationContext("ann", nil), openfeature.NewTrackingEventDetails(9.5).Add("value", "much"), event{Value: "much"}},
		{
			"groups and device",
			openfeature.NewEvaluationContext("ann", map[string]any{"groups": map[string]any{"organization": "acme", "team": 7}, "device_id": "d_1"}),
			openfeature.TrackingEventDetails{},
			event{Groups: map[string]any{"organization": "acme", "team": "7"}, Device: "d_1"},
		},
		{
			"groups and device that are none",
			openfeature.NewEvaluationContext("ann", map[string]any{"groups": "acme", "device_id": true}),
			openfeature.TrackingEventDetails{},
			event{},
		},
		{"scope", openfeature.EvaluationContext{}, openfeature.TrackingEventDetails{}, event{DistinctID: "bob"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := phtest.NewMemoryServer(t)
			client := newClient(t, server, nil)
			p := phopenfeature.New(client)
			p.Track(ph.With(t.Context(), ph.User("bob")), "order placed", tt.who, tt.details)
			if err := client.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			events := server.Events()
			if len(events) != 1 {
				t.Fatalf("%d events, want 1", len(events))
			}
			property := func(key string) any {
				v, ok := events[0].Value(key)
				if !ok {
					return nil
				}
				var decoded any
				if err := json.Unmarshal(v.JSON(), &decoded); err != nil {
					t.Fatal(err)
				}
				return decoded
			}
			got := event{
				events[0].Event(), events[0].DistinctID(),
				property("value"), property("unit"), property("plan"), property("$groups"), property("$device_id"),
			}
			want := tt.want
			want.Name = "order placed"
			if want.DistinctID == "" {
				want.DistinctID = "ann"
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("-got +want:\n%s", diff)
			}
		})
	}
}

// A provider without a client, or with one that is closed, drops what it is to track.
func TestTrackNothing(t *testing.T) {
	phopenfeature.New(nil).Track(t.Context(), "order placed", openfeature.EvaluationContext{}, openfeature.TrackingEventDetails{})
	server := phtest.NewMemoryServer(t)
	client := newClient(t, server, nil)
	client.Close(t.Context())
	phopenfeature.New(client).Track(t.Context(), "order placed", openfeature.EvaluationContext{}, openfeature.TrackingEventDetails{})
	if got := len(server.Events()); got != 0 {
		t.Errorf("%d events, want none", got)
	}
}

// Each value that a user is given is reported once, by the provider's client.
func TestExposure(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetFlag("f", "blue", phtest.Payload(5))
	client := newClient(t, server, nil)
	p := phopenfeature.New(client)
	for range 3 {
		p.BooleanEvaluation(t.Context(), "f", false, ann)
		p.IntEvaluation(t.Context(), "f", 0, ann)
		p.StringEvaluation(t.Context(), "f", "", openfeature.FlattenedContext{openfeature.TargetingKey: "bob"})
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range server.Events() {
		v, _ := e.Value("$feature_flag_response")
		got[e.Event()+" "+e.DistinctID()+" "+v.String()]++
	}
	want := map[string]int{"$feature_flag_called ann blue": 1, "$feature_flag_called bob blue": 1}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("-got +want:\n%s", diff)
	}
}
