package phtest

import (
	"maps"
	"sync"

	"github.com/phgen/phgen/internal/sink"
)

// people are the person properties that kept events have set, by distinct ID. Aliases
// are not followed.
type people struct {
	mu         sync.Mutex
	properties map[string]map[string]any
}

// learn takes the person updates of an event.
func (p *people) learn(e sink.Event) {
	set, _ := e.Properties["$set"].(map[string]any)
	once, _ := e.Properties["$set_once"].(map[string]any)
	unset, _ := e.Properties["$unset"].([]any)
	if len(set)+len(once)+len(unset) == 0 || e.Properties["$process_person_profile"] == false || e.Options["process_person_profile"] == false {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.properties == nil {
		p.properties = map[string]map[string]any{}
	}
	person := maps.Clone(once)
	if person == nil {
		person = map[string]any{}
	}
	maps.Copy(person, p.properties[e.DistinctID])
	maps.Copy(person, set)
	for _, key := range unset {
		if key, ok := key.(string); ok {
			delete(person, key)
		}
	}
	p.properties[e.DistinctID] = person
}

// of returns the properties of a person, which the caller does not change.
func (p *people) of(distinctID string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.properties[distinctID]
}
