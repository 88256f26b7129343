package dev

import (
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/typo"
	"github.com/phgen/phgen/schema"
)

// Event returns all that is known of an event; false if it is not kept. Its Raw is the
// store's own and must not be changed.
func (s *Store) Event(seq uint64) (Detail, bool) {
	s.mu.Lock()
	e := s.kept.entry(seq)
	if e == nil {
		s.mu.Unlock()
		return Detail{}, false
	}
	d := Detail{
		Row: s.kept.row(seq), Raw: e.raw,
		Path: s.kept.words.text(e.path), SDK: s.kept.words.text(e.sdk),
	}
	p := s.plan
	s.mu.Unlock()
	event, err := sink.ParseEvent(d.Path, d.Raw)
	if err != nil {
		return d, true // it was taken once, so there is none
	}
	d.UUID, d.Timestamp = event.UUID, event.Timestamp
	p.detail(&d, event)
	if len(d.All) > 0 && p.Plan != nil {
		d.Snippet = p.snippet(event, d.All, s.alike(event))
	}
	return d, true
}

// detail adds what the plan says of an event, which may be another plan than its row is of.
func (p *plan) detail(d *Detail, event sink.Event) {
	j := p.assess(event)
	d.Verdict, d.Finding, d.Findings, d.Deprecated = j.verdict, j.first(), len(j.findings), j.deprecated
	d.All = j.findings
	if p.Plan == nil {
		return
	}
	holders := p.holders(event)
	for _, h := range holders {
		for _, property := range h.properties {
			d.Planned = append(d.Planned, planned(h, property, d.All))
		}
	}
	d.Planned = append(d.Planned, p.plannedGroups(event, d.All)...)
	d.Plan = place(p.places.Of(event.Name, ""))
	for i := range d.All {
		f := &d.All[i]
		if f.Rule == protocolRule {
			continue
		}
		f.Plan = place(p.places.Of(event.Name, f.Path))
		if j := slices.IndexFunc(d.Planned, func(row Planned) bool { return concerns(f.Path, row.Key) }); j >= 0 && f.Plan == "" {
			f.Plan = d.Planned[j].Plan
		}
		if f.Rule == "extra_properties" && i < maxMeant {
			f.Message += meant(nearest(f.Path, holders))
		}
	}
}

// maxMeant bounds the findings of one event for which a planned key is looked for.
const maxMeant = 50

// nearest returns the planned key, among those that were not sent, that the last one of a
// path was meant to be.
func nearest(path string, holders []holder) string {
	var unsent []string
	key := path
	for _, h := range holders {
		rest, within := strings.CutPrefix(path, h.prefix)
		if !within || h.prefix == "" && strings.HasPrefix(path, "$") {
			continue
		}
		key = rest
		for _, property := range h.properties {
			if _, sent := h.sent[property.Key]; !sent {
				unsent = append(unsent, property.Key)
			}
		}
	}
	return typo.Nearest(key, unsent)
}

func place(pos schema.Pos) string {
	if pos.Line == 0 {
		return ""
	}
	return pos.String()
}
