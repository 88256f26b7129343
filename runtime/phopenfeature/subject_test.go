package phopenfeature_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phopenfeature"
	"github.com/phgen/phgen/runtime/phtest"
)

// asked evaluates a flag for who and returns what PostHog was asked.
func asked(t *testing.T, who openfeature.FlattenedContext) (phtest.FlagRequest, resolution) {
	t.Helper()
	server := phtest.NewMemoryServer(t)
	server.SetFlag("f", true)
	p := phopenfeature.New(newClient(t, server, nil))
	got := evaluate(t.Context(), p, "boolean", "f", who)
	requests := server.FlagRequests()
	if len(requests) != 1 {
		return phtest.FlagRequest{}, got
	}
	return requests[0], got
}

func TestSubject(t *testing.T) {
	r, _ := asked(t, openfeature.FlattenedContext{
		openfeature.TargetingKey: "ann",
		"plan":                   "pro",
		"seats":                  int64(5),
		"nothing":                nil,
		"person_properties":      map[string]any{"plan": "free", "city": "Rome"},
		"groups":                 map[string]any{"organization": "acme", "team": int64(7), "shard": 2.0, "cell": 3},
		"group_properties":       map[string]any{"organization": map[string]any{"tier": "gold"}},
		"device_id":              "d_1",
	})
	type subject struct {
		DistinctID, DeviceID string
		Groups, Person       map[string]any
		GroupProperties      map[string]map[string]any
		Keys                 []string
	}
	got := subject{r.DistinctID, r.DeviceID, r.Groups, r.PersonProperties, r.GroupProperties, r.Keys}
	// What the client adds of its own.
	for _, own := range []string{"distinct_id", "$device_id"} {
		delete(got.Person, own)
	}
	for _, p := range got.GroupProperties {
		delete(p, "$group_key")
	}
	for groupType, p := range got.GroupProperties {
		if len(p) == 0 {
			delete(got.GroupProperties, groupType)
		}
	}
	want := subject{
		DistinctID:      "ann",
		DeviceID:        "d_1",
		Groups:          map[string]any{"organization": "acme", "team": "7", "shard": "2", "cell": "3"},
		Person:          map[string]any{"plan": "free", "city": "Rome", "seats": json.Number("5"), "nothing": nil},
		GroupProperties: map[string]map[string]any{"organization": {"tier": "gold"}},
		Keys:            []string{"f"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("request (-got +want):\n%s", diff)
	}
}

// Maps of every type that a Go program has at hand are understood, and none is changed.
func TestTypedMaps(t *testing.T) {
	person := ph.Props{"city": "Rome"}
	r, _ := asked(t, openfeature.FlattenedContext{
		openfeature.TargetingKey: "ann",
		"plan":                   "pro",
		"person_properties":      person,
		"groups":                 map[string]string{"organization": "acme"},
		"group_properties":       map[string]map[string]any{"organization": {"tier": "gold"}},
	})
	if r.PersonProperties["city"] != "Rome" || r.PersonProperties["plan"] != "pro" || r.Groups["organization"] != "acme" ||
		r.GroupProperties["organization"]["tier"] != "gold" {
		t.Errorf("got %+v", r)
	}
	if diff := cmp.Diff(person, ph.Props{"city": "Rome"}); diff != "" {
		t.Errorf("the caller's map (-got +want):\n%s", diff)
	}
	r, _ = asked(t, openfeature.FlattenedContext{
		openfeature.TargetingKey: "ann",
		"groups":                 map[string]string{"organization": "acme"},
		"group_properties":       map[string]ph.Props{"organization": {"tier": "gold"}},
	})
	if r.GroupProperties["organization"]["tier"] != "gold" {
		t.Errorf("got %+v", r)
	}
}

func TestInvalidContext(t *testing.T) {
	tests := []struct {
		key   string
		value any
		want  string
	}{
		{openfeature.TargetingKey, true, `INVALID_CONTEXT: attribute "targetingKey": bool is no text`},
		{"device_id", 1.5, `INVALID_CONTEXT: attribute "device_id": float64 is no text`},
		{"groups", "acme", `INVALID_CONTEXT: attribute "groups": string is no map of texts`},
		{"groups", map[string]any{"organization": nil}, `INVALID_CONTEXT: attribute "groups": "organization": <nil> is no text`},
		{"group_properties", []any{1}, `INVALID_CONTEXT: attribute "group_properties": []interface {} is no map of maps`},
		{"group_properties", map[string]any{"organization": "acme"}, `INVALID_CONTEXT: attribute "group_properties": "organization": string is no map`},
		{"person_properties", nil, `INVALID_CONTEXT: attribute "person_properties": <nil> is no map`},
	}
	for _, tt := range tests {
		r, got := asked(t, openfeature.FlattenedContext{tt.key: tt.value})
		if got.Error != tt.want || got.Value != true {
			t.Errorf("%s %v: got %v, %s, want true, %s", tt.key, tt.value, got.Value, got.Error, tt.want)
		}
		if r.Path != "" {
			t.Errorf("%s %v: PostHog was asked", tt.key, tt.value)
		}
	}
}

// Groups, their properties and the device decide what is evaluated here.
func TestLocalSubject(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(definitions))
	p := phopenfeature.New(newClient(t, server, locally))
	tests := []struct {
		name, flag string
		who        openfeature.FlattenedContext
		want       bool
		wantError  string
	}{
		{"large group", "by group", openfeature.FlattenedContext{openfeature.TargetingKey: "ann",
			"groups": map[string]any{"organization": "acme"}, "group_properties": map[string]any{"organization": map[string]any{"seats": 5}}}, true, ""},
		{"small group", "by group", openfeature.FlattenedContext{openfeature.TargetingKey: "ann",
			"groups": map[string]any{"organization": "acme"}, "group_properties": map[string]any{"organization": map[string]any{"seats": 4}}}, false, ""},
		{"no group", "by group", openfeature.FlattenedContext{openfeature.TargetingKey: "ann"}, false, ""},
		{"device", "by device", openfeature.FlattenedContext{openfeature.TargetingKey: "ann", "device_id": "d_2"}, false, ""},
		{"another device", "by device", openfeature.FlattenedContext{openfeature.TargetingKey: "ann", "device_id": "d_3"}, true, ""},
		{"no device", "by device", openfeature.FlattenedContext{openfeature.TargetingKey: "ann"}, false,
			`GENERAL: ph: flag "by device" is unknown: local_evaluation_inconclusive: local evaluation needs the device id`},
	}
	for _, tt := range tests {
		d := p.BooleanEvaluation(t.Context(), tt.flag, false, tt.who)
		if got := of(d); got.Value != tt.want || got.Error != tt.wantError {
			t.Errorf("%s: got %v, %q, want %v, %q", tt.name, got.Value, got.Error, tt.want, tt.wantError)
		}
	}
}

