package phsurvey

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

type lastSeenKey struct{}

// WithLastSeen returns a copy of ctx that says when its user last saw a survey, whichever
// it was. Surveys with a wait period look at it, and events about surveys carry it. A zero
// time says that there was none.
func WithLastSeen(ctx context.Context, t time.Time) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, lastSeenKey{}, t)
}

// lastSeen is zero if nobody knows, or there was none.
func lastSeen(ctx context.Context) time.Time {
	if ctx == nil {
		return time.Time{}
	}
	t, _ := ctx.Value(lastSeenKey{}).(time.Time)
	return t
}

// For returns the surveys that the user of ctx should see, in PostHog's order: those that
// are running, whose wait period is over, and whose flags are on. Those that are not of
// [TypeAPI] posthog-js shows by itself. A flag that is not known hides its surveys. Flags are
// evaluated as [ph.Client.EvaluateFlags] does, all at once, and reading them sends
// $feature_flag_called, but for PostHog's own, whose keys begin with survey-targeting-.
// The error is that of [Surveys.All], or that of the flags; the list beside it is good.
func (s *Surveys) For(ctx context.Context) ([]*Survey, error) {
	list, err := s.All(ctx)
	now := time.Now()
	seen := lastSeen(ctx)
	var open []*Survey
	var keys []string
	for _, survey := range list {
		if survey.Running(now) && survey.waited(seen, now) {
			open = append(open, survey)
			keys = survey.appendFlags(keys)
		}
	}
	if len(keys) == 0 {
		return open, err
	}
	slices.Sort(keys)
	snapshot, flagsErr := s.client.EvaluateFlags(ctx, ph.FlagQuery{Keys: slices.Compact(keys)})
	flags := flagReader{snapshot, snapshot.Bootstrap("").FeatureFlags}
	open = slices.DeleteFunc(open, func(survey *Survey) bool { return !survey.targets(flags) })
	return open, errors.Join(err, flagsErr)
}

// waited reports whether the wait period after seen is over.
func (s *Survey) waited(seen, now time.Time) bool {
	days := s.Conditions.WaitDays
	if days <= 0 || seen.IsZero() {
		return true
	}
	// In days, since a Duration holds only 292 years of them.
	return now.Sub(seen).Abs().Hours()/24 > float64(days)
}

// appendFlags appends the keys of the flags that decide about the survey.
func (s *Survey) appendFlags(keys []string) []string {
	for _, key := range [...]string{s.LinkedFlagKey, s.TargetingFlagKey, s.InternalTargetingFlagKey} {
		if key != "" {
			keys = append(keys, key)
		}
	}
	for _, k := range s.FeatureFlagKeys {
		if key := k.flag(); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// targets reports whether all flags of the survey are on.
func (s *Survey) targets(flags flagReader) bool {
	if s.LinkedFlagKey != "" {
		v := flags.read(s.LinkedFlagKey)
		if want := s.Conditions.LinkedFlagVariant; !v.On() || want != "" && want != "any" && v.Variant() != want {
			return false
		}
	}
	if s.TargetingFlagKey != "" && !flags.read(s.TargetingFlagKey).On() {
		return false
	}
	// It is on until somebody answers or dismisses the survey.
	if s.InternalTargetingFlagKey != "" && !s.Repeats() && !flags.read(s.InternalTargetingFlagKey).On() {
		return false
	}
	for _, k := range s.FeatureFlagKeys {
		key := k.flag()
		if key != "" && key != s.InternalTargetingFlagKey && !flags.read(key).On() {
			return false
		}
	}
	return true
}

// A flagReader reads flags, PostHog's own in silence.
type flagReader struct {
	snapshot *ph.FlagSnapshot
	silent   map[string]ph.FlagValue
}

func (r flagReader) read(key string) ph.FlagValue {
	if strings.HasPrefix(key, "survey-targeting-") {
		return r.silent[key]
	}
	v, _ := r.snapshot.Value(key)
	return v
}
