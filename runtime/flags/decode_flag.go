package flags

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// decodeFlag reads one flag. The caller takes the error: if there is one, only the key
// is of use.
func (d *document) decodeFlag() *flag {
	f := &flag{group: noGroup, memo: -1}
	if !d.in("it", '{') {
		d.fail("it is null, want an object")
		return f
	}
	active, continuity := off, unsaid
	var more flagMore
	for d.more('}') {
		switch name := d.name(); name {
		case "key":
			f.key = d.word(name)
		case "id":
			f.id, _ = d.integer(name)
		case "version":
			f.version, _ = d.integer(name)
		case "active":
			active = d.setting(name)
		case "has_experiment":
			f.experiment = d.setting(name)
		case "has_encrypted_payloads":
			f.encrypted = d.setting(name) == on
		case "ensure_experience_continuity":
			continuity = d.setting(name)
		case "bucketing_identifier":
			if word := d.word(name); word != "" {
				more.bucketing = word
			}
		case "filters":
			d.decodeFilters(f, &more)
		default:
			d.raw()
		}
	}
	if f.key == "" {
		d.fail("it has no key")
	}
	if more.bucketing == "device_id" {
		f.bucketing = byDeviceID
	}
	if continuity == on {
		f.bucketing = byMemory
	}
	switch {
	case active != on:
		f.setFixed(decided(choiceFalse, ReasonDisabled, -1))
	case more.version > 1 && d.err == nil:
		f.fail(fmt.Errorf("filters have version %d", more.version))
	}
	return f
}

// A flagMore is what the filters of a flag say about the flag itself.
type flagMore struct {
	bucketing string
	version   int64
}

// decodeFilters reads what the flag releases to whom.
func (d *document) decodeFilters(f *flag, more *flagMore) {
	if !d.in("filters", '{') {
		return
	}
	var legacy *holdout
	hasHoldout := false
	for d.more('}') {
		switch name := d.name(); name {
		case "groups":
			f.conditions = d.decodeConditions(name)
		case "multivariate":
			d.decodeVariants(f)
		case "aggregation_group_type_index":
			f.group = d.groupIndex(name)
		case "payloads":
			d.decodePayloads(f)
		case "early_exit":
			f.earlyExit = d.setting(name) == on
		case "bucketing_identifier":
			if word := d.word(name); more.bucketing == "" {
				more.bucketing = word
			}
		case "holdout":
			f.holdout, hasHoldout = d.decodeHoldout()
		case "holdout_groups":
			legacy = d.decodeHoldoutGroups(name)
		case "feature_enrollment":
			if d.setting(name) == on {
				f.enrollment = &Need{Kind: NeedPersonProperty}
			}
		case "super_groups":
			if conditions := d.decodeConditions(name); len(conditions) > 0 {
				f.super = &conditions[0]
			}
		case "version":
			more.version, _ = d.integer(name)
		default:
			d.raw()
		}
	}
	if !hasHoldout {
		f.holdout = legacy
	}
}

// groupIndex reads the number of a group type.
func (d *decoder) groupIndex(field string) groupIndex {
	n, ok := d.integer(field)
	if !ok {
		return noGroup
	}
	if n < 0 {
		d.fail("%s is %d, want 0 or more", field, n)
	}
	return groupIndex(n)
}

func (d *document) decodeVariants(f *flag) {
	if !d.in("multivariate", '{') {
		return
	}
	for d.more('}') {
		name := d.name()
		if name != "variants" {
			d.raw()
			continue
		}
		f.variants = nil
		if !d.in(name, '[') {
			continue
		}
		for bound := 0.0; d.more(']'); {
			f.variants = append(f.variants, d.decodeVariant(&bound))
		}
	}
}

// decodeVariant reads a variant that begins where the one before ended, at bound.
func (d *document) decodeVariant(bound *float64) variant {
	var key string
	var percentage float64
	var ok bool
	if d.in("variant", '{') {
		for d.more('}') {
			switch name := d.name(); name {
			case "key":
				key = d.word("a variant's key")
			case "rollout_percentage":
				percentage, ok = d.float("a variant's rollout_percentage")
			default:
				d.raw()
			}
		}
	}
	if key == "" {
		d.fail("a variant has no key")
	}
	if !ok {
		d.fail("variant %q has no rollout_percentage", key)
	}
	*bound += percentage / 100
	high := *bound
	return variant{value: Variant(key), limit: firstNot(func(h float64) bool { return h < high })}
}

// decodePayloads reads the texts that belong to values. PostHog keeps JSON as text; what
// is no string is taken as JSON itself.
func (d *document) decodePayloads(f *flag) {
	if !d.in("payloads", '{') {
		return
	}
	for d.more('}') {
		key := d.name()
		if d.null() {
			continue
		}
		text := ""
		if d.peek() == '"' {
			text = d.string()
		} else {
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(d.raw())); err != nil {
				d.fail("payload of %q: %w", key, err)
			}
			text = compact.String()
		}
		if text == "" {
			continue
		}
		if f.payloads == nil {
			f.payloads = map[string]string{}
		}
		f.payloads[key] = text
	}
}

// decodeHoldout reads the holdout. One without an ID or a percentage keeps nobody out.
func (d *document) decodeHoldout() (h *holdout, present bool) {
	if d.null() {
		return nil, false
	}
	if !d.in("holdout", '{') {
		return nil, true
	}
	var id int64
	var percentage float64
	var hasID, hasPercentage bool
	for d.more('}') {
		switch name := d.name(); name {
		case "id":
			id, hasID = d.integer("the holdout's id")
		case "exclusion_percentage":
			percentage, hasPercentage = d.float("the holdout's exclusion_percentage")
		default:
			d.raw()
		}
	}
	if !hasID || !hasPercentage {
		return nil, true
	}
	return &holdout{value: Variant(holdoutPrefix + strconv.FormatInt(id, 10)), limit: rolloutLimit(percentage)}, true
}

// decodeHoldoutGroups reads what older documents have instead of a holdout.
func (d *document) decodeHoldoutGroups(field string) *holdout {
	conditions := d.decodeConditions(field)
	if len(conditions) == 0 || conditions[0].variant == "" {
		return nil
	}
	c := &conditions[0]
	if len(c.filters) > 0 {
		d.fail("%s look at properties", field)
	}
	return &holdout{value: Variant(c.variant), limit: c.limit}
}

func (d *document) decodeConditions(field string) []condition {
	if !d.in(field, '[') {
		return nil
	}
	var conditions []condition
	for i := 0; d.more(']'); i++ {
		before := d.err
		conditions = append(conditions, d.decodeCondition())
		if d.err != nil && before == nil {
			d.err = fmt.Errorf("%s[%d]: %w", field, i, d.err)
		}
	}
	return conditions
}

func (d *document) decodeCondition() condition {
	c := condition{limit: points, group: inherited}
	if !d.in("the condition", '{') {
		d.fail("the condition is null, want an object")
		return c
	}
	for d.more('}') {
		switch name := d.name(); name {
		case "properties":
			c.filters = d.decodeProperties(name)
		case "rollout_percentage":
			if percentage, ok := d.float(name); ok {
				c.limit = rolloutLimit(percentage)
			}
		case "variant":
			c.variant = d.word(name)
		case "aggregation_group_type_index":
			c.group = d.groupIndex(name)
		default:
			d.raw()
		}
	}
	return c
}

func (d *document) decodeProperties(field string) []filter {
	if !d.in(field, '[') {
		return nil
	}
	d.filters = d.filters[:0]
	for d.more(']') {
		d.filters = append(d.filters, d.decodeFilter())
	}
	return slices.Clone(d.filters)
}
