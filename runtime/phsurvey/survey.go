package phsurvey

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// A Survey is the definition of one survey as PostHog has it. Those that [Surveys]
// returns are shared: they must not be changed.
type Survey struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        Type   `json:"type"`

	LinkedFlagKey            string       `json:"linked_flag_key"`
	TargetingFlagKey         string       `json:"targeting_flag_key"`
	InternalTargetingFlagKey string       `json:"internal_targeting_flag_key"`
	FeatureFlagKeys          []FeatureKey `json:"feature_flag_keys"`

	Questions  []Question      `json:"questions"`
	Conditions Conditions      `json:"conditions"`
	Appearance json.RawMessage `json:"appearance"` // JSON; nil: none

	StartDate             time.Time `json:"start_date"` // zero: not started
	EndDate               time.Time `json:"end_date"`   // zero: not ended
	Archived              bool      `json:"archived"`
	Iteration             int       `json:"current_iteration"`
	IterationStartDate    time.Time `json:"current_iteration_start_date"`
	Schedule              Schedule  `json:"schedule"`
	EnablePartialResponse bool      `json:"enable_partial_responses"`

	Translations json.RawMessage `json:"translations"` // JSON, an object by language; nil: none
}

// Type says who renders a survey. PostHog may know more types than these.
type Type string

// The types.
const (
	TypeAPI      Type = "api" // the application
	TypePopover  Type = "popover"
	TypeWidget   Type = "widget"
	TypeExternal Type = "external_survey"
)

// Schedule says how often somebody may see a survey. PostHog may know more words than these.
type Schedule string

// The schedules.
const (
	ScheduleOnce      Schedule = "once"
	ScheduleRecurring Schedule = "recurring" // once in each iteration
	ScheduleAlways    Schedule = "always"    // whenever its conditions hold
)

// A FeatureKey names a flag that must be on. Value is the flag's key, and Key says what
// the flag is for; without a Value, Key is the flag's key.
type FeatureKey struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// flag returns the key of the flag; empty if there is none.
func (k FeatureKey) flag() string {
	if k.Value == "" && !strings.HasSuffix(k.Key, "_flag_key") { // else it is a purpose without a flag
		return k.Key
	}
	return k.Value
}

// Conditions say when a survey appears. [Surveys.For] looks at the wait period and the
// variant; the rest is for whoever knows the page and its events.
type Conditions struct {
	URL                  string   `json:"url"`
	URLMatchType         string   `json:"urlMatchType"`
	Selector             string   `json:"selector"`
	DeviceTypes          []string `json:"deviceTypes"`
	DeviceTypesMatchType string   `json:"deviceTypesMatchType"`

	Events       Events          `json:"events"`       // that make the survey appear
	CancelEvents Events          `json:"cancelEvents"` // that keep it from appearing
	Actions      json.RawMessage `json:"actions"`      // JSON; nil: none

	WaitDays          int64  `json:"seenSurveyWaitPeriodInDays"` // since any survey was seen; 0: none
	LinkedFlagVariant string `json:"linkedFlagVariant"`          // of the linked flag; empty or "any": every one
}

// Events are some events of a page.
type Events struct {
	RepeatedActivation bool    `json:"repeatedActivation"` // every one of them shows the survey again
	Values             []Event `json:"values"`
}

// An Event is an event of a page.
type Event struct {
	Name            string          `json:"name"`
	PropertyFilters json.RawMessage `json:"propertyFilters"` // JSON; nil: none
}

// Running reports whether the survey has started and was neither ended nor archived.
func (s *Survey) Running(now time.Time) bool {
	return !s.StartDate.IsZero() && !s.StartDate.After(now) && s.EndDate.IsZero() && !s.Archived
}

// Repeats reports whether somebody who answered or dismissed the survey may see it again.
func (s *Survey) Repeats() bool {
	return s.Schedule == ScheduleAlways || s.Conditions.Events.RepeatedActivation && len(s.Conditions.Events.Values) > 0
}

// RespondedProperty returns the person property that [Sent] sets. PostHog's own targeting
// of the survey looks at it.
func (s *Survey) RespondedProperty() string { return s.interaction("$survey_responded/") }

// DismissedProperty returns the person property that [Dismissed] sets.
func (s *Survey) DismissedProperty() string { return s.interaction("$survey_dismissed/") }

func (s *Survey) interaction(prefix string) string {
	if s.Iteration > 0 {
		return prefix + s.ID + "/" + strconv.Itoa(s.Iteration)
	}
	return prefix + s.ID
}
