// Package posthog has the shape of what posthog-go offers to programs that send events.
package posthog

import "time"

type Message interface{ message() }

type Client interface {
	Enqueue(Message) error
	IsFeatureEnabled(FeatureFlagPayload) (interface{}, error)
	Close() error
}

type Properties map[string]interface{}

func NewProperties() Properties { return Properties{} }

func (p Properties) Set(name string, value interface{}) Properties {
	p[name] = value
	return p
}

func (p Properties) Merge(other Properties) Properties { return p }

type Groups map[string]interface{}

func NewGroups() Groups { return Groups{} }

func (g Groups) Set(name string, value interface{}) Groups {
	g[name] = value
	return g
}

type Capture struct {
	Uuid             string
	DistinctId       string
	Event            string
	Timestamp        time.Time
	Properties       Properties
	Groups           Groups
	SendFeatureFlags bool
}

type Identify struct {
	DistinctId string
	Properties Properties
}

type GroupIdentify struct {
	Type, Key, DistinctId string
	Properties            Properties
}

type Alias struct{ DistinctId, Alias string }

type FeatureFlagPayload struct{ Key, DistinctId string }

func (Capture) message()       {}
func (Identify) message()      {}
func (GroupIdentify) message() {}
func (Alias) message()         {}
