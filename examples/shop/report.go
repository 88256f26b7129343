package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/phgen/phgen/examples/internal/listing"
	"github.com/phgen/phgen/internal/sink"
)

// A report is what PostHog would make of the events.
type report struct {
	people     []*person    // in the order of their first events
	exceptions []*exception // in the order of time
	groups     []*group     // likewise
	problems   []string
}

// A person is somebody who may have several distinct IDs.
type person struct {
	id         string   // empty: everybody who has no profile
	others     []string // IDs of the same person: that before the login, and those of nobody
	sessions   []string
	properties map[string]any
	entries    []entry
}

// An entry is one event in a timeline.
type entry struct {
	at    time.Time
	name  string
	where string // the request or the job
	what  string // flags and properties
	flags string // that the event carries
	group string // or empty
}

// String is what the entry is about, without time and properties.
func (e entry) String() string {
	var parts []string
	for _, s := range []string{e.name, e.where, e.flags, e.group} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// A group is what its members' events belong to.
type group struct {
	id         string // type and key
	properties map[string]any
	events     map[string]int // by person
}

// newReport sorts the events by time and tells people, exceptions and groups from them.
func newReport(events []sink.Event) *report {
	r := &report{}
	times := make(map[string]time.Time, len(events))
	for _, e := range events {
		for _, p := range e.Problems {
			r.problems = append(r.problems, e.Name+": "+p)
		}
		at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
		if err != nil {
			r.problems = append(r.problems, e.Name+": "+err.Error())
		}
		times[e.UUID] = at
	}
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b sink.Event) int { return times[a.UUID].Compare(times[b.UUID]) })
	merged := merges(events)
	for _, e := range events {
		r.add(e, times[e.UUID], merged)
	}
	return r
}

// merges returns, by anonymous ID, whose it turned out to be.
func merges(events []sink.Event) map[string]string {
	merged := map[string]string{}
	for _, e := range events {
		if id := text(e.Properties["$anon_distinct_id"]); e.Name == "$identify" && id != "" {
			merged[id] = e.DistinctID
		}
	}
	return merged
}

func (r *report) add(e sink.Event, at time.Time, merged map[string]string) {
	id := cmp.Or(merged[e.DistinctID], e.DistinctID)
	if e.Properties["$process_person_profile"] == false {
		id = ""
	}
	p := r.person(id)
	if id != e.DistinctID {
		p.others = appendNew(p.others, e.DistinctID)
	}
	if session := text(e.Properties["$session_id"]); session != "" {
		p.sessions = appendNew(p.sessions, session)
	}
	for _, key := range []string{"$set_once", "$set"} {
		set, _ := e.Properties[key].(map[string]any)
		maps.Copy(p.properties, set)
	}
	own := entry{at: at, name: e.Name, where: where(e), flags: flagsOf(e)}
	own.what = shorten(strings.TrimSpace(own.flags + " " + properties(e)))
	groups, _ := e.Properties["$groups"].(map[string]any)
	if e.Name == "$groupidentify" {
		groups = map[string]any{text(e.Properties["$group_type"]): e.Properties["$group_key"]}
	}
	for _, kind := range slices.Sorted(maps.Keys(groups)) {
		g := r.group(kind + " " + text(groups[kind]))
		g.events[id]++
		set, _ := e.Properties["$group_set"].(map[string]any)
		maps.Copy(g.properties, set)
		own.group = g.id
	}
	if e.Name == "$exception" {
		x := newException(id, own.where, e)
		r.exceptions = append(r.exceptions, x)
		own.what = shorten(x.items[0].title())
	}
	p.entries = append(p.entries, own)
}

// person returns the one with the ID, and adds it if there is none.
func (r *report) person(id string) *person {
	if i := slices.IndexFunc(r.people, func(p *person) bool { return p.id == id }); i >= 0 {
		return r.people[i]
	}
	r.people = append(r.people, &person{id: id, properties: map[string]any{}})
	return r.people[len(r.people)-1]
}

func (r *report) group(id string) *group {
	if i := slices.IndexFunc(r.groups, func(g *group) bool { return g.id == id }); i >= 0 {
		return r.groups[i]
	}
	r.groups = append(r.groups, &group{id: id, properties: map[string]any{}, events: map[string]int{}})
	return r.groups[len(r.groups)-1]
}

func appendNew(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// flagsOf lists the flags that an event carries, by which insights are broken down.
func flagsOf(e sink.Event) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(e.Properties)) {
		if flag, ok := strings.CutPrefix(key, "$feature/"); ok {
			parts = append(parts, fmt.Sprintf("%s=%v", flag, e.Properties[key]))
		}
	}
	return strings.Join(parts, " ")
}

// where is the request or the job that an event comes from.
func where(e sink.Event) string {
	if job := text(e.Properties["job"]); job != "" {
		return "job: " + job
	}
	return strings.TrimSpace(text(e.Properties["$request_method"]) + " " + text(e.Properties["$request_path"]))
}

// properties lists what an event says itself: without what its scope and the library say.
func properties(e sink.Event) string {
	tags, _ := e.Properties["$context_tags"].([]any)
	return listing.Properties(e, func(name string) bool {
		return !slices.Contains(tags, any(name)) && (!strings.HasPrefix(name, "$") || isTold(name))
	})
}

// isTold reports whether a property with a $ is a part of the story.
func isTold(name string) bool {
	switch name {
	case "$set", "$group_set", "$anon_distinct_id", "$response_status_code":
		return true
	}
	return false
}

// text returns v if it is a string, and else nothing.
func text(v any) string {
	s, _ := v.(string)
	return s
}

const maxColumn = 84

func shorten(s string) string { return listing.Shorten(s, maxColumn) }

// settings lists properties by name.
func settings(properties map[string]any) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		parts = append(parts, fmt.Sprintf("%s=%v", key, properties[key]))
	}
	return strings.Join(parts, " ")
}