// Without a targeting key the context says whose flags they are.
func TestWithoutTargetingKey(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetFlag("f", false)
	server.SetFlag("f", true, phtest.For("bob"))
	p := phopenfeature.New(newClient(t, server, nil))
	plan := openfeature.FlattenedContext{"plan": "pro"}

	const want = "TARGETING_KEY_MISSING"
	for _, who := range []openfeature.FlattenedContext{nil, plan, {openfeature.TargetingKey: ""}} {
		if got := evaluate(t.Context(), p, "boolean", "f", who); codeOf(got) != want || got.Value != true {
			t.Errorf("nobody, %v: got %+v, want true and %s", who, got, want)
		}
	}
	if got := len(server.FlagRequests()); got != 0 {
		t.Errorf("%d requests about nobody, want none", got)
	}

	bob := ph.With(t.Context(), ph.User("bob"))
	for _, who := range []openfeature.FlattenedContext{nil, plan} {
		if got := of(p.BooleanEvaluation(bob, "f", false, who)); got.Value != true || got.Error != "" {
			t.Errorf("bob, %v: got %+v, want true", who, got)
		}
	}
	// The targeting key wins.
	if got := of(p.BooleanEvaluation(bob, "f", true, ann)); got.Value != false || got.Error != "" {
		t.Errorf("ann: got %+v, want false", got)
	}
}

// A scope remembers what PostHog answered, so a request asks once for all its flags' values.
func TestScopeRemembers(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetFlag("f", "blue", phtest.Payload(5))
	p := phopenfeature.New(newClient(t, server, nil))
	ctx := ph.With(t.Context(), ph.User("bob"))
	for range 3 {
		if got := of(p.StringEvaluation(ctx, "f", "", nil)); got.Value != "blue" {
			t.Errorf("got %+v", got)
		}
		if got := of(p.IntEvaluation(ctx, "f", 0, nil)); got.Value != int64(5) {
			t.Errorf("got %+v", got)
		}
	}
	if got := len(server.FlagRequests()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

// Attributes that no JSON can hold, and keys that no flag has, harm nobody.
func TestOddities(t *testing.T) {
	cycle := map[string]any{}
	cycle["again"] = cycle
	for _, who := range []openfeature.FlattenedContext{
		{openfeature.TargetingKey: "ann", "f": func() {}, "c": make(chan int), "cycle": cycle, "": math.NaN()},
		{openfeature.TargetingKey: "\xff", "\xff": "\xff", "groups": map[string]string{"": "", "\xff": "\xff"}},
		{openfeature.TargetingKey: strings.Repeat("a", 1<<20), "device_id": "", "groups": map[string]any(nil), "group_properties": map[string]any{"": map[string]any(nil)}},
	} {
		if _, got := asked(t, who); got.Value != true || got.Error != "" {
			t.Errorf("%v: got %+v, want true", slices.Sorted(maps.Keys(who)), got)
		}
	}
	p := phopenfeature.New(newClient(t, phtest.NewMemoryServer(t), nil))
	for _, flag := range []string{"", "\xff", "../..", strings.Repeat("f", 1<<16)} {
		if got := evaluate(t.Context(), p, "boolean", flag, ann); codeOf(got) != openfeature.FlagNotFoundCode {
			t.Errorf("flag %.10q: got %+.100v, want %s", flag, got, openfeature.FlagNotFoundCode)
		}
	}
}
