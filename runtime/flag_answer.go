package runtime

import (
	"errors"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/internal/flagapi"
	"github.com/phgen/phgen/runtime/internal/poll"
)

// The codes of FlagError that are not flagapi's.
const (
	codeMissing      = "flag_missing"
	codeInconclusive = "local_evaluation_inconclusive"
	codeFailed       = "evaluation_failed"
	codeComputing    = "errors_while_computing_flags"
	codeDisabled     = "client_disabled"
	codeNoUser       = "missing_distinct_id"
)

// evaluatedLocally is the $feature_flag_reason of what PostHog was not asked.
const evaluatedLocally = "Evaluated locally"

// A flagAnswer is what is known of one flag for one query.
type flagAnswer struct {
	key         string
	value       FlagValue // zero: unknown
	source      FlagSource
	reason      string // code
	description string // $feature_flag_reason
	condition   int
	payload     string // JSON text, or what PostHog has instead
	id, version int64
	experiment  choice // has_experiment
	minimal     bool   // PostHog wants small events
	requestID   string
	evaluatedAt int64 // by PostHog, in ms since 1970
	loadedAt    int64 // the definitions, in ms since 1970
	code        string
	err         error
}

// localAnswer is what the definitions of s say.
func localAnswer(s *poll.State, f flags.Flag, r *flags.Result) flagAnswer {
	a := flagAnswer{
		key:         f.Key(),
		value:       r.Value,
		source:      SourceLocal,
		reason:      r.Reason.String(),
		description: evaluatedLocally,
		condition:   r.Condition,
		id:          f.ID(),
		version:     f.Version(),
		minimal:     s.Definitions.Minimal(),
		loadedAt:    s.LoadedAt.UnixMilli(),
	}
	a.payload, _ = f.Payload(r.Value)
	if has, known := f.HasExperiment(); known {
		a.experiment = choose(has)
	}
	return a
}

// remoteAnswer is what PostHog says of one flag.
func remoteAnswer(r *flagapi.Answer, f *flagapi.Flag) flagAnswer {
	a := flagAnswer{
		key:         f.Key,
		value:       f.Value,
		source:      SourceRemote,
		reason:      f.Code,
		description: f.Description,
		condition:   f.ConditionIndex,
		payload:     f.Payload,
		id:          f.ID,
		version:     f.Version,
		minimal:     r.Minimal,
		requestID:   r.RequestID,
		evaluatedAt: r.EvaluatedAt,
	}
	if a.description == "" {
		a.description = f.Code
	}
	if f.ExperimentKnown {
		a.experiment = choose(f.HasExperiment)
	}
	if r.ErrorsWhileComputing {
		a.code = codeComputing // of others perhaps: the value is good
	}
	if f.Failed {
		a = unknownFlag(f.Key, codeFailed, nil)
		if r.ErrorsWhileComputing {
			a.code = codeComputing + "," + codeFailed
		}
	}
	return a
}

// unknownFlag is the answer that nobody knows.
func unknownFlag(key, code string, err error) flagAnswer {
	return flagAnswer{key: key, condition: -1, code: code, err: err}
}

// detail is a as its reader sees it.
func (a *flagAnswer) detail() FlagDetail {
	d := FlagDetail{Key: a.key, Value: a.value, Source: a.source, Reason: a.reason, Condition: a.condition, ID: a.id, Version: a.version}
	if !a.value.Known() {
		var fe *FlagError
		if !errors.As(a.err, &fe) {
			fe = &FlagError{Key: a.key, Code: a.code, Err: a.err}
		}
		d.Err = fe
	}
	return d
}

// decode decodes the payload into dst.
func (a *flagAnswer) decode(dst any) error {
	if !a.value.Known() {
		return errors.Join(ErrNoPayload, a.detail().Err)
	}
	return decodePayload(a.payload, dst)
}

// flagError is err, which comes from asking PostHog, as a *FlagError.
func flagError(key string, err error) *FlagError {
	return &FlagError{Key: key, Code: flagCode(err), Err: err}
}

// errQuota says that PostHog answers no flags, as the quota is used up.
var errQuota = &FlagError{Code: flagapi.CodeQuotaLimited}

// flagCode returns the code of an error in asking PostHog.
func flagCode(err error) string {
	var fe *FlagError
	if errors.As(err, &fe) {
		return fe.Code
	}
	return flagapi.Code(err)
}
