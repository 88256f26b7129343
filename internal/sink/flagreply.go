package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// tell answers a request about flags, surveys or the configuration. err is why it could not be read; tell
// returns why it was refused.
func (s *Sink) tell(e endpoint, f Fault, c conditions, x *Exchange, err error) (reply, error) {
	in := FlagRequest{Request: x.Request}
	says := reply{status: http.StatusOK}
	if e.kind == flagValues {
		x.Flags = &in
		if err == nil {
			in, err = decodeFlags(x.Request, e) // even if its reply is settled: what it asked stays to be seen
		}
	}
	if err == nil && f.status()/100 == 2 {
		switch e.kind {
		case flagValues:
			says, err = s.valuesReply(in, c)
		case definitions:
			says, err = s.definitionsReply(x.Request, c)
		case surveys:
			says, err = s.surveysReply(x.Request, c)
		case startUp:
			says, err = s.startUpReply(x.Request, c)
		default:
			says, err = s.configReply(x.Request, c)
		}
	}
	x.Status = f.settle(says.status, err)
	in.Status = x.Status
	s.record(e, in)
	if says.text == nil {
		return reply{status: x.Status, text: flagError(x.Status, err), contentType: isJSON}, err
	}
	says.status = x.Status
	return says, err
}

// valuesReply has the values of flags for one person.
func (s *Sink) valuesReply(in FlagRequest, c conditions) (reply, error) {
	if err := c.authorize(in.APIKey); err != nil {
		return reply{}, err
	}
	if in.DistinctID == "" {
		return reply{}, bad("distinct_id is missing or empty")
	}
	var flags []Flag
	if !c.limited {
		flags = s.flagsFor(in)
	}
	return reply{status: http.StatusOK, text: s.flagText(in, c, flags), contentType: isJSON}, nil
}

// flagText is the reply in the shape that the request calls for, with the configuration
// if it asks for that, too.
func (s *Sink) flagText(in FlagRequest, c conditions, flags []Flag) []byte {
	text := s.flagValues(in, c, flags)
	if in.wantsConfig() {
		text = append(text[:len(text)-1], ","+switchedOff+"}"...)
	}
	return text
}

func (s *Sink) flagValues(in FlagRequest, c conditions, flags []Flag) []byte {
	var limited []string
	if c.limited {
		limited = []string{"feature_flags"}
	}
	failing := c.failing
	for _, f := range flags {
		failing = failing || f.Failed
	}
	shape := in.shape()
	if c.legacy && shape == detailed {
		shape = valued
	}
	switch shape {
	case listed:
		on := []string{}
		for _, f := range flags {
			if f.Enabled && !f.Failed {
				on = append(on, f.Key)
			}
		}
		return marshal(listedReply{on, limited})
	case valued:
		r := valuedReply{Limited: limited, Failing: failing}
		for _, f := range flags {
			if f.Failed {
				continue
			}
			r.Values.add(f.Key, f.value())
			if f.Payload != nil {
				r.Payloads.add(f.Key, f.payload())
			}
		}
		return marshal(r)
	}
	r := detailedReply{
		Failing:     failing,
		RequestID:   s.requestID(),
		EvaluatedAt: time.Now().UnixMilli(),
		Limited:     limited,
		Minimal:     c.minimal,
	}
	for _, f := range flags {
		r.Flags.add(f.Key, f.detail())
	}
	return marshal(r)
}

// requestID returns the next UUID that names a reply. They count, so that a test
// knows them.
func (s *Sink) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags.replies++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.flags.replies)
}

type listedReply struct {
	Keys    []string `json:"featureFlags"`
	Limited []string `json:"quotaLimited,omitempty"`
}

type valuedReply struct {
	Values   members  `json:"featureFlags"`
	Payloads members  `json:"featureFlagPayloads"`
	Failing  bool     `json:"errorsWhileComputingFlags"`
	Limited  []string `json:"quotaLimited,omitempty"`
}

type detailedReply struct {
	Flags       members  `json:"flags"`
	Failing     bool     `json:"errorsWhileComputingFlags"`
	RequestID   string   `json:"requestId"`
	EvaluatedAt int64    `json:"evaluatedAt"`
	Limited     []string `json:"quotaLimited,omitempty"`
	Minimal     bool     `json:"minimalFlagCalledEvents,omitempty"`
}

type flagDetail struct {
	Key      string       `json:"key"`
	Enabled  bool         `json:"enabled"`
	Variant  *string      `json:"variant"`
	Failed   bool         `json:"failed,omitempty"`
	Reason   flagReason   `json:"reason"`
	Metadata flagMetadata `json:"metadata"`
}

type flagReason struct {
	Code        string  `json:"code"`
	Condition   *int    `json:"condition_index"`
	Description *string `json:"description"`
}

type flagMetadata struct {
	ID            int64           `json:"id"`
	Version       int64           `json:"version"`
	Description   *string         `json:"description"`
	Payload       json.RawMessage `json:"payload"`
	HasExperiment *bool           `json:"has_experiment,omitempty"`
}

func (f Flag) detail() flagDetail {
	d := flagDetail{
		Key:      f.Key,
		Enabled:  f.Enabled && !f.Failed,
		Failed:   f.Failed,
		Reason:   flagReason{Code: f.Reason},
		Metadata: flagMetadata{ID: f.ID, Version: f.Version, Payload: f.payload(), HasExperiment: f.HasExperiment},
	}
	if d.Enabled && f.Variant != "" {
		d.Variant = &f.Variant
	}
	if f.Condition >= 0 {
		d.Reason.Condition = &f.Condition
	}
	if text := f.description(); text != "" {
		d.Reason.Description = &text
	}
	return d
}

// members are those of a JSON object in the order in which they were added.
type members []byte

func (m *members) add(key string, value any) {
	if len(*m) > 0 {
		*m = append(*m, ',')
	}
	*m = append(*m, marshal(key)...)
	*m = append(*m, ':')
	*m = append(*m, marshal(value)...)
}

// MarshalJSON returns the object.
func (m members) MarshalJSON() ([]byte, error) {
	return append(append([]byte{'{'}, m...), '}'), nil
}

// marshal returns the JSON text of a value that has one.
func marshal(v any) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // nor does the server
	_ = e.Encode(v)        // strings, numbers and valid JSON do not fail
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'})
}

// flagError is the body of a refusal.
func flagError(status int, cause error) []byte {
	says := struct {
		Type      string  `json:"type"`
		Code      string  `json:"code"`
		Detail    string  `json:"detail"`
		Attribute *string `json:"attr"`
	}{"server_error", codeOf(status, cause), http.StatusText(status), nil}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		says.Type = "validation_error"
	case http.StatusUnauthorized, http.StatusForbidden:
		says.Type = "authentication_error"
	case http.StatusPaymentRequired:
		says.Type = "quota_limited"
	case http.StatusNotFound:
		says.Type = "invalid_request"
	case http.StatusTooManyRequests:
		says.Type, says.Code = "validation_error", "rate_limit_exceeded"
	}
	if cause != nil {
		says.Detail = cause.Error()
	}
	return marshal(says)
}
